using System.Globalization;
using Engine.Campaigns.Holdouts;
using Engine.Campaigns.Lift;
using Engine.Server.Errors;
using Engine.Server.Holdouts;
using Engine.Server.Tasks;
using Proto = Engine.Protos.V1;

namespace Engine.Server.Contract;

/// <summary>
/// Lift and the planning of holdouts in the terms of the contract: the same code in the server and on the command line.
/// </summary>
internal static class LiftAnswers
{
    private const double DefaultPower = 0.8;

    /// <summary>A task that was sent.</summary>
    /// <param name="store">The tasks.</param>
    /// <param name="id">The task.</param>
    /// <param name="snapshotFile">The path of a published snapshot.</param>
    /// <exception cref="InputException">The task has no result, or holds out nobody.</exception>
    public static SentCampaign Sent(TaskStore store, string id, Func<string, string> snapshotFile)
    {
        using (store.OpenResult(id, heldOut: true))
        {
            // It is there, whole.
        }

        var record = store.Get(id);
        return new SentCampaign(
            id,
            store.ResultPath(id),
            store.ResultPath(record, heldOut: true),
            record.Holdout!,
            snapshotFile(record.SnapshotId));
    }

    /// <summary>Measures a campaign.</summary>
    /// <exception cref="InputException">The days, the dataset or the results do not fit.</exception>
    public static Proto.TaskLiftReply Answer(
        SentCampaign campaign, string dataset, string sent, int days, CancellationToken cancel)
    {
        DateOnly? day = sent.Length == 0 ? null
            : DateOnly.TryParseExact(
                sent, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var parsed) ? parsed
            : throw new FieldException("sent", $"found sent = '{sent}'; expected a day such as 2025-07-01");
        var lift = LiftRun.Measure(campaign, dataset, day, days == 0 ? null : days, cancel);
        var report = lift.Report;
        return new Proto.TaskLiftReply
        {
            TaskId = campaign.Name,
            FirstDay = Text(lift.First),
            LastDay = Text(lift.Last),
            Listed = Of(report.Listed),
            Any = Of(report.Any),
            Deciles = { report.Deciles.Select(Of) },
            Repeat = Of(report.Repeat),
            New = Of(report.New),
            HasRevenue = lift.HasRevenue,
            Notes = { lift.Notes },
        };
    }

    /// <summary>Plans a holdout.</summary>
    /// <exception cref="InputException">A number is out of its range.</exception>
    public static Proto.PlanHoldoutReply Plan(Proto.PlanHoldoutRequest request)
    {
        var size = HoldoutSize.Of(
            request.Users, request.BaseRate, request.Lift, request.Power == 0 ? DefaultPower : request.Power);
        var reply = new Proto.PlanHoldoutReply
        {
            HeldOut = size.HeldOut ?? 0,
            HoldoutShare = (size.HeldOut ?? 0) / (double)request.Users,
            LeastLift = size.LeastLift,
            UsersNeeded = size.UsersNeeded,
        };
        var lift = FormattableString.Invariant($"a lift of {100 * request.Lift:0.###} percentage points");
        reply.Advice = size.HeldOut is { } heldOut
            ? FormattableString.Invariant($"hold out {heldOut:N0} of {request.Users:N0} users (--holdout-share ")
                + FormattableString.Invariant($"{Math.Ceiling(1000 * reply.HoldoutShare) / 1000:0.###}) to show {lift}")
            : FormattableString.Invariant($"no holdout of {request.Users:N0} users shows {lift}. ")
                + FormattableString.Invariant($"It takes {size.UsersNeeded:N0} users; the smallest lift that shows ")
                + FormattableString.Invariant($"here is {100 * size.LeastLift:0.###} points");
        return reply;
    }

    private static string Text(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static Proto.LiftComparison Of(LiftComparison found)
    {
        var reply = new Proto.LiftComparison
        {
            Label = found.Label,
            Treated = Of(found.Treated),
            HeldOut = Of(found.HeldOut),
            Comparable = found.IsComparable,
            Claimed = found.IsClaimed,
            Verdict = found.Verdict,
        };
        if (!found.IsComparable)
        {
            return reply;
        }

        (reply.Difference, reply.Low, reply.High, reply.PValue) =
            (
                found.Conversion.Difference,
                found.Conversion.Interval.Low,
                found.Conversion.Interval.High,
                found.Conversion.PValue);
        (reply.RevenueDifference, reply.RevenueLow, reply.RevenueHigh, reply.RevenuePValue) =
            (found.Revenue.Difference, found.Revenue.Interval.Low, found.Revenue.Interval.High, found.Revenue.PValue);
        return reply;
    }

    private static Proto.LiftGroup Of(LiftGroup group)
    {
        var reply = new Proto.LiftGroup
        {
            Users = group.Users,
            Buyers = group.Buyers,
            Conversion = group.Conversion,
            Revenue = group.Revenue.Sum,
            RevenuePerUser = group.Revenue.Mean,
            Kept = group.Kept,
        };
        if (!double.IsNaN(group.Promised))
        {
            reply.Promised = group.Promised;
        }

        return reply;
    }
}

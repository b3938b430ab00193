using System.CommandLine;
using System.Globalization;
using Engine.Kernels;
using Engine.Protos.V1;
using Engine.Server.Contract;
using Engine.Server.Holdouts;
using Engine.Server.Tasks;
using Spectre.Console;

namespace Engine.Server.Commands;

/// <summary>lift: what a campaign with a holdout brought.</summary>
internal static class LiftCommand
{
    /// <summary>The verb.</summary>
    public static Command Create()
    {
        var campaign = new Argument<string>("task")
        {
            Description = "A task id of the workspace, or the result file of a batch with --holdout-share.",
        };
        var snapshots = new Option<string>("--snapshots")
        {
            Description = "The snapshot root, or a workspace folder.",
            Required = true,
        };
        var dataset = new Option<string>("--dataset")
        {
            Description = "dataset.json, or the folder of an extract, with the purchases after the messages.",
            Required = true,
        };
        var sent = new Option<string>("--sent")
        {
            Description = "The day of the messages, yyyy-mm-dd. Default: the day after the snapshot's last day.",
            DefaultValueFactory = _ => "",
        };
        var days = new Option<int>("--days")
        {
            Description = "Days to measure, 1..365. Default: the snapshot's horizon.",
            Validators = { OptionRules.RefuseBelowOne },
        };
        var json = new Option<bool>("--json") { Description = "The reply as JSON, as the server gives it over HTTP." };
        var command = new Command("lift", "Measure what a campaign brought: treated against held-out users.")
        {
            campaign, snapshots, dataset, sent, days, json,
        };
        command.SetAction((parsed, cancellation) =>
        {
            var reply = LiftAnswers.Answer(
                Sent(parsed.GetRequiredValue(campaign), parsed.GetRequiredValue(snapshots)),
                parsed.GetRequiredValue(dataset),
                parsed.GetRequiredValue(sent), parsed.GetValue(days), cancellation);
            if (parsed.GetValue(json))
            {
                Console.WriteLine(JsonOutput.Format(reply));
            }
            else
            {
                Print(reply);
            }

            return System.Threading.Tasks.Task.FromResult(0);
        });
        return command;
    }

    /// <summary>Whether a campaign is named by its result file.</summary>
    public static bool IsFile(string campaign) =>
        campaign.EndsWith(".csv", StringComparison.OrdinalIgnoreCase)
        || campaign.EndsWith(".parquet", StringComparison.OrdinalIgnoreCase);

    /// <summary>A campaign with a holdout.</summary>
    /// <exception cref="InputException">There is none of that name, or it holds out nobody.</exception>
    public static SentCampaign Sent(string campaign, string snapshots)
    {
        var folder = Path.GetDirectoryName(SnapshotPath.Resolve(snapshots))!;
        string FileOf(string id) => Path.Combine(folder, id + ".snapshot");
        if (IsFile(campaign))
        {
            var holdout = HoldoutRecord.Read(campaign);
            return new SentCampaign(
                campaign, campaign, HoldoutRecord.FileOf(campaign), holdout, FileOf(holdout.SnapshotId));
        }

        return LiftAnswers.Sent(new TaskStore(folder), campaign, FileOf);
    }

    private static void Print(TaskLiftReply reply)
    {
        var console = Screen.Create();
        console.WriteLine($"purchases from {reply.FirstDay} to {reply.LastDay}, campaign {reply.TaskId}");
        var table = Screen.Table(
            "users", "treated", "buyers", "conversion", "held out", "buyers", "conversion", "difference, points",
            "95 % interval", "p");
        foreach (var row in new[] { reply.Listed, reply.Any, reply.Repeat, reply.New }.Concat(reply.Deciles))
        {
            table.AddRow(
                Screen.Text(row.Label),
                Whole(row.Treated.Users),
                Whole(row.Treated.Buyers),
                Percent(row.Treated.Conversion),
                Whole(row.HeldOut.Users),
                Whole(row.HeldOut.Buyers),
                Percent(row.HeldOut.Conversion),
                row.Comparable ? Points(row.Difference) : "-",
                row.Comparable ? $"{Points(row.Low)} to {Points(row.High)}" : "-",
                row.Comparable ? row.PValue.ToString("F4", CultureInfo.InvariantCulture) : "-");
        }

        console.Write(table);
        if (reply.HasRevenue)
        {
            foreach (var row in new[] { reply.Listed, reply.Any })
            {
                Line(
                    $"revenue per user, {row.Label}: {row.Treated.RevenuePerUser:N4} treated, "
                    + $"{row.HeldOut.RevenuePerUser:N4} held out; "
                    + $"difference {row.RevenueDifference:+0.0000;-0.0000;0}, "
                    + $"95 % interval {row.RevenueLow:+0.0000;-0.0000;0} to {row.RevenueHigh:+0.0000;-0.0000;0}, "
                    + $"p = {row.RevenuePValue:0.0000}");
            }
        }

        if (reply.Listed.Treated.HasPromised)
        {
            Line(
                $"purchases of listed products: probabilities promised {reply.Listed.HeldOut.Promised:N1} to the "
                + $"held-out users, {reply.Listed.HeldOut.Kept:N0} came; {reply.Listed.Treated.Promised:N1} to the "
                + $"treated users, {reply.Listed.Treated.Kept:N0} came");
        }

        foreach (var note in reply.Notes)
        {
            console.WriteLine($"note     {note}");
        }

        console.WriteLine(reply.Listed.Verdict);

        void Line(InvariantText text) => console.WriteLine(text.Take());
    }

    private static string Whole(long value) => value.ToString("N0", CultureInfo.InvariantCulture);

    private static string Percent(double share) => (100 * share).ToString("F2", CultureInfo.InvariantCulture) + " %";

    private static string Points(double share) =>
        (100 * share).ToString("+0.00;-0.00;0.00", CultureInfo.InvariantCulture);
}

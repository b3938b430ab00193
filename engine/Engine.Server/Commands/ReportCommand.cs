using System.CommandLine;
using System.Globalization;
using System.Text;
using Engine.Server.Contract;
using Engine.Server.Holdouts;
using Engine.Server.Reports;
using Engine.Server.Tasks;
using Engine.Snapshots;
using Engine.Snapshots.Writing;
using Snapshot = Engine.Snapshots.Snapshot;

namespace Engine.Server.Commands;

/// <summary>report: a campaign as one page: who, what, why, expected buyers, then lift.</summary>
internal static class ReportCommand
{
    /// <summary>The verb.</summary>
    public static Command Create()
    {
        var campaign = new Argument<string>("task")
        {
            Description = "A task of the workspace that has succeeded, or the result file of a batch.",
        };
        var snapshots = new Option<string>("--snapshots")
        {
            Description = "The snapshot root, or a workspace folder.",
            Required = true,
        };
        var html = new Option<string>("--html")
        {
            Description = "The page: one file without scripts.",
            Required = true,
        };
        var dataset = new Option<string>("--dataset")
        {
            Description = "dataset.json, or the folder of an extract, with the purchases after the messages: adds the "
                + "lift.",
            DefaultValueFactory = _ => "",
        };
        var sent = new Option<string>("--sent")
        {
            Description = "As of `engine lift`.",
            DefaultValueFactory = _ => "",
        };
        var days = new Option<int>("--days")
        {
            Description = "As of `engine lift`.",
            Validators = { OptionRules.RefuseBelowOne },
        };
        var json = JsonOutput.Option();
        var command = new Command("report", "Write a page about a campaign: who, what, why, expected buyers, lift.")
        {
            campaign, snapshots, html, dataset, sent, days, json,
        };
        sent.Need(dataset);
        days.Need(dataset);
        command.SetAction((parsed, cancellation) =>
        {
            var current = SnapshotPath.Resolve(parsed.GetRequiredValue(snapshots));
            var name = parsed.GetRequiredValue(campaign);
            var (treated, holdout, heading) = LiftCommand.IsFile(name)
                ? OfFile(name, current)
                : OfTask(new TaskStore(Path.GetDirectoryName(current)!), name);
            var path = Path.Combine(Path.GetDirectoryName(current)!, $"{heading.SnapshotId}.snapshot");
            using var snapshot = File.Exists(path) ? Snapshot.OpenVerified(path, cancellation: cancellation) : null;
            var lift = parsed.GetRequiredValue(dataset) is { Length: > 0 } purchases
                ? LiftAnswers.Answer(
                    LiftCommand.Sent(name, parsed.GetRequiredValue(snapshots)),
                    purchases, parsed.GetRequiredValue(sent), parsed.GetValue(days), cancellation)
                : null;
            var page = CampaignPage.Of(
                heading.Page,
                CampaignFigures.Read(treated, snapshot, cancellation),
                holdout is null ? null : CampaignFigures.Read(HoldoutRecord.FileOf(treated), snapshot, cancellation),
                lift);
            var target = parsed.GetRequiredValue(html);
            AtomicFile.Write(Path.GetFullPath(target), stream => stream.Write(Encoding.UTF8.GetBytes(page)));
            Console.WriteLine(
                parsed.GetValue(json)
                    ? JsonText.Of(new { heading.SnapshotId, HasLift = lift is not null, Path = target })
                    : $"wrote {target}");
            return System.Threading.Tasks.Task.FromResult(0);
        });
        return command;
    }

    private static (string Treated, HoldoutRecord? Holdout, Heading Heading) OfFile(string file, string current)
    {
        if (!File.Exists(file))
        {
            throw new InputException($"the result file '{file}' does not exist. Give a file that `engine batch` wrote");
        }

        var holdout = HoldoutRecord.Has(file) ? HoldoutRecord.Read(file) : null;
        var id = holdout?.SnapshotId ?? Path.GetFileNameWithoutExtension(current);
        var notes = holdout is null
            ? new[] { $"The file does not name its snapshot. Reasons are those of {id}, which is published now." }
            : [];
        return (file, holdout, new Heading(
            id, new CampaignHeading(Path.GetFileName(file), [("snapshot", id), .. Draw(holdout)], notes)));
    }

    private static (string Treated, HoldoutRecord? Holdout, Heading Heading) OfTask(TaskStore store, string id)
    {
        using (store.OpenResult(id))
        {
            // It is there, whole.
        }

        var record = store.Get(id);
        return (store.ResultPath(id), record.Holdout, new Heading(record.SnapshotId, new CampaignHeading(
            id,
            [
                ("created", record.Created.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture) + " UTC"),
                ("snapshot", record.SnapshotId),
                ("audience", record.AudienceName.Length == 0 ? "all users" : record.AudienceName),
                ("pool", record.PoolText.Length == 0 ? "all products" : record.PoolText),
                ("campaign", record.Campaign is { } related
                    ? $"users of {related.ProductId}, products related to it" : "none"),
                ("products for each user", record.TopK.ToString(CultureInfo.InvariantCulture)),
                .. Draw(record.Holdout),
            ],
            record.Notes)));
    }

    private static IEnumerable<(string, string)> Draw(HoldoutRecord? holdout) => holdout is null ? [] :
    [
        ("held out", FormattableString.Invariant($"{100 * holdout.Share:0.##} % of the users, seed '{holdout.Seed}'")),
        ("data end on", holdout.LastDay.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)),
        ("horizon", FormattableString.Invariant($"{holdout.HorizonDays} days")),
    ];

    private sealed record Heading(string SnapshotId, CampaignHeading Page);
}

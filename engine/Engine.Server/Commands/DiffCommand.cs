using System.CommandLine;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Engine.Kernels;
using Engine.Protos.V1;
using Engine.Scoring.Comparing;
using Engine.Scoring.Ids;
using Engine.Scoring.Models;
using Engine.Server.Catalog;
using Engine.Server.Contract;
using Engine.Server.Workspaces;
using Engine.Snapshots;
using Spectre.Console;
using Snapshot = Engine.Snapshots.Snapshot;

namespace Engine.Server.Commands;

/// <summary>diff: what a new snapshot changes for the users, before it is served.</summary>
internal static class DiffCommand
{
    private const int BeyondPolicy = 3;

    /// <summary>The verb.</summary>
    public static Command Create()
    {
        var before = new Argument<string>("before")
        {
            Description = "The id of a published snapshot, CURRENT, PREVIOUS (the rollback target), "
                + "or a .snapshot file.",
        };
        var after = new Argument<string>("after") { Description = "The same." };
        var root = new Option<string>("--snapshots") { Description = "The snapshot root folder.", Required = true };
        var workspace = new Option<string>("--workspace")
        {
            Description = "The workspace.",
            DefaultValueFactory = _ => SnapshotDirectory.DefaultWorkspace,
        };
        var users = new Option<int>("--users")
        {
            Description = "Users to compare, evenly spread; 0 compares all.",
            DefaultValueFactory = _ => DiffAnswers.DefaultUsers,
        };
        var category = new Option<string?>("--category")
        {
            Description = "The text tag that stands for the category. Default: the first text tag.",
        };
        var policy = new Option<string?>("--policy")
        {
            Description = "Judge by this policy file; the exit code is 3 when it is exceeded. Default: "
                + "policy.json of the workspace, if there is one.",
        };
        var threads = new Option<int>("--threads")
        {
            Description = "Threads.",
            DefaultValueFactory = _ => Environment.ProcessorCount,
        };
        var json = new Option<bool>("--json") { Description = "The reply as JSON, as the server gives it over HTTP." };
        var command = new Command("diff", "Compare what two snapshots recommend.")
        {
            before, after, root, workspace, users, category, policy, threads, json,
        };
        command.SetAction((parsed, cancellation) =>
        {
            Require.Between("--users", parsed.GetRequiredValue(users), 0, int.MaxValue);
            Require.Between("--threads", parsed.GetRequiredValue(threads), 1, 1_024);
            var directory = new SnapshotDirectory(parsed.GetRequiredValue(root), parsed.GetRequiredValue(workspace));
            using var old = Open(directory, parsed.GetRequiredValue(before));
            using var current = Open(directory, parsed.GetRequiredValue(after));
            var options = PolicyFile.OptionsOf(
                parsed.GetRequiredValue(users) is > 0 and var count ? count : int.MaxValue,
                parsed.GetValue(category),
                parsed.GetRequiredValue(threads),
                new WorkspaceCatalog(directory.Path).Audiences);
            var diff = SnapshotComparer.Compare(old, current, options, cancellation);
            var file = parsed.GetValue(policy)
                ?? (Path.Combine(directory.Path, "policy.json") is var own && File.Exists(own) ? own : null);
            var reply = DiffAnswers.Of(diff, file is null ? [] : PolicyFile.Read(file).Judge(diff));
            if (parsed.GetValue(json))
            {
                Console.WriteLine(JsonOutput.Format(reply));
            }
            else
            {
                Print(reply);
            }

            return System.Threading.Tasks.Task.FromResult(reply.Breaches.Count == 0 ? 0 : BeyondPolicy);
        });
        return command;
    }

    [SuppressMessage("Reliability", "CA2000", Justification = "The model owns the snapshot.")]
    private static ScoringModel Open(SnapshotDirectory directory, string snapshot) =>
        new(File.Exists(snapshot) ? Snapshot.OpenVerified(snapshot) : directory.Open(snapshot switch
        {
            "CURRENT" => directory.ReadCurrent(),
            "PREVIOUS" => directory.Previous(),
            _ => snapshot,
        } ?? throw new InputException($"workspace '{directory.Workspace}' has no {snapshot} snapshot. Publish one")));

    private static void Print(DiffSnapshotsReply reply)
    {
        var console = Screen.Create();
        Line(
            $"{reply.Before} -> {reply.After}: lists of {reply.ComparedUsers:N0} of "
            + $"{reply.SharedUsers:N0} shared users compared");
        Line(
            $"users     {reply.UsersGone:N0} gone, {reply.UsersNew:N0} new; products {reply.ProductsGone:N0} gone, "
            + $"{reply.ProductsNew:N0} new");
        Line(
            $"lists     overlap@10 {reply.OverlapAt10:0.000}, overlap@50 {reply.OverlapAt50:0.000}, "
            + $"rank correlation {reply.RankCorrelation:0.000}, {reply.ChangedWholly:P1} of the users have "
            + $"a wholly different top 10");
        Line($"exposure  {reply.ExposureMoved:P1} of the top-10 places went to other products");
        var figures = Screen.Table("figure", "before", "after");
        foreach (var (name, change) in new[]
        {
            ("coverage", reply.Coverage),
            ("share of the most popular 1 %", reply.PopularityShare),
            ("best score, mean", reply.Score),
            ("best probability, mean", reply.Probability),
            ("held-out nDCG@10", reply.Ndcg), ("held-out recall@10", reply.Recall),
        })
        {
            figures.AddRow(name, Number(change.Before), Number(change.After));
        }

        console.Write(figures);
        Moves(console, "category", reply.Categories);
        Moves(console, "product", reply.Products);
        foreach (var audience in reply.Audiences)
        {
            Line(
                $"audience  {audience.Audience}: {audience.Users:N0} users, {audience.Before:N0} predicted before, "
                + $"{audience.After:N0} after; {audience.Left:N0} left, {audience.Joined:N0} joined");
        }

        foreach (var breach in reply.Breaches)
        {
            Line($"policy    {breach}");
        }

        void Line(InvariantText text) => console.WriteLine(text.Take());
    }

    private static void Moves(IAnsiConsole console, string what, IEnumerable<Protos.V1.ExposureMove> moves)
    {
        var table = Screen.Table(what, "exposure before", "after");
        foreach (var move in moves)
        {
            table.AddRow(
                Screen.Text(move.Name),
                move.Before.ToString("P2", CultureInfo.InvariantCulture),
                move.After.ToString("P2", CultureInfo.InvariantCulture));
        }

        console.Write(table);
    }

    private static string Number(
        double value) => double.IsNaN(value) ? "-" : value.ToString("0.####", CultureInfo.InvariantCulture);
}

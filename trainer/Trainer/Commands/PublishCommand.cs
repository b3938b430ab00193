using System.CommandLine;
using System.Globalization;
using Engine;
using Engine.Snapshots;
using Engine.Snapshots.Forgetting;
using Trainer.Data.Running;
using Trainer.Pipeline.Folding;

namespace Trainer.Commands;

/// <summary>The verb <c>publish</c>: a published snapshot as shards, a folder of snapshots for each.</summary>
public static class PublishCommand
{
    /// <summary>Makes the verb.</summary>
    public static Command Create()
    {
        var source = new Option<string>("--out")
        {
            Description = "The folder of snapshots that holds the snapshot",
            Required = true,
        };
        var workspace = new Option<string>("--workspace")
        {
            Description = "The workspace: one per tenant",
            DefaultValueFactory = _ => SnapshotDirectory.DefaultWorkspace,
        };
        var id = new Option<string?>("--snapshot") { Description = "The snapshot's id; if not given, that in CURRENT" };
        var shards = new Option<int>("--shards") { Description = "Files to cut it into, 2 to 1024", Required = true };
        var dataset = new Option<string?>("--dataset")
        {
            Description = "Fold the users of this dataset in, shard by shard, instead of taking those of the snapshot: "
                + "for more users than one training can hold",
        };
        var threads = RunOptions.Threads();
        var target = new Option<string>("--to")
        {
            Description = "Where to publish them: shard K in the folder of snapshots TO/shard-K",
            Required = true,
        };
        var command = new Command(
            "publish",
            "Cut a snapshot by its users into shards for engines that serve a part of the users each.")
        {
            source, workspace, id, shards, target, dataset, threads,
        };
        command.SetWork((parsed, cancel) =>
        {
            var directory = new SnapshotDirectory(parsed.GetRequiredValue(source), parsed.GetValue(workspace)!);
            var named = parsed.GetValue(id) ?? directory.ReadCurrent() ?? throw new InputException(
                $"nothing is published in {directory.Path} yet: "
                + $"run `trainer train --out {parsed.GetRequiredValue(source)}`");
            using var whole = directory.Open(named, cancellation: cancel);
            var (count, root) = (parsed.GetRequiredValue(shards), parsed.GetRequiredValue(target));
            var folders = Enumerable.Range(0, Math.Max(0, count)).Select(shard => new SnapshotDirectory(
                Path.Combine(root, string.Create(CultureInfo.InvariantCulture, $"shard-{shard}")),
                directory.Workspace)).ToArray();
            var context = new RunContext { Threads = parsed.GetValue(threads), Cancel = cancel };
            context.Validate();
            var ids = parsed.GetValue(dataset) is { } tables
                ? ConsoleProgress.Run(context, run => FoldedShards.Publish(
                    whole, tables, count, shard => folders[shard], ForgottenUsers.Read(directory.Path), run))
                : Cut(whole, folders, cancel);
            var published = ids.Select((name, shard) => Describe(folders[shard], name)).ToArray();
            parsed.Print(
                new { published[0].SetId, Shards = published },
                string.Join(
                    '\n',
                    published.Select(
                        shard => $"{shard.Snapshots}: {shard.Id}, buckets {shard.Buckets}, "
                            + $"{shard.UserCount:N0} users")));
            return 0;
        });
        return command;
    }

    private static List<string> Cut(Snapshot whole, SnapshotDirectory[] folders, CancellationToken cancellation)
    {
        var shards = new SnapshotShards(whole, folders.Length);
        return
        [
            .. folders.Select((folder, shard) => folder.Publish(path => shards.Write(path, shard, cancellation))),
        ];
    }

    private static PublishedShard Describe(SnapshotDirectory folder, string id)
    {
        using var shard = Snapshot.Open(folder.FilePath(id));
        return new(
            id,
            shard.SetId,
            Path.GetDirectoryName(folder.Path)!,
            shard.Shard!.Buckets.ToString(),
            shard.Manifest.UserCount);
    }

    private sealed record PublishedShard(string Id, string SetId, string Snapshots, string Buckets, int UserCount);
}

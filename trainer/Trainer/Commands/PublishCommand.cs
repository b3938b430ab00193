using System.CommandLine;
using System.Globalization;
using Engine;
using Engine.Snapshots;

namespace Trainer.Commands;

/// <summary>The verb <c>publish</c>: a published snapshot cut into shards, a folder of snapshots for each.</summary>
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
        var target = new Option<string>("--to")
        {
            Description = "Where to publish them: shard K in the folder of snapshots TO/shard-K",
            Required = true,
        };
        var command = new Command(
            "publish",
            "Cut a snapshot by its users into shards for engines that serve a part of the users each.")
        {
            source, workspace, id, shards, target,
        };
        command.SetWork((parsed, cancel) =>
        {
            var directory = new SnapshotDirectory(parsed.GetRequiredValue(source), parsed.GetValue(workspace)!);
            var named = parsed.GetValue(id) ?? directory.ReadCurrent() ?? throw new InputException(
                $"nothing is published in {directory.Path} yet: run `train --out {parsed.GetRequiredValue(source)}`");
            using var whole = directory.Open(named, cancellation: cancel);
            var published = Publish(
                whole, parsed.GetRequiredValue(shards), parsed.GetRequiredValue(target), directory.Workspace, cancel);
            parsed.Print(
                new { SetId = whole.Id, Shards = published },
                string.Join(
                    '\n',
                    published.Select(
                        shard => $"{shard.Snapshots}: {shard.Id}, buckets {shard.Buckets}, "
                            + $"{shard.UserCount:N0} users")));
            return 0;
        });
        return command;
    }

    private static List<PublishedShard> Publish(
        Snapshot whole, int count, string target, string workspace, CancellationToken cancellation)
    {
        var shards = new SnapshotShards(whole, count);
        var published = new List<PublishedShard>();
        for (var shard = 0; shard < count; shard++)
        {
            var number = shard;
            var root = Path.Combine(target, string.Create(CultureInfo.InvariantCulture, $"shard-{shard}"));
            var directory = new SnapshotDirectory(root, workspace);
            var id = directory.Publish(path => shards.Write(path, number, cancellation));
            using var written = directory.Open(id, cancellation: cancellation);
            published.Add(new(id, root, written.Shard!.Buckets.ToString(), written.Manifest.UserCount));
        }

        return published;
    }

    private sealed record PublishedShard(string Id, string Snapshots, string Buckets, int UserCount);
}

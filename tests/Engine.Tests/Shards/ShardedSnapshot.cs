using Engine.Scoring.Models;
using Engine.Snapshots;
using Engine.Snapshots.Writing;
using Tests.Shared;

namespace Engine.Tests.Shards;

/// <summary>One snapshot whole and cut into shards, all open as models.</summary>
internal sealed class ShardedSnapshot : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public ShardedSnapshot(SnapshotContent content, int shards)
    {
        Whole = new ScoringModel(RandomSnapshot.Open(content, _folder));
        var cut = new SnapshotShards(Whole.Snapshot, shards);
        Shards = [.. Enumerable.Range(0, shards).Select(shard =>
        {
            var path = _folder.File($"{Guid.NewGuid():N}.snapshot");
            cut.Write(path, shard);
            return new ScoringModel(Snapshot.OpenVerified(path));
        })];
    }

    public ScoringModel Whole { get; }

    public ScoringModel[] Shards { get; }

    public void Dispose()
    {
        Array.ForEach(Shards, shard => shard.Dispose());
        Whole.Dispose();
        _folder.Dispose();
    }
}

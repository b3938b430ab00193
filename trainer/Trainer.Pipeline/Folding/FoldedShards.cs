using Engine.Snapshots;
using Engine.Snapshots.Forgetting;
using Engine.Snapshots.Manifest;
using Trainer.Data.Running;
using Trainer.Data.Sources;

namespace Trainer.Pipeline.Folding;

/// <summary>
/// Publishes shards whose users are folded in bucket range by bucket range, one after the other: no step holds more
/// users than a shard has. The files are written twice, because the places of users are known when all are folded in.
/// </summary>
public static class FoldedShards
{
    /// <summary>Folds in and publishes.</summary>
    /// <param name="items">A whole snapshot: products, terms and figures are taken from it.</param>
    /// <param name="dataset">dataset.json, or the folder of an extract.</param>
    /// <param name="shards">2..1,024.</param>
    /// <param name="folderOf">Where to publish each shard.</param>
    /// <param name="forgotten">People whose rows are passed over.</param>
    /// <param name="run">Threads, progress, cancellation; no result depends on it.</param>
    /// <returns>The ids by shard. Their set's id is of the snapshot's day and of the content.</returns>
    /// <exception cref="Engine.InputException">The data are not those of the snapshot.</exception>
    public static IReadOnlyList<string> Publish(
        Snapshot items,
        string dataset,
        int shards,
        Func<int, SnapshotDirectory> folderOf,
        ForgottenUsers forgotten,
        RunContext run)
    {
        SnapshotShards.Check(items, shards);
        var folder = Directory.CreateTempSubdirectory("fold-");
        var folded = new List<Snapshot>();
        try
        {
            using var opened = OpenedDataset.Open(dataset, run.Progress, run.Cancel);
            var fold = new BucketFold(items, opened, forgotten, run);
            for (var shard = 0; shard < shards; shard++)
            {
                var path = Path.Combine(folder.FullName, ShardTerms.Of("fold", shard, shards, 0).Id);
                ShardWriter.Write(path, items, fold.Fold(ShardTerms.Of("fold", shard, shards, 0)), run.Cancel);
                folded.Add(Snapshot.OpenVerified(path, cancellation: run.Cancel));
            }

            var places = ShardPlaces.Of(folded);
            var (set, users) = (ShardPlaces.SetIdOf(folded), places.Sum(shard => shard.Length));
            return
            [
                .. folded.Select((snapshot, shard) => folderOf(shard).Publish(
                    path => ShardWriter.Write(
                        path, snapshot, ShardTerms.Of(set, shard, shards, users), places[shard]))),
            ];
        }
        finally
        {
            folded.ForEach(snapshot => snapshot.Dispose());
            folder.Delete(recursive: true);
        }
    }
}

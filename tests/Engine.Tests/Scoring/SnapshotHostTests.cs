using Engine.Snapshots;
using Engine.Scoring.Hosting;
using Engine.Scoring.Models;
using Engine.Scoring.Queries;
using Engine.Scoring.Ranking;
using Tests.Shared;

namespace Engine.Tests.Scoring;

public class SnapshotHostTests
{
    [Fact]
    public void A_lease_outlives_the_swap_and_the_last_one_unmaps()
    {
        using var folder = new TemporaryFolder();
        using var host = new SnapshotHost();
        Assert.Throws<NoSnapshotException>(() => { using var none = host.Acquire(); });
        host.Swap(new ScoringModel(RandomSnapshot.Open(RandomSnapshot.Content(51), folder)));
        var pin = host.TryPin()!;
        var old = pin.Model.Snapshot;
        host.Swap(new ScoringModel(RandomSnapshot.Open(RandomSnapshot.Content(52), folder)));
        Assert.NotEqual(old.Id, host.ActiveId);
        old.Verify();
        pin.Dispose();
        pin.Dispose();
        Assert.Throws<ObjectDisposedException>(() => old.Verify());
    }

    [Fact]
    public async Task Swaps_under_load_never_tear_an_answer()
    {
        using var folder = new TemporaryFolder();
        var contents = new[] { RandomSnapshot.Content(53, products: 64), RandomSnapshot.Content(54, products: 64) };
        var paths = contents.Select(c =>
        {
            using var snapshot = RandomSnapshot.Open(c, folder);
            return snapshot.Path;
        }).ToArray();
        using var host = new SnapshotHost();
        host.Swap(Load(paths[0]));
        var expected = new Dictionary<string, float[]>();
        foreach (var path in paths)
        {
            using var model = Load(path);
            expected[model.Snapshot.Id] = Ask(model);
        }

        // Each asker goes on until it has seen both models often, whatever the scheduler does; the swapper until they
        // are done.
        var askers = Enumerable.Range(0, 3).Select(_ => Task.Factory.StartNew(
            () =>
            {
                var seen = new Dictionary<string, int>();
                while (seen.Count < 2 || seen.Values.Min() < 100)
                {
                    using var lease = host.Acquire();
                    var id = lease.Model.Snapshot.Id;
                    Assert.Equal(expected[id], Ask(lease.Model));
                    seen[id] = seen.GetValueOrDefault(id) + 1;
                }
            },
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default)).ToArray();
        var done = Task.WhenAll(askers);
        for (var swap = 1; !done.IsCompleted; swap++)
        {
            host.Swap(Load(paths[swap % 2]));
            await Task.Yield();
        }

        await done;
    }

    private static ScoringModel Load(string path) => new(Snapshot.OpenVerified(path));

    private static float[] Ask(ScoringModel model)
    {
        var answer = new RecommendAnswer();
        Recommender.Recommend(model, new RecommendQuery { UserId = "user-5é", TopK = 64 }, answer);
        return [.. answer.Products.ToArray().Select(p => p.Score)];
    }
}

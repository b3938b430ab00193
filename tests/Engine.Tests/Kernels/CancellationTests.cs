using Engine.Kernels.Scan;
using Engine.Kernels.Search;
using Engine.Kernels.Sparse;

namespace Engine.Tests.Kernels;

/// <summary>
/// What a canceled search still does, in blocks and queries, and that its working memory is clean afterwards.
/// </summary>
public sealed class CancellationTests
{
    [Fact]
    public void A_canceled_scan_over_users_reads_no_block()
    {
        var rows = RandomFactors.Create(60_000, 16, 1);
        var search = new ParallelTopK(TopKIndex.Build(rows), 100, 2);
        var (vector, best, statistics) = (RandomFactors.Query(rows, 2), new ScoredRow[100], default(SearchStatistics));
        int[] excluded = [1, 70, 5_000];
        Assert.Throws<OperationCanceledException>(() =>
            search.Search(
                new() { Vector = vector, Excluded = excluded, Cancellation = new(canceled: true) },
                best,
                new AudienceCurve(),
                out statistics));
        Assert.Equal(0, statistics.CodedBlocks);

        // No mark of the canceled search is left.
        var expected = new ScoredRow[100];
        PlainTopK.Search(rows, new() { Vector = vector }, expected, new TopKScratch());
        search.Search(new() { Vector = vector }, best);
        Assert.Equal(expected, best);
    }

    [Fact]
    public void A_canceled_search_leaves_its_working_memory_clean()
    {
        var rows = RandomFactors.Create(9_000, 16, 3);
        var (index, scratch, vector, best) =
            (TopKIndex.Build(rows), new TopKScratch(), RandomFactors.Query(rows, 4), new ScoredRow[20]);
        SparseTerm[] sparse = [new(3, 1), new(200, -1), new(8_000, 0.5f)];
        int[] excluded = [2, 77];
        Assert.Throws<OperationCanceledException>(() =>
            index.Search(
                new() { Vector = vector, Sparse = sparse, Excluded = excluded, Cancellation = new(canceled: true) },
                best,
                scratch));
        Assert.Throws<OperationCanceledException>(
            () => PlainTopK.Search(rows, new() { Vector = vector, Cancellation = new(canceled: true) }, best, scratch));

        var expected = new ScoredRow[20];
        PlainTopK.Search(rows, new() { Vector = vector }, expected, new TopKScratch());
        index.Search(new() { Vector = vector }, best, scratch);
        Assert.Equal(expected, best);
    }

    [Fact]
    public void A_canceled_batch_makes_at_most_the_queries_that_its_threads_have_taken()
    {
        var products = RandomFactors.Create(1_500, 20, 5);
        var users = RandomFactors.Create(2_000, 20, 6);
        using var cancel = new CancellationTokenSource();
        var asked = 0;
        Assert.Throws<OperationCanceledException>(() => new BatchTopK(TopKIndex.Build(products), 5, 2).Run(
            users.Rows,
            () => 0,
            (user, _) =>
            {
                if (Interlocked.Increment(ref asked) == 100)
                {
                    cancel.Cancel();
                }

                return new() { Vector = users[user] };
            },
            (_, _, _) => Assert.Fail("an answer was handed over"),
            cancel.Token));
        Assert.InRange(asked, 100, 100 + (2 * 16));
    }
}

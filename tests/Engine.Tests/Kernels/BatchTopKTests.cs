using Engine.Kernels.Search;
using Engine.Kernels.Sparse;

namespace Engine.Tests.Kernels;

public sealed class BatchTopKTests
{
    [Theory]
    [InlineData(1, 0)]
    [InlineData(2, 7)]
    [InlineData(3, 200)]
    [InlineData(2, 10_000)]
    public void Equals_one_search_after_the_other_at_any_number_of_threads(int threads, int k)
    {
        var products = RandomFactors.Create(1500, 20, 1);
        var users = RandomFactors.Create(700, 20, 2);
        var index = TopKIndex.Build(products);
        SparseTerm[] Sparse(int user) => [new(user, 0.3f), new(user + 1, -0.2f)];
        var seen = 0;
        new BatchTopK(index, k, threads).Run(
            users.Rows,
            () => 0,
            (user, _) => new() { Vector = users[user], Sparse = Sparse(user) },
            (first, answers, counts) =>
            {
                Assert.Equal(seen, first);
                for (var i = 0; i < counts.Length; i++)
                {
                    var expected = new ScoredRow[k];
                    var count = PlainTopK.Search(
                        products,
                        new() { Vector = users[first + i], Sparse = Sparse(first + i) },
                        expected,
                        new TopKScratch());
                    Assert.Equal(expected[..count], answers.Slice(i * k, counts[i]).ToArray());
                }

                seen += counts.Length;
            });
        Assert.Equal(users.Rows, seen);
    }

    [Fact]
    public void An_error_in_a_query_comes_out_as_itself() =>
        Assert.Throws<InvalidOperationException>(() =>
            new BatchTopK(TopKIndex.Build(RandomFactors.Create(9, 4, 1)), 3, 2)
                .Run(100, () => 0, (_, _) => throw new InvalidOperationException(), (_, _, _) => { }));
}

using System.Diagnostics;
using Engine.Kernels.Search;
using Engine.Kernels.Sparse;
using Engine.Scoring.Models;
using Engine.Scoring.Profiles;

namespace Bench;

/// <summary>
/// The sparse part of a score on its own: history x similarity summed, and what it adds to the search.
/// </summary>
internal static class SparsePart
{
    private const int Passes = 5;
    private const int Asked = 1000;

    /// <summary>
    /// Times it for users with a history of about 20 products, compares with the plain search, and prints a line.
    /// </summary>
    /// <returns>Its keys for the JSON line.</returns>
    public static string Measure(ScoringModel model, TopKIndex index, int top, ref bool isExact)
    {
        var users = Enumerable.Range(0, model.Users.Rows)
            .Where(user => ProfileRow.Of(model.Snapshot, user).Own.Count is >= 18 and <= 22).Take(Asked).ToArray();
        if (users.Length == 0)
        {
            Console.WriteLine("sparse part: no user has a history of 18 to 22 products");
            return "";
        }

        var (sums, searches) = (new Latencies(users.Length * Passes), new Latencies(users.Length * Passes));
        var (sparse, scratch, best, expected) =
            (new SparseSums(), new TopKScratch(), new ScoredRow[top], new ScoredRow[top]);
        var (terms, exact) = (0L, 0L);
        for (var pass = -1; pass < Passes; pass++)
        {
            for (var n = 0; n < users.Length; n++)
            {
                var began = Stopwatch.GetTimestamp();
                sparse.Collect(model.Snapshot, ProfileRow.Of(model.Snapshot, users[n]));
                // As the engine asks: the search reads the sums themselves.
                var query = new TopKQuery { Vector = model.Users[users[n]], Sums = sparse };
                var between = Stopwatch.GetTimestamp();
                var count = index.Search(query, best, scratch, out var effort);
                if (pass >= 0)
                {
                    searches.Since(between);
                    sums.Add(between - began);
                    terms += sparse.Terms().Length;
                    exact += effort.ExactRows;
                }
                else if (n < 50)
                {
                    var plain = PlainTopK.Search(index.Rows, query, expected, scratch);
                    isExact &= best.AsSpan(0, count).SequenceEqual(expected.AsSpan(0, plain));
                }
            }
        }

        var (sum, search) = (sums.Percentile(0.5), searches.Percentile(0.5));
        Console.WriteLine($"sparse part of a history of 20 products: p50 {sum:0.00} us, "
            + $"p99 {sums.Percentile(0.99):0.00} us for " +
            $"{terms / Passes / users.Length} products reached; the search with it p50 {search:0.00} us, "
            + $"exact rows {(double)exact / Passes / users.Length:0.0}");
        return $"\"sparse_p50_us\":{BenchData.Number(sum)},\"sparse_search_p50_us\":{BenchData.Number(search)},";
    }
}

using Trainer.Data.Running;
using Trainer.Models.Matrices;
using Trainer.Models.Similarity;

namespace Trainer.Models.Ridge;

/// <summary>
/// How strongly two items are related beyond what their neighbors explain, from the local ridges of
/// <see cref="LocalRidge"/> on counts. With the precision P = (G + lam I)^-1, G the users of both items, the regression
/// of item j has the weights B[i,j] = -P[i,j] / P[j,j] and the residual s_j = 1 / P[j,j]; so the partial correlation
/// r_ij = -P[i,j] / sqrt(P[i,i] P[j,j]) is the geometric mean of B[i,j] and B[j,i] under their sign (Steck, "Markov
/// Random Fields for Collaborative Filtering", 2019).
/// </summary>
/// <remarks>
/// Item j is regressed on its k strongest neighbors alone, and a pair that is missing in the list of the item with
/// fewer users counts as never purchased together.
/// Where both regressions have the other item but not with the same sign, r is 0; where one alone has it,
/// r_ij = B[i,j] sqrt(s_i / s_j); where none has it, the field has no edge and r is 0.
/// </remarks>
public static class PartialCorrelation
{
    /// <summary>r of every entry of <paramref name="related"/>, -1..1, the same at any number of threads.</summary>
    /// <param name="related">Items by co-occurrence: its supports are the Gram.</param>
    /// <param name="neighbors">k, at least 1.</param>
    /// <param name="ridge">lam as a multiple of the users of an item, on average; above 0.</param>
    /// <param name="run">Threads, progress, cancellation; no result depends on it.</param>
    public static float[] Compute(
        SimilarityMatrix related, int neighbors, double ridge, RunContext run)
    {
        var gram = new CountGram(related, run);
        var lam = (float)Math.Max(ridge * related.ItemUsers.Average(), 1e-12);
        var weights = new float[related.Columns.Length];
        var left = new double[related.ItemCount];
        Workers.Run(
            related.ItemCount,
            run,
            () => (List: new NeighborList(neighbors), System: new SubGram(neighbors, related.ItemCount)),
            (scratch, item) => left[item] = Fit(related, gram, item, lam, scratch.List, scratch.System, weights));
        var correlations = new float[weights.Length];
        Workers.Run(
            related.ItemCount,
            run,
            item =>
            {
                var row = related.Row(item);
                for (var e = row.Start.Value; e < row.End.Value; e++)
                {
                    var other = related.Columns[e];
                    var place = related.Columns.AsSpan(related.Row(other)).BinarySearch(item);
                    var back = place < 0 ? 0 : weights[related.Row(other).Start.Value + place];
                    correlations[e] = (float)Math.Clamp(Correlation(weights[e], back, left[other], left[item]), -1, 1);
                }
            });
        return correlations;
    }

    // Regresses an item on the strongest of its list; weights go to the places of the list's entries. Returns the
    // residual.
    private static double Fit(
        SimilarityMatrix related, CountGram gram, int item, float lam, NeighborList list, SubGram system,
        float[] weights)
    {
        var row = related.Row(item);
        list.Clear();
        for (var e = row.Start.Value; e < row.End.Value; e++)
        {
            var rank = gram.Ranks[related.Columns[e]];
            list.Add(rank, related.Supports[e] / MathF.Sqrt(gram.Diagonal[rank] + lam));
        }

        var kept = list.SortByItem();
        var (chosen, places, counts) = (new int[kept.Length], new int[kept.Length], new float[kept.Length]);
        for (var n = 0; n < kept.Length; n++)
        {
            chosen[n] = kept[n].Item;
            places[n] = row.Start.Value + related.Columns.AsSpan(row).BinarySearch(gram.Items[chosen[n]]);
            counts[n] = related.Supports[places[n]];
        }

        var solution = new float[kept.Length];
        system.Solve(gram, chosen, lam, b => counts.CopyTo(b, 0), solution);
        double left = related.ItemUsers[item] + lam;
        for (var n = 0; n < kept.Length; n++)
        {
            weights[places[n]] = solution[n];
            left -= (double)solution[n] * counts[n];
        }

        return Math.Max(0, left);
    }

    // From B[i,j] and B[j,i], 0 for a regression without the other item.
    private static double Correlation(double there, double back, double leftI, double leftJ) =>
        there != 0 && back != 0 ? Math.Sqrt(Math.Max(0, there * back)) * Math.Sign(there)
        : there != 0 ? there * Math.Sqrt(leftI / leftJ)
        : back * Math.Sqrt(leftJ / leftI);

    // Supports by rank of the items: those of most users first.
    private sealed class CountGram : IGram
    {
        private readonly int[][] _columns;
        private readonly float[][] _values;

        public CountGram(SimilarityMatrix related, RunContext run)
        {
            (Items, Ranks) = PopularityOrder.Rank(related.ItemUsers);
            Diagonal = Array.ConvertAll(Items, item => (float)related.ItemUsers[item]);
            (_columns, _values) = (new int[Items.Length][], new float[Items.Length][]);
            Workers.Run(Items.Length, run, rank =>
            {
                var row = related.Row(Items[rank]);
                int[] columns = Array.ConvertAll(related.Columns[row], item => Ranks[item]);
                float[] values = Array.ConvertAll(related.Supports[row], support => (float)support);
                Array.Sort(columns, values);
                var lower = ~columns.AsSpan().BinarySearch(rank);
                (_columns[rank], _values[rank]) = (columns[..lower], values[..lower]);
            });
        }

        public int[] Items { get; }

        public int[] Ranks { get; }

        public float[] Diagonal { get; }

        public ReadOnlySpan<int> Lower(int row) => _columns[row];

        public ReadOnlySpan<float> Values(int row) => _values[row];
    }
}

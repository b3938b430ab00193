using Trainer.Data.Running;
using Trainer.Models.Matrices;

namespace Trainer.Models.Trees;

/// <summary>
/// Grows one tree after the other: of all leaves the one whose best split gains most is split next. A leaf's value is
/// the Newton step sum of slopes / (sum of curvatures + ridge), and a split's gain what it adds to sum^2 / (curvature +
/// ridge).
/// </summary>
internal sealed class TreeGrower(FeatureBins bins, TreeOptions options, RunContext run)
{
    private readonly int[] _rows = new int[bins.Rows];
    private readonly int[] _moved = new int[bins.Rows];
    private float[] _slopes = [];
    private float[] _curvatures = [];

    /// <summary>Grows a tree and adds its values to each row's sum.</summary>
    /// <param name="slopes">Of the log-likelihood by the sum, one a row.</param>
    /// <param name="curvatures">Its negative second derivatives.</param>
    /// <param name="sums">Changed.</param>
    public Tree Grow(float[] slopes, float[] curvatures, double[] sums)
    {
        (_slopes, _curvatures) = (slopes, curvatures);
        for (var i = 0; i < _rows.Length; i++)
        {
            _rows[i] = i;
        }

        var tree = new Tree();
        var root = new Leaf(0, _rows.Length, Count(0, _rows.Length));
        root.Node = tree.AddLeaf(Value(root.Total));
        Find(root);
        var leaves = new List<Leaf> { root };
        while (leaves.Count < options.Leaves && leaves.MaxBy(leaf => leaf.Gain) is { Gain: > 0 } best)
        {
            var (left, right) = Split(best);
            (left.Node, right.Node) = tree.Split(
                best.Node, best.Feature, bins.Threshold(best.Feature, best.Bin), Value(left.Total), Value(right.Total));
            leaves[leaves.IndexOf(best)] = left;
            leaves.Add(right);
        }

        foreach (var leaf in leaves)
        {
            for (var i = leaf.First; i < leaf.End; i++)
            {
                sums[_rows[i]] += tree[leaf.Node].Value;
            }
        }

        return tree;
    }

    private double Value(Sums total) => options.LearningRate * total.Slope / (total.Curvature + options.Ridge);

    private double Worth(Sums total) => total.Slope * total.Slope / (total.Curvature + options.Ridge);

    // One histogram a feature, each summed by one thread in the order of the rows.
    private Sums[][] Count(int first, int end)
    {
        var histograms = new Sums[bins.Features][];
        Workers.Run(bins.Features, run, feature =>
        {
            var (codes, histogram) = (bins.Codes(feature), new Sums[FeatureBins.Most]);
            for (var i = first; i < end; i++)
            {
                var row = _rows[i];
                ref var sum = ref histogram[codes[row]];
                sum = new Sums(sum.Slope + _slopes[row], sum.Curvature + _curvatures[row], sum.Rows + 1);
            }

            histograms[feature] = histogram;
        });
        return histograms;
    }

    private void Find(Leaf leaf)
    {
        for (var feature = 0; feature < bins.Features; feature++)
        {
            var left = default(Sums);
            for (var bin = 0; bin < bins.Splits(feature); bin++)
            {
                left += leaf.Histograms[feature][bin];
                var right = leaf.Total - left;
                var gain = Worth(left) + Worth(right) - Worth(leaf.Total);
                if (left.Rows >= options.LeastRows && right.Rows >= options.LeastRows && gain > leaf.Gain)
                {
                    (leaf.Gain, leaf.Feature, leaf.Bin) = (gain, feature, bin);
                }
            }
        }
    }

    private (Leaf Left, Leaf Right) Split(Leaf leaf)
    {
        var codes = bins.Codes(leaf.Feature);
        var (middle, moved) = (leaf.First, 0);
        for (var i = leaf.First; i < leaf.End; i++)
        {
            if (codes[_rows[i]] <= leaf.Bin)
            {
                _rows[middle++] = _rows[i];
            }
            else
            {
                _moved[moved++] = _rows[i];
            }
        }

        _moved.AsSpan(0, moved).CopyTo(_rows.AsSpan(middle));
        // Only the smaller side is counted: the other one is what is left of the leaf.
        var isLeftSmaller = middle - leaf.First <= leaf.End - middle;
        var counted = isLeftSmaller ? Count(leaf.First, middle) : Count(middle, leaf.End);
        var rest = leaf.Histograms
            .Select((histogram, f) => histogram.Select((sum, b) => sum - counted[f][b]).ToArray())
            .ToArray();
        var left = new Leaf(leaf.First, middle, isLeftSmaller ? counted : rest);
        var right = new Leaf(middle, leaf.End, isLeftSmaller ? rest : counted);
        Find(left);
        Find(right);
        return (left, right);
    }

    private readonly record struct Sums(double Slope, double Curvature, int Rows)
    {
        public static Sums operator +(Sums a, Sums b) =>
            new(a.Slope + b.Slope, a.Curvature + b.Curvature, a.Rows + b.Rows);

        public static Sums operator -(Sums a, Sums b) =>
            new(a.Slope - b.Slope, a.Curvature - b.Curvature, a.Rows - b.Rows);
    }

    private sealed class Leaf(int first, int end, Sums[][] histograms)
    {
        public int First { get; } = first;

        public int End { get; } = end;

        public Sums[][] Histograms { get; } = histograms;

        public Sums Total { get; } = histograms[0].Aggregate(default(Sums), (a, b) => a + b);

        public int Node { get; set; }

        public double Gain { get; set; }

        public int Feature { get; set; }

        public int Bin { get; set; }
    }
}

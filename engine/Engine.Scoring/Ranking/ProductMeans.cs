namespace Engine.Scoring.Ranking;

/// <summary>The mean products of some sets of products, as <see cref="Queries.PoolScore.Mean"/> defines them.</summary>
/// <param name="sets">Number of sets.</param>
/// <param name="stride">Floats of a product's row.</param>
internal sealed class ProductMeans(int sets, int stride)
{
    private readonly double[] _rows = new double[(long)sets * stride];
    private readonly int[] _counts = new int[sets];
    private readonly float[] _mean = new float[stride];

    /// <summary>Products of a set.</summary>
    public int Count(int set) => _counts[set];

    /// <summary>Adds a product; they come by ascending ordinal.</summary>
    public void Add(int set, ReadOnlySpan<float> row)
    {
        var sums = _rows.AsSpan(set * stride, stride);
        for (var i = 0; i < row.Length; i++)
        {
            sums[i] += row[i];
        }

        _counts[set]++;
    }

    /// <summary>The row of the mean product; valid until the next call.</summary>
    public ReadOnlySpan<float> Row(int set)
    {
        for (var i = 0; i < stride; i++)
        {
            _mean[i] = Mean(set, _rows[(set * stride) + i]);
        }

        return _mean;
    }

    /// <summary>A sum over the set's products as a mean.</summary>
    public float Mean(int set, double sum) => (float)(sum / _counts[set]);
}

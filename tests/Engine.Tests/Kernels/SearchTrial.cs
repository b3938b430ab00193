using Engine.Kernels.Arithmetic;
using Engine.Kernels.Memory;
using Engine.Kernels.Search;
using Engine.Kernels.Sparse;

namespace Engine.Tests.Kernels;

/// <summary>
/// One random search: matrix, vector, sparse part, pool, exclusions and K from 0 past the number of rows, every edge
/// often.
/// </summary>
internal sealed class SearchTrial
{
    // The trial that this thread works on: many run at once and by the hundred, so memory lives as long as its trial
    // does.
    private static readonly ThreadLocal<PinnedBuffer<float>> Memory = new();

    private SearchTrial(FactorRows matrix, float[] vector, SparseTerm[] sparse, ulong[] eligible, int[] excluded, int k)
    {
        (Matrix, Vector, Sparse, Eligible, Excluded, K) = (matrix, vector, sparse, eligible, excluded, k);
    }

    public FactorRows Matrix { get; }

    public float[] Vector { get; }

    public SparseTerm[] Sparse { get; }

    public ulong[] Eligible { get; }

    public int[] Excluded { get; }

    public int K { get; }

    public TopKQuery Query => new() { Vector = Vector, Sparse = Sparse, Eligible = Eligible, Excluded = Excluded };

    /// <summary>The same with the sparse part as sums.</summary>
    public TopKQuery Summed(SparseSums sums)
    {
        sums.Set(Matrix.Rows, Sparse);
        return new() { Vector = Vector, Sums = sums, Eligible = Eligible, Excluded = Excluded };
    }

    public static SearchTrial Create(int seed)
    {
        var random = new Random(seed);
        var rows = Pick(random, 0, 1, 2, 63, 64, 65, 200, 1000, 3000);
        var scale = Pick(random, 1f, 1f, 1f, 1e-22f, 1e-30f, 1e15f, 1e17f);
        var columns = Pick(random, 1, 3, 16, 20, 64, 70);
        var lines = RandomFactors.Lines(rows, columns, seed, scale, Pick(random, 0, 0, 1, 2));
        var matrix = RandomFactors.Pack(lines, columns, out var memory);
        Memory.Value = memory;
        var kind = random.Next(6);
        var vector = kind == 0
            ? new float[matrix.Stride]
            : RandomFactors.Query(matrix, seed + 1, Pick(random, 1f, 1e-20f, 1e15f));
        if (kind == 1)
        {
            // All products whose first factor agrees tie.
            Array.Clear(vector, 1, vector.Length - 1);
        }

        var addend = Pick(random, 0f, 1f, -1f, 1e-10f) * scale;
        var sparse = Subset(random, rows, Pick(random, 0, 0, 0.01, 0.2, 1))
            .Select(i => new SparseTerm(i, addend * (float)random.NextDouble())).ToArray();
        return new(matrix, vector, sparse, Words(random, rows), Subset(random, rows, Pick(random, 0, 0, 0.02, 0.9)),
            Pick(random, 0, 1, 2, 10, 10, 100, rows / 2, Math.Max(0, rows - 1), rows, rows + 1, rows + 70));
    }

    /// <summary>The answer by definition: every row, plain arithmetic, a full sort.</summary>
    public ScoredRow[] Expected()
    {
        var addends = Sparse.ToDictionary(term => term.Ordinal, term => term.Addend);
        var excluded = Excluded.ToHashSet();
        return Enumerable.Range(0, Matrix.Rows)
            .Where(i => (Eligible.Length == 0 || (Eligible[i / 64] >> (i % 64) & 1) != 0) && !excluded.Contains(i))
            .Select(i => new ScoredRow(i, Score(i, addends)))
            .OrderByDescending(entry => entry.Score).ThenBy(entry => entry.Ordinal)
            .Take(K).ToArray();
    }

    private float Score(int row, Dictionary<int, float> addends)
    {
        var dense = PlainDot(Vector, Matrix[row]);
        return addends.TryGetValue(row, out var addend) ? dense + addend : dense;
    }

    /// <summary>The canonical score from its definition.</summary>
    public static float PlainDot(ReadOnlySpan<float> x, ReadOnlySpan<float> y)
    {
        var sum = new float[16];
        for (var i = 0; i < x.Length; i++)
        {
            sum[i % 16] = MathF.FusedMultiplyAdd(x[i], y[i], sum[i % 16]);
        }

        for (var half = 8; half > 0; half /= 2)
        {
            for (var lane = 0; lane < half; lane++)
            {
                sum[lane] += sum[lane + half];
            }
        }

        return sum[0] + 0f;
    }

    private static ulong[] Words(Random random, int rows)
    {
        var share = Pick(random, -1, -1, 0, 0.005, 0.1, 0.5, 1);
        if (share < 0)
        {
            return [];
        }

        var words = new ulong[(rows + 63) / 64];
        foreach (var row in Subset(random, rows, share))
        {
            words[row / 64] |= 1ul << (row % 64);
        }

        return words;
    }

    private static int[] Subset(Random random, int rows, double share) =>
        Enumerable.Range(0, rows).Where(_ => random.NextDouble() < share).ToArray();

    private static T Pick<T>(Random random, params T[] values) => values[random.Next(values.Length)];
}

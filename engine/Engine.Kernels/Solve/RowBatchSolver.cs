using System.Runtime.Intrinsics;
using Engine.Kernels.Memory;

namespace Engine.Kernels.Solve;

/// <summary>
/// Solves up to eight ALS rows of one length at a time, interleaved across the lanes of vectors: bit for bit what
/// <see cref="RowSolver"/> gives for each, several times faster for short rows, whose small systems wait for one square
/// root and one division after the other when solved alone. Scratch of one thread; nothing is allocated after
/// construction.
/// </summary>
public sealed unsafe class RowBatchSolver
{
    /// <summary>Rows of a batch at most. Fewer cost the same time.</summary>
    public const int Capacity = 8;

    // Bytes of panel and system together: well inside a second-level cache of 512 KiB.
    private const int LargestScratch = 384 * 1024;

    private readonly RowScale _scale;
    private readonly AlignedBuffer _panel;
    private readonly AlignedBuffer _system;
    private readonly AlignedBuffer _roots;
    private readonly AlignedBuffer _vector;
    private readonly AlignedBuffer _inverse;
    private readonly int _longest;

    /// <summary>As <see cref="RowSolver"/>'s.</summary>
    /// <param name="spectrum">The eigenvalues of the other side's Gramian.</param>
    /// <param name="options">The loss.</param>
    /// <exception cref="InputException">Options out of range.</exception>
    public RowBatchSolver(ReadOnlySpan<double> spectrum, RowSolverOptions options)
    {
        _scale = new RowScale(spectrum, options);
        while (Accepts(_longest + 1, _scale.Factors))
        {
            _longest++;
        }

        _panel = new AlignedBuffer(Capacity * (_longest + LaneTile.Rows) * _scale.Width);
        _system = new AlignedBuffer(Capacity * LaneCholesky.Size(_longest));
        _roots = new AlignedBuffer(Capacity * (_longest + LaneTile.Rows));
        _vector = new AlignedBuffer(Capacity * (_longest + LaneTile.Rows));
        _inverse = new AlignedBuffer(Capacity * (_longest + LaneTile.Rows));
    }

    /// <summary>Whether rows of so many observations can be solved in batches: duals that fit the cache.</summary>
    public static bool Accepts(int length, int factors) => RowSolver.IsDual(length, factors)
        && (length * ((factors + 15) & ~15)) + LaneCholesky.Size(length) <= LargestScratch / sizeof(float);

    /// <summary>Solves rows of one length.</summary>
    /// <param name="otherFactors">The other side's rows, as for <see cref="RowSolver.Solve"/>.</param>
    /// <param name="stride">Floats from row to row, of the other side and of the solved one.</param>
    /// <param name="rows">The observations of all rows, and which of them to solve.</param>
    /// <param name="solved">
    /// Receives the rows: row r starts at <c>r stride</c>; columns beyond the factors become 0.
    /// </param>
    /// <param name="losses">Receives each row's share of the loss, by row.</param>
    /// <param name="prefetch">What the next solve will read; may be null.</param>
    public void Solve(
        ReadOnlySpan<float> otherFactors,
        int stride,
        RowBatch rows,
        Span<float> solved,
        Span<double> losses,
        RowPrefetch? prefetch = null)
    {
        var length = rows.Length;
        if (stride != _scale.Width || length < 1 || length > _longest)
        {
            throw new ArgumentException(
                InvariantText.Of(
                    $"stride {stride}, rows of {length} observations: expected {_scale.Width} and 1..{_longest}"));
        }

        rows.Check(otherFactors.Length / stride, solved.Length / stride, losses.Length);
        var ordinals = stackalloc int*[Capacity];
        var weights = stackalloc float*[Capacity];
        var targets = stackalloc float*[Capacity];
        fixed (int* columns = rows.Columns)
        fixed (float* factors = otherFactors, values = rows.Weights, target = solved)
        {
            for (var s = 0; s < Capacity; s++)
            {
                // Lanes to spare repeat the last row.
                var row = rows.Rows[Math.Min(s, rows.Rows.Length - 1)];
                ordinals[s] = columns + rows.Offsets[row];
                weights[s] = values + rows.Offsets[row];
                targets[s] = target + ((nint)row * stride);
                RowPrefetch.Ask(targets[s], stride);
            }

            var scale = _scale.For(length);
            PrepareRoots(weights, length);
            LanePanel.Gather(factors, stride, ordinals, length, _roots.Pointer, scale, stride, _panel.Pointer);
            Square(length, factors, stride, prefetch);
            LaneCholesky.Factor(_system.Pointer, length, _inverse.Pointer);
            LaneCholesky.Forward(_system.Pointer, length, _inverse.Pointer, _vector.Pointer);
            LaneCholesky.Backward(_system.Pointer, length, _inverse.Pointer, _vector.Pointer);
            LanePanel.Project(_panel.Pointer, _vector.Pointer, length, scale, stride, targets);
        }

        WriteLosses(rows, losses);
    }

    // P P^T + I; meanwhile the rows of the next solve are on their way.
    private void Square(int length, float* factors, int stride, RowPrefetch? prefetch)
    {
        var bands = (length + LaneTile.Rows - 1) / LaneTile.Rows;
        var work = (bands * length) - (LaneTile.Rows * bands * (bands - 1) / 2);
        var walk = prefetch is null
            ? default
            : new PrefetchWalk(factors, stride, stride, prefetch.Ordinals, prefetch.Count, work);
        for (var i = 0; i < length; i += LaneTile.Rows)
        {
            walk.Step(length - i);
            LaneCholesky.SquareBand(_panel.Pointer, stride, length, i, _system.Pointer);
        }

        LaneCholesky.AddIdentity(_system.Pointer, length);
        GC.KeepAlive(prefetch);
    }

    // C^1/2 1, the right side of the dual, twice: to be kept, and to be solved for.
    private void PrepareRoots(float** weights, int length)
    {
        float* roots = _roots.Pointer, vector = _vector.Pointer;
        for (var i = 0; i < length; i++)
        {
            for (var s = 0; s < Capacity; s++)
            {
                vector[(Capacity * i) + s] = weights[s][i];
            }

            var root = Vector256.Sqrt(Vector256.Load(vector + (Capacity * i)));
            root.Store(roots + (Capacity * i));
            root.Store(vector + (Capacity * i));
        }

        new Span<float>(vector + (Capacity * length), Capacity * LaneTile.Rows).Clear();
    }

    // sum of root times solution in double, i ascending.
    private void WriteLosses(RowBatch rows, Span<double> losses)
    {
        var (low, high) = (Vector256<double>.Zero, Vector256<double>.Zero);
        for (var i = 0; i < rows.Length; i++)
        {
            var (root0, root1) = Vector256.Widen(Vector256.Load(_roots.Pointer + (Capacity * i)));
            var (x0, x1) = Vector256.Widen(Vector256.Load(_vector.Pointer + (Capacity * i)));
            low += root0 * x0;
            high += root1 * x1;
        }

        for (var s = 0; s < rows.Rows.Length; s++)
        {
            losses[rows.Rows[s]] = s < 4 ? low[s] : high[s - 4];
        }
    }
}

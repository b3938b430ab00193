using System.Runtime.Intrinsics;
using Engine.Kernels.Arithmetic;
using Engine.Kernels.Memory;

namespace Engine.Kernels.Solve;

/// <summary>
/// The exact solution of one ALS row, used alike by the trainer's half-steps and by the engine's fold-in, so that a
/// stored user row and the fold-in of the same history (same products, same order, same weights) agree bit for bit.
/// </summary>
/// <remarks>
/// The other side's factors stand in the eigenbasis of their Gramian, so that D = a0 L + lam_u I is diagonal. With
/// P = C^1/2 Z D^-1/2 (one row per observation) a short row solves the dual (I + P P^T) s = C^1/2 1, x = D^-1/2 P^T s;
/// a long one solves (I + P^T P) w = P^T C^1/2 1, x = D^-1/2 w. Both matrices have eigenvalues of at least 1.
/// A row longer than <see cref="ChunkRows"/> is summed in chunks, which threads may share by <see cref="Sum"/>.
/// The object is scratch for one thread; <see cref="Solve"/> allocates nothing but for such a row.
/// </remarks>
public sealed unsafe class RowSolver
{
    /// <summary>
    /// Rows of a panel: partial Gramians of so many rows are added one after the other, which bounds rounding.
    /// </summary>
    internal const int BlockRows = 64;

    /// <summary>
    /// Observations of a chunk; longer rows are solved from the sums of chunks, added in their order.
    /// </summary>
    public const int ChunkRows = 1 << 14;

    private readonly RowScale _scale;
    private readonly int _factors;
    private readonly int _width;
    private readonly int _systemStride;

    // Aligned scratch: one panel, its transpose and the square roots of its weights; the system and its vectors.
    private readonly AlignedBuffer _panel;
    private readonly AlignedBuffer _transposed;
    private readonly AlignedBuffer _roots;
    private readonly AlignedBuffer _system;
    private readonly AlignedBuffer _inverse;
    private readonly AlignedBuffer _right;
    private readonly AlignedBuffer _scratch;
    private readonly AlignedBuffer _solution;

    /// <param name="spectrum">
    /// The eigenvalues of the other side's Gramian, one for each factor, in the order of the factor columns. Small
    /// negative values (rounding) count as 0.
    /// </param>
    /// <param name="options">The loss.</param>
    /// <exception cref="InputException">A weight that is not positive and finite, an exponent outside 0..1.</exception>
    public RowSolver(ReadOnlySpan<double> spectrum, RowSolverOptions options)
    {
        _scale = new RowScale(spectrum, options);
        _factors = _scale.Factors;
        _width = _scale.Width;
        _systemStride = _width + 16;
        var rows = Math.Max(BlockRows, _width);
        _panel = new AlignedBuffer(rows * _width);
        _transposed = new AlignedBuffer(_width * _width);
        _roots = new AlignedBuffer(rows);
        _system = new AlignedBuffer(_width * _systemStride);
        _inverse = new AlignedBuffer(_width);
        _right = new AlignedBuffer(_width);
        _scratch = new AlignedBuffer(_width);
        _solution = new AlignedBuffer(_width);
    }

    /// <summary>Whether a row of so many observations is solved by the dual.</summary>
    public static bool IsDual(int length, int factors) => length <= ((factors + 15) & ~15);

    /// <summary>Chunks of a row of so many observations; a dual has one.</summary>
    public static int Chunks(int length, int factors) =>
        IsDual(length, factors) ? 1 : (length + ChunkRows - 1) / ChunkRows;

    /// <summary>Factor columns that are read and written.</summary>
    public int Factors => _factors;

    /// <summary>Solves one row.</summary>
    /// <param name="otherFactors">
    /// The other side's rows, row-major. Columns from <see cref="Factors"/> on are read up to the next multiple of 16
    /// but do not count; they must be finite.
    /// </param>
    /// <param name="stride">Floats from row to row, a multiple of 16, at least the number of factors.</param>
    /// <param name="ordinals">
    /// The observed rows of the other side. Their order is part of the result's last bits.
    /// </param>
    /// <param name="weights">The confidence c of each, at least 0.</param>
    /// <param name="destination">Receives x: <see cref="Factors"/> floats; what lies beyond is set to 0.</param>
    /// <param name="prefetch">What the next solve will read; may be null.</param>
    /// <returns>The row's share of the loss at its minimum: sum c (x.y - 1)^2 + a0 x G x + lam_u |x|^2.</returns>
    public double Solve(
        ReadOnlySpan<float> otherFactors,
        int stride,
        ReadOnlySpan<int> ordinals,
        ReadOnlySpan<float> weights,
        Span<float> destination,
        RowPrefetch? prefetch = null)
    {
        Require(otherFactors, stride, ordinals, weights);
        RequireRoom(destination);
        destination.Clear();
        if (ordinals.IsEmpty)
        {
            return 0;
        }

        fixed (float* factors = otherFactors)
        {
            var source = new Panel(factors, stride, ordinals, weights);
            var loss = IsDual(ordinals.Length, _factors) ? SolveDual(source, prefetch) : SolvePrimal(source, prefetch);
            Write(ordinals.Length, destination);
            GC.KeepAlive(prefetch);
            return loss;
        }
    }

    /// <summary>Sums one chunk of a row of more than one, see <see cref="Chunks"/>.</summary>
    /// <param name="otherFactors">As <see cref="Solve"/>'s.</param>
    /// <param name="stride">As <see cref="Solve"/>'s.</param>
    /// <param name="ordinals">The whole row.</param>
    /// <param name="weights">The whole row.</param>
    /// <param name="chunk">Which chunk, from 0.</param>
    public RowChunk Sum(
        ReadOnlySpan<float> otherFactors,
        int stride,
        ReadOnlySpan<int> ordinals,
        ReadOnlySpan<float> weights,
        int chunk)
    {
        Require(otherFactors, stride, ordinals, weights);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)chunk, (uint)Chunks(ordinals.Length, _factors));
        fixed (float* factors = otherFactors)
        {
            var sum = SumChunk(new Panel(factors, stride, ordinals, weights), chunk * ChunkRows, null);
            return new RowChunk(System, Right, sum);
        }
    }

    /// <summary>
    /// Solves a row from all its chunks, with the bits of <see cref="Solve"/>; the first of them takes the others in.
    /// </summary>
    /// <param name="chunks">In their order.</param>
    /// <param name="length">Observations of the row.</param>
    /// <param name="destination">As <see cref="Solve"/>'s.</param>
    /// <returns>As <see cref="Solve"/>'s.</returns>
    public double SolveChunks(ReadOnlySpan<RowChunk> chunks, int length, Span<float> destination)
    {
        RequireRoom(destination);
        destination.Clear();
        foreach (var next in chunks[1..])
        {
            chunks[0].Add(next);
        }

        var loss = SolveSystem(chunks[0].CopyTo(System, Right));
        Write(length, destination);
        return loss;
    }

    private Span<float> System => new(_system.Pointer, _width * _systemStride);

    private Span<float> Right => new(_right.Pointer, _width);

    private void Require(
        ReadOnlySpan<float> otherFactors, int stride, ReadOnlySpan<int> ordinals, ReadOnlySpan<float> weights)
    {
        if (stride % 16 != 0 || stride < _width || weights.Length != ordinals.Length)
        {
            throw new ArgumentException(
                InvariantText.Of(
                    $"stride {stride}, {ordinals.Length} ordinals, {weights.Length} weights: "
                    + $"expected a multiple of 16 from {_width}, equal counts"));
        }

        RequireRows(ordinals, otherFactors.Length / stride);
    }

    private void RequireRoom(Span<float> destination)
    {
        if (destination.Length < _factors)
        {
            throw new ArgumentException(InvariantText.Of(
                $"room for {destination.Length}: expected room for {_factors}"));
        }
    }

    // x = D^-1/2 w.
    private void Write(int length, Span<float> destination)
    {
        var scale = _scale.For(length);
        for (var k = 0; k < _width; k += 8)
        {
            (Vector256.Load(_solution.Pointer + k) * Vector256.Load(scale + k)).Store(_solution.Pointer + k);
        }

        new Span<float>(_solution.Pointer, _factors).CopyTo(destination);
    }

    private double SolveDual(Panel source, RowPrefetch? prefetch)
    {
        var count = source.Count;
        var order = (count + 15) & ~15;
        Gather(source, 0, count, _right.Pointer);
        new Span<float>(_panel.Pointer + ((nint)count * _width), (order - count) * _width).Clear();
        float* system = _system.Pointer, transposed = _transposed.Pointer;
        Transposition.Copy(_panel.Pointer, _width, order, _width, transposed, _width);
        Square(transposed, _width, count, order, TileMode.Set, Walk(source, prefetch, Work(count, order)));
        FactorWithIdentity(count);
        var right = _right.Pointer;
        new Span<float>(_roots.Pointer, count).CopyTo(new Span<float>(right, count));
        new Span<float>(right + count, order - count).Clear();
        Cholesky.Solve(system, _systemStride, count, _inverse.Pointer, right, _scratch.Pointer);
        double loss = 0;
        for (var i = 0; i < count; i++)
        {
            loss += (double)_roots.Pointer[i] * right[i];
        }

        ProjectBack(right, count);
        return loss;
    }

    private double SolvePrimal(Panel source, RowPrefetch? prefetch)
    {
        var total = SumChunk(source, 0, prefetch);
        if (source.Count > ChunkRows)
        {
            var sums = new RowChunk(System, Right, total);
            for (var start = ChunkRows; start < source.Count; start += ChunkRows)
            {
                total = SumChunk(source, start, prefetch);
                sums.Add(System, Right, total);
            }

            total = sums.CopyTo(System, Right);
        }

        return SolveSystem(total);
    }

    // The system and the right side of a chunk; returns the sum of its weights.
    private double SumChunk(Panel source, int first, RowPrefetch? prefetch)
    {
        float* right = _right.Pointer, part = _solution.Pointer, panel = _panel.Pointer;
        Right.Clear();
        double total = 0;
        var end = Math.Min(source.Count, first + ChunkRows);
        for (var start = first; start < end; start += BlockRows)
        {
            var rows = Math.Min(BlockRows, end - start);
            Gather(source, start, rows, part);
            LaneMath.Axpy(1, part, right, _width);
            total += LaneMath.Sum(source.Weights.Slice(start, rows));
            var mode = start == first ? TileMode.Set : TileMode.Add;
            var work = Work(_width, _width);
            fixed (int* ordinals = source.Ordinals)
            {
                var rest = Math.Min(BlockRows, source.Count - start - rows);
                var walk = rest > 0
                    ? new PrefetchWalk(source.Factors, source.Stride, _width, ordinals + start + rows, rest, work)
                    : Walk(source, prefetch, work);
                Square(panel, rows, _width, _width, mode, walk);
            }
        }

        return total;
    }

    // w of (I + P^T P) w = right, and the loss, given the sum of the weights.
    private double SolveSystem(double total)
    {
        float* system = _system.Pointer, right = _right.Pointer;
        FactorWithIdentity(_width);
        var solution = _solution.Pointer;
        new Span<float>(right, _width).CopyTo(new Span<float>(solution, _width));
        Cholesky.Solve(system, _systemStride, _width, _inverse.Pointer, solution, _scratch.Pointer);
        var loss = total;
        for (var k = 0; k < _width; k++)
        {
            loss -= (double)right[k] * solution[k];
        }

        return loss;
    }

    // P, and right = P^T C^1/2 1.
    private void Gather(Panel source, int start, int rows, float* right)
    {
        LaneMath.Sqrt(source.Weights.Slice(start, rows), _roots.Pointer);

        fixed (int* ordinals = source.Ordinals)
        {
            PanelGather.Run(
                source.Factors, source.Stride, ordinals + start, rows, source.Count - start - rows,
                _roots.Pointer, _scale.For(source.Count), _width, _panel.Pointer, right);
        }
    }

    // The system = A^T A, or += it, for A of so many steps; meanwhile the rows that come next are on their way.
    private void Square(float* a, int steps, int rows, int width, TileMode mode, PrefetchWalk walk)
    {
        for (var top = 0; top < rows; top += TileKernel.Rows)
        {
            walk.Step(width - top);
            UpperProduct.Band(
                a, _width, steps, top, width, _system.Pointer + (top * (nint)_systemStride), _systemStride, mode);
        }
    }

    // The steps of Square's walk.
    private static int Work(int rows, int width)
    {
        var bands = (rows + TileKernel.Rows - 1) / TileKernel.Rows;
        return (bands * width) - (TileKernel.Rows * bands * (bands - 1) / 2);
    }

    private PrefetchWalk Walk(Panel source, RowPrefetch? prefetch, int work) =>
        prefetch is null
            ? default
            : new PrefetchWalk(source.Factors, source.Stride, _width, prefetch.Ordinals, prefetch.Count, work);

    private void FactorWithIdentity(int order)
    {
        var system = _system.Pointer;
        for (var i = 0; i < ((order + 7) & ~7); i++)
        {
            system[(i * (nint)_systemStride) + i] += 1;
        }

        Cholesky.Factor(system, _systemStride, order, _inverse.Pointer);
    }

    // _solution = P^T t over the first rows of the panel, i ascending.
    private void ProjectBack(float* t, int rows)
    {
        var solution = _solution.Pointer;
        new Span<float>(solution, _width).Clear();
        for (var i = 0; i < rows; i++)
        {
            LaneMath.Axpy(t[i], _panel.Pointer + ((nint)i * _width), solution, _width);
        }
    }

    private static void RequireRows(ReadOnlySpan<int> ordinals, int rows)
    {
        // A negative ordinal is a large unsigned one.
        uint highest = 0;
        foreach (var ordinal in ordinals)
        {
            highest = Math.Max(highest, (uint)ordinal);
        }

        if (highest >= (uint)rows)
        {
            throw new ArgumentOutOfRangeException(nameof(ordinals), (int)highest, InvariantText.Of(
                $"the other side has {rows} rows"));
        }
    }

    // The observations of one row, all within the factor matrix.
    private readonly ref struct Panel(
        float* factors, nint stride, ReadOnlySpan<int> ordinals, ReadOnlySpan<float> weights)
    {
        public float* Factors { get; } = factors;

        public nint Stride { get; } = stride;

        public ReadOnlySpan<int> Ordinals { get; } = ordinals;

        public ReadOnlySpan<float> Weights { get; } = weights;

        public int Count => Ordinals.Length;
    }
}

using Engine.Kernels.Solve;

namespace Engine.Tests.Kernels;

/// <summary>
/// Random rows of one length against 300 random rows of the other side, solved together and one by one.
/// </summary>
internal sealed class BatchTrial
{
    private readonly RowSolverOptions _options = new(0.05, 0.01, 0.7, 300);
    private readonly int _stride;
    private readonly float[] _other;
    private readonly double[] _spectrum;
    private readonly long[] _offsets;
    private readonly int[] _columns;
    private readonly float[] _weights;
    private readonly int[] _order;
    private readonly RowBatchSolver _solver;

    public BatchTrial(int factors, int length, int rows, int seed)
    {
        var random = new Random(seed);
        _stride = (factors + 15) & ~15;
        _other =
            [.. Enumerable.Range(0, 300 * _stride).Select(n => n % _stride < factors ? random.NextSingle() - 0.4f : 0)];
        _spectrum = [.. Enumerable.Range(0, factors).Select(k => 50.0 / (k + 1))];
        _offsets = [.. Enumerable.Range(0, rows + 1).Select(row => (long)row * length)];
        _columns = [.. Enumerable.Range(0, rows * length).Select(_ => random.Next(300))];
        _weights = [.. _columns.Select(_ => random.Next(4) == 0 ? 0 : 3 * random.NextSingle())];
        _order = [.. Enumerable.Range(0, rows)];
        random.Shuffle(_order);
        _solver = new RowBatchSolver(_spectrum, _options);
    }

    public (float[] Rows, double[] Losses) SolveBatch(int count)
    {
        var (rows, losses) = (new float[_order.Length * _stride], new double[_order.Length]);
        SolveBatch(count, rows, losses);
        return (rows, losses);
    }

    public void SolveBatch(int count, float[] rows, double[] losses) => _solver.Solve(
        _other, _stride, new RowBatch(_offsets, _columns, _weights, _order.AsSpan(0, count)), rows, losses);

    public (float[] Rows, double[] Losses) SolveOneByOne(int count)
    {
        var (rows, losses) = (new float[_order.Length * _stride], new double[_order.Length]);
        var single = new RowSolver(_spectrum, _options);
        foreach (var row in _order.AsSpan(0, count))
        {
            var range = (int)_offsets[row]..(int)_offsets[row + 1];
            losses[row] = single.Solve(
                _other, _stride, _columns.AsSpan(range), _weights.AsSpan(range), rows.AsSpan(row * _stride, _stride));
        }

        return (rows, losses);
    }
}

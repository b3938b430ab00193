using System.Numerics;
using Engine.Kernels.Arithmetic;

namespace Engine.Kernels.Codes;

/// <summary>
/// Rows that may be among the K best, with their sparse part and what their score is between. When the list is twice as
/// long as it need be, the K-th largest lower bound becomes the floor, and rows that cannot reach it go.
/// </summary>
internal sealed unsafe class CandidateList
{
    private const int Slack = 65_536;
    private const int Least = 4_096;

    private readonly int[] _ordinals;
    private readonly float[] _addends;
    private readonly float[] _lows;
    private readonly float[] _highs;
    private readonly int[] _counts = new int[KthLargest.Counts];
    private readonly bool _holdsAll;
    private int _k;
    private int _limit;

    /// <param name="rows">Rows that there are.</param>
    /// <param name="maximumK">The largest K.</param>
    public CandidateList(int rows, int maximumK)
    {
        var all = rows + RowCodes.BlockRows;
        var capacity = (int)Math.Min(all, (4L * maximumK) + Slack);
        _holdsAll = capacity == all;
        _ordinals = new int[capacity];
        _addends = new float[capacity];
        _lows = new float[capacity];
        _highs = new float[capacity];
    }

    /// <summary>Rows in the list.</summary>
    public int Count { get; private set; }

    /// <summary>A row must be able to reach this to be among the K best.</summary>
    public float Floor { get; private set; } = float.NegativeInfinity;

    /// <summary>
    /// False once rows were lost because too many could not be told apart: then the list answers nothing.
    /// </summary>
    public bool IsComplete { get; private set; } = true;

    /// <summary>The rows, in the order in which they came.</summary>
    public ReadOnlySpan<int> Ordinals => _ordinals.AsSpan(0, Count);

    /// <summary>The sparse parts, in the order of <see cref="Ordinals"/>.</summary>
    public ReadOnlySpan<float> Addends => _addends.AsSpan(0, Count);

    /// <summary>Lower bounds, in the order of <see cref="Ordinals"/>.</summary>
    public ReadOnlySpan<float> Lows => _lows.AsSpan(0, Count);

    /// <summary>Starts over, for the <paramref name="k"/> best.</summary>
    public void Clear(int k)
    {
        _k = k;
        _limit = (int)Math.Min(_ordinals.Length, Math.Max(2L * k, Least));
        Count = 0;
        Floor = float.NegativeInfinity;
        IsComplete = true;
    }

    /// <summary>Raises the floor to what somebody else has found.</summary>
    public void Raise(float floor) => Floor = MathF.Max(Floor, floor);

    /// <summary>Adds rows of one block.</summary>
    /// <param name="first">The block's first row.</param>
    /// <param name="rows">One bit per row to add.</param>
    /// <param name="scores">The block's 64 approximate scores.</param>
    /// <param name="addends">Their sparse parts, or null.</param>
    /// <param name="error">Their error.</param>
    public void Add(int first, ulong rows, float* scores, float* addends, float error)
    {
        if (Count > _limit - RowCodes.BlockRows)
        {
            Prune();
        }

        for (; rows != 0; rows &= rows - 1)
        {
            var row = BitOperations.TrailingZeroCount(rows);
            _ordinals[Count] = first + row;
            _addends[Count] = addends == null ? 0 : addends[row];
            _lows[Count] = MathF.BitDecrement(scores[row] - error);
            _highs[Count++] = MathF.BitIncrement(scores[row] + error);
        }
    }

    /// <summary>Drops the rows that cannot reach <paramref name="floor"/>.</summary>
    /// <returns>Rows that stay.</returns>
    public int Keep(float floor)
    {
        var kept = 0;
        for (var i = 0; i < Count; i++)
        {
            (_ordinals[kept], _addends[kept], _lows[kept], _highs[kept]) =
                (_ordinals[i], _addends[i], _lows[i], _highs[i]);
            kept += _highs[i] >= floor ? 1 : 0;
        }

        return Count = kept;
    }

    private void Prune()
    {
        if (Count >= _k)
        {
            Floor = MathF.Max(Floor, KthLargest.Find(Lows, _k, _counts));
        }

        var kept = Keep(Floor);
        IsComplete &= _holdsAll || kept <= _ordinals.Length / 2;
        Count = IsComplete ? kept : 0;
        _limit = (int)Math.Min(_ordinals.Length, Math.Max(_limit, 2L * Count));
    }
}

using System.Numerics;

namespace Engine.Model.Kernels;

/// <summary>
/// Rows that may be among the K best, with a lower bound of their score and its width. When the list is full, the K-th
/// largest lower bound becomes the floor, and rows that cannot reach it go.
/// </summary>
internal sealed unsafe class CandidateList(int maximumK)
{
    private readonly int[] _ordinals = new int[(4 * maximumK) + 65_536];
    private readonly float[] _lows = new float[(4 * maximumK) + 65_536];
    private readonly float[] _highs = new float[(4 * maximumK) + 65_536];
    private int _k;
    private readonly float[] _order = new float[(4 * maximumK) + 65_536];

    /// <summary>Rows in the list.</summary>
    public int Count { get; private set; }

    /// <summary>A row must be able to score above this, or at least equal it, to be among the K best.</summary>
    public float Floor { get; private set; } = float.NegativeInfinity;

    /// <summary>False once rows were lost because too many could not be told apart: then the list answers nothing.</summary>
    public bool IsComplete { get; private set; } = true;

    /// <summary>The rows.</summary>
    public ReadOnlySpan<int> Ordinals => _ordinals.AsSpan(0, Count);

    /// <summary>Upper bounds, in the order of <see cref="Ordinals"/>.</summary>
    public ReadOnlySpan<float> Highs => _highs.AsSpan(0, Count);

    /// <summary>Lower bounds, in the order of <see cref="Ordinals"/>.</summary>
    public ReadOnlySpan<float> Lows => _lows.AsSpan(0, Count);

    /// <summary>Starts over, for the <paramref name="k"/> best.</summary>
    public void Clear(float floor, int k)
    {
        _k = k;
        Count = 0;
        Floor = floor;
        IsComplete = true;
    }

    /// <summary>Adds rows of one block.</summary>
    /// <param name="first">The block's first row.</param>
    /// <param name="rows">One bit per row to add.</param>
    /// <param name="scores">The block's 64 approximate scores.</param>
    /// <param name="error">Their error.</param>
    public void Add(int first, ulong rows, float* scores, float error)
    {
        if (Count > _ordinals.Length - RowCodes.BlockRows)
        {
            Prune();
        }

        for (; rows != 0; rows &= rows - 1)
        {
            var row = BitOperations.TrailingZeroCount(rows);
            _ordinals[Count] = first + row;
            _lows[Count] = MathF.BitDecrement(scores[row] - error);
            _highs[Count++] = MathF.BitIncrement(scores[row] + error);
        }
    }

    /// <summary>Raises the floor to the K-th largest lower bound and drops what cannot reach it.</summary>
    public void Prune()
    {
        if (Count < _k || _k == 0)
        {
            return;
        }

        _lows.AsSpan(0, Count).CopyTo(_order);
        Array.Sort(_order, 0, Count);
        Floor = MathF.Max(Floor, _order[Count - _k]);
        var kept = 0;
        for (var i = 0; i < Count; i++)
        {
            if (_highs[i] >= Floor)
            {
                (_ordinals[kept], _lows[kept], _highs[kept]) = (_ordinals[i], _lows[i], _highs[i]);
                kept++;
            }
        }

        Count = kept;
        if (kept > _ordinals.Length / 2)
        {
            IsComplete = false;
            Count = 0;
        }
    }
}

using System.Runtime.CompilerServices;

namespace Trainer.Models.Similarity;

/// <summary>
/// The k strongest neighbors seen so far; equal strengths go to the lower item. Strengths are finite and at least 0.
/// Scratch of one thread.
/// </summary>
/// <remarks>
/// What passes the threshold is appended; when the room of 4 k is full, the k best stay, in the order in which they
/// came, and the threshold rises: about two operations an entry where a heap takes log k with a branch missed at each,
/// and items that came ascending need no sorting at the end.
/// </remarks>
public sealed class NeighborList(int capacity)
{
    // Strength bits above the inverted item: a greater key is a better neighbor, and no two are equal.
    private readonly ulong[] _keys = new ulong[(4 * capacity) + 64];
    private readonly ulong[] _left = new ulong[(4 * capacity) + 64];
    private readonly ulong[] _right = new ulong[(4 * capacity) + 64];
    private readonly (float Strength, int Item)[] _sorted = new (float, int)[capacity];
    private int _count;
    private ulong _least;

    /// <summary>
    /// Strengths below this never enter: a little under the weakest of k, to be safe from rounding to fp32.
    /// </summary>
    public double Threshold { get; private set; } = double.NegativeInfinity;

    /// <summary>Forgets everything.</summary>
    public void Clear()
    {
        _count = 0;
        _least = 0;
        Threshold = double.NegativeInfinity;
    }

    /// <summary>Offers one neighbor.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(int item, float strength)
    {
        var key = ((ulong)BitConverter.SingleToUInt32Bits(strength) << 32) | ~(uint)item;
        if (key < _least)
        {
            return;
        }

        _keys[_count++] = key;
        if (_count == _keys.Length)
        {
            Prune();
        }
    }

    /// <summary>The k strongest in ascending order of item; valid until the next call.</summary>
    public ReadOnlySpan<(float Strength, int Item)> SortByItem()
    {
        if (_count > capacity)
        {
            Prune();
        }

        // By item: the halves change places.
        var keys = _keys.AsSpan(0, _count);
        var (last, ascending) = (0UL, true);
        foreach (ref var key in keys)
        {
            key = ((ulong)~(uint)key << 32) | (key >> 32);
            ascending &= key >= last;
            last = key;
        }

        if (!ascending)
        {
            keys.Sort();
        }

        for (var n = 0; n < keys.Length; n++)
        {
            _sorted[n] = (BitConverter.UInt32BitsToSingle((uint)keys[n]), (int)(keys[n] >> 32));
        }

        _count = 0;
        return _sorted.AsSpan(0, keys.Length);
    }

    private void Prune()
    {
        _least = KthGreatest(_keys.AsSpan(0, _count), _left, _right, capacity);
        _count = KeepFrom(_keys.AsSpan(0, _count), _least);
        Threshold = BitConverter.UInt32BitsToSingle((uint)(_least >> 32)) * (1 - 1e-6);
    }

    // Quickselect (middle of three as pivot) out of place: each key is written to both ends of what is left, and one
    // end moves on, so that no branch has to be guessed.
    private static ulong KthGreatest(ReadOnlySpan<ulong> keys, Span<ulong> into, Span<ulong> other, int k)
    {
        while (keys.Length > 2)
        {
            var (a, b, c) = (keys[0], keys[keys.Length / 2], keys[^1]);
            var pivot = Math.Max(Math.Min(a, b), Math.Min(Math.Max(a, b), c));
            into = into[..keys.Length];
            var above = Split(keys, into, pivot);
            keys = k <= above ? into[..above] : into[above..];
            k -= k <= above ? 0 : above;
            var free = other;
            other = into;
            into = free;
        }

        return keys.Length == 1 || (keys[0] > keys[1]) == (k == 1) ? keys[0] : keys[1];
    }

    // Those above the pivot to the front, the others to the back. Of three distinct keys or more one is above, one is
    // below.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int Split(ReadOnlySpan<ulong> keys, Span<ulong> into, ulong pivot)
    {
        var (front, back) = (0, keys.Length - 1);
        foreach (var key in keys)
        {
            into[front] = key;
            into[back] = key;
            var above = key > pivot ? 1 : 0;
            front += above;
            back -= 1 - above;
        }

        return front;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int KeepFrom(Span<ulong> keys, ulong least)
    {
        var count = 0;
        foreach (var key in keys)
        {
            keys[count] = key;
            count += key >= least ? 1 : 0;
        }

        return count;
    }
}

namespace Trainer.Models;

/// <summary>
/// The k strongest neighbours seen so far; equal strengths go to the lower item. Strengths are finite and at least 0.
/// Scratch of one thread.
/// </summary>
/// <remarks>
/// What passes the threshold is appended; when the room of 4 k is full, a selection leaves the k best and raises the
/// threshold: about two operations an entry where a heap takes log k with a branch missed at each.
/// </remarks>
public sealed class NeighborList(int capacity)
{
    // Strength bits above the inverted item: a greater key is a better neighbour, and no two are equal.
    private readonly ulong[] _keys = new ulong[(4 * capacity) + 64];
    private readonly (float Strength, int Item)[] _sorted = new (float, int)[capacity];
    private int _count;
    private ulong _least;

    /// <summary>Strengths below this never enter: a little under the weakest of k, to be safe from rounding to fp32.</summary>
    public double Threshold { get; private set; } = double.NegativeInfinity;

    /// <summary>Forgets everything.</summary>
    public void Clear()
    {
        _count = 0;
        _least = 0;
        Threshold = double.NegativeInfinity;
    }

    /// <summary>Offers one neighbour.</summary>
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
        foreach (ref var key in keys)
        {
            key = ((ulong)~(uint)key << 32) | (key >> 32);
        }

        keys.Sort();
        for (var n = 0; n < keys.Length; n++)
        {
            _sorted[n] = (BitConverter.UInt32BitsToSingle((uint)keys[n]), (int)(keys[n] >> 32));
        }

        _count = 0;
        return _sorted.AsSpan(0, keys.Length);
    }

    private void Prune()
    {
        _least = SelectGreatest(_keys.AsSpan(0, _count), capacity);
        _count = capacity;
        Threshold = BitConverter.UInt32BitsToSingle((uint)(_least >> 32)) * (1 - 1e-6);
    }

    // Brings the k greatest to the front and returns the least of them (Hoare's selection, middle of three as pivot).
    private static ulong SelectGreatest(Span<ulong> keys, int k)
    {
        var (low, high) = (0, keys.Length - 1);
        while (low < high)
        {
            var (a, b, c) = (keys[low], keys[(low + high) / 2], keys[high]);
            var pivot = Math.Max(Math.Min(a, b), Math.Min(Math.Max(a, b), c));
            var (i, j) = (low, high);
            while (i <= j)
            {
                while (keys[i] > pivot)
                {
                    i++;
                }

                while (keys[j] < pivot)
                {
                    j--;
                }

                if (i <= j)
                {
                    (keys[i], keys[j]) = (keys[j], keys[i]);
                    i++;
                    j--;
                }
            }

            if (k - 1 <= j)
            {
                high = j;
            }
            else if (k - 1 >= i)
            {
                low = i;
            }
            else
            {
                break;
            }
        }

        return keys[k - 1];
    }
}

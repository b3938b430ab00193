namespace Trainer.Models;

/// <summary>The k strongest neighbours seen so far; equal strengths go to the lower item. Scratch of one thread.</summary>
public sealed class NeighborList(int capacity)
{
    // A heap whose root is the weakest kept neighbour.
    private readonly (float Strength, int Item)[] _heap = new (float, int)[capacity];

    /// <summary>Kept neighbours.</summary>
    public int Count { get; private set; }

    /// <summary>Strengths below this never enter: a little under the weakest of a full list, to be safe from rounding to fp32.</summary>
    public double Threshold { get; private set; } = double.NegativeInfinity;

    /// <summary>Forgets everything.</summary>
    public void Clear()
    {
        Count = 0;
        Threshold = double.NegativeInfinity;
    }

    /// <summary>Offers one neighbour.</summary>
    public void Add(int item, float strength)
    {
        if (Count < capacity)
        {
            var place = Count++;
            for (; place > 0 && Weaker((strength, item), _heap[(place - 1) / 2]); place = (place - 1) / 2)
            {
                _heap[place] = _heap[(place - 1) / 2];
            }

            _heap[place] = (strength, item);
            RaiseThreshold();
        }
        else if (Weaker(_heap[0], (strength, item)))
        {
            SiftDown((strength, item));
            RaiseThreshold();
        }
    }

    /// <summary>The kept neighbours in ascending order of item.</summary>
    public ReadOnlySpan<(float Strength, int Item)> SortByItem()
    {
        var kept = _heap.AsSpan(0, Count);
        kept.Sort((x, y) => x.Item.CompareTo(y.Item));
        return kept;
    }

    private static bool Weaker((float Strength, int Item) x, (float Strength, int Item) y) =>
        x.Strength < y.Strength || (x.Strength == y.Strength && x.Item > y.Item);

    private void RaiseThreshold()
    {
        if (Count == capacity)
        {
            Threshold = _heap[0].Strength - (Math.Abs(_heap[0].Strength) * 1e-6);
        }
    }

    private void SiftDown((float Strength, int Item) entry)
    {
        var place = 0;
        for (int child; (child = (2 * place) + 1) < Count; place = child)
        {
            if (child + 1 < Count && Weaker(_heap[child + 1], _heap[child]))
            {
                child++;
            }

            if (!Weaker(_heap[child], entry))
            {
                break;
            }

            _heap[place] = _heap[child];
        }

        _heap[place] = entry;
    }
}

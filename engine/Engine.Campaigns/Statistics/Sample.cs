namespace Engine.Campaigns.Statistics;

/// <summary>Amounts of a group, most of which are zero: only the others are kept.</summary>
public sealed class Sample
{
    private readonly List<double> _amounts = [];

    /// <summary>Members, those with nothing included.</summary>
    public long Count { get; private set; }

    /// <summary>All amounts together.</summary>
    public double Sum { get; private set; }

    /// <summary>The amounts that are not zero.</summary>
    public IReadOnlyList<double> Amounts => _amounts;

    /// <summary>The mean over all members; 0 without any.</summary>
    public double Mean => Count == 0 ? 0 : Sum / Count;

    /// <summary>The variance of an amount; 0 with fewer than two members.</summary>
    public double Variance
    {
        get
        {
            var mean = Mean;
            var squares =
                ((Count - _amounts.Count) * mean * mean) + _amounts.Sum(amount => (amount - mean) * (amount - mean));
            return Count < 2 ? 0 : squares / (Count - 1);
        }
    }

    /// <summary>Adds a member.</summary>
    public void Add(double amount)
    {
        Count++;
        Sum += amount;
        if (amount != 0)
        {
            _amounts.Add(amount);
        }
    }
}

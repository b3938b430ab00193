using Engine.Scoring.Queries;
using Engine.Snapshots;

namespace Engine.Scoring.Comparing;

/// <summary>
/// How often each product is among the best ten of a user, and how sure the model is of the first one.
/// </summary>
internal sealed class Exposure(Snapshot snapshot)
{
    private readonly long[] _shown = new long[snapshot.ProductIds.Count];
    private long _places;
    private long _users;
    private double _scores;
    private double _probabilities;

    /// <summary>What the lists have in common with those of another snapshot.</summary>
    public ListFigures Lists { get; } = new();

    /// <summary>Mean score of the best product.</summary>
    public double Score => _scores / Math.Max(1, _users);

    /// <summary>Mean probability of the best product; NaN without calibration.</summary>
    public double Probability => _probabilities / Math.Max(1, _users);

    /// <summary>The share of all places that a product has, 0..1.</summary>
    public double ShareOf(int product) => _places == 0 ? 0 : (double)_shown[product] / _places;

    /// <summary>Adds a user's list.</summary>
    public void Add(ReadOnlySpan<ScoredProduct> list)
    {
        if (list.IsEmpty)
        {
            return;
        }

        foreach (var row in list[..Math.Min(SnapshotComparer.Short, list.Length)])
        {
            _shown[row.Product.Value]++;
            _places++;
        }

        _users++;
        _scores += list[0].Score;
        _probabilities += snapshot.Manifest.Calibration.Probability(list[0].Score) ?? double.NaN;
    }

    /// <summary>Adds the counts of another thread.</summary>
    public void Add(Exposure other)
    {
        for (var product = 0; product < _shown.Length; product++)
        {
            _shown[product] += other._shown[product];
        }

        (_places, _users, _scores, _probabilities) = (
            _places + other._places,
            _users + other._users,
            _scores + other._scores,
            _probabilities + other._probabilities);
        Lists.Add(other.Lists);
    }
}

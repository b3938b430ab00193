using Engine.Kernels.Sparse;
using Engine.Scoring.Models;
using Engine.Scoring.Profiles;
using Engine.Scoring.Sets;
using Engine.Snapshots;

namespace Engine.Scoring.Placements;

/// <summary>
/// What the placements of one page have shown so far, on one model: none of it is shown again. Reusable.
/// </summary>
public sealed class PlacementPage
{
    private readonly SparseSums _sums = new();
    private int[] _products = [];
    private float[] _history = [];
    private float[] _own = [];
    private int _summed = -1;

    internal Bitset Products { get; } = new();

    internal Bitset Cold { get; } = new();

    /// <summary>Begins a page.</summary>
    public void Begin(ScoringModel model)
    {
        Products.Clear(model.Products.Rows);
        Cold.Clear(model.Cold?.Products.Rows ?? 0);
        _summed = -1;
    }

    /// <summary>
    /// The sparse part of a profile's scores. The placements of a page mostly have one shopper, whose sums are taken
    /// once; those of another profile are taken anew.
    /// </summary>
    internal SparseSums Sums(Snapshot snapshot, ProfileRow profile)
    {
        if (!IsSummed(profile))
        {
            _sums.Collect(snapshot, profile);
            Keep(profile);
        }

        return _sums;
    }

    private bool IsSummed(ProfileRow profile) =>
        profile.History.Count == _summed
        && profile.History.Indices.SequenceEqual(_products.AsSpan(0, _summed))
        && profile.History.Values.SequenceEqual(_history.AsSpan(0, _summed))
        && profile.Own.Values.SequenceEqual(_own.AsSpan(0, _summed));

    private void Keep(ProfileRow profile)
    {
        _summed = profile.History.Count;
        if (_products.Length < _summed)
        {
            (_products, _history, _own) = (new int[2 * _summed], new float[2 * _summed], new float[2 * _summed]);
        }

        profile.History.Indices.CopyTo(_products);
        profile.History.Values.CopyTo(_history);
        profile.Own.Values.CopyTo(_own);
    }
}

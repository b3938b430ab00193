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
    /// <summary>A search for more takes longer than several for fewer.</summary>
    private const int MostCandidates = 1_000;

    private readonly SparseSums _sums = new();
    private int[] _products = [];
    private float[] _history = [];
    private float[] _own = [];
    private float[] _vector = [];
    private int _summed = -1;
    private IReadOnlyList<PlacementDefinition> _placements = [];

    internal Bitset Products { get; } = new();

    internal Bitset Cold { get; } = new();

    /// <summary>The search of an earlier placement for the shopper of <see cref="Sums"/>.</summary>
    internal PageSearch Search { get; } = new();

    /// <summary>Begins a page.</summary>
    /// <param name="model">The model that answers all of it.</param>
    /// <param name="placements">
    /// Those that will be asked for, in their order, so that one search finds enough for all of them. Without it the
    /// answers are the same, and later.
    /// </param>
    public void Begin(ScoringModel model, IReadOnlyList<PlacementDefinition>? placements = null)
    {
        _placements = placements ?? [];
        Products.Clear(model.Products.Rows);
        Cold.Clear(model.Cold?.Products.Rows ?? 0);
        _summed = -1;
    }

    /// <summary>
    /// The sparse part of a profile's scores. The placements of a page mostly have one shopper, whose sums are taken
    /// once; those of another profile are taken anew, and what was found for the one before is forgotten.
    /// </summary>
    internal SparseSums Sums(Snapshot snapshot, QueryProfile profile)
    {
        if (!IsSummed(profile.Profile) || !profile.Vector.SequenceEqual(_vector))
        {
            _sums.Collect(snapshot, profile.Profile);
            Keep(profile.Profile);
            if (_vector.Length != profile.Vector.Length)
            {
                _vector = new float[profile.Vector.Length];
            }

            profile.Vector.CopyTo(_vector);
            Search.Forget();
        }

        return _sums;
    }

    /// <summary>
    /// How many of the best products a placement and those with the same products need: each shows none of those that
    /// the others show before it.
    /// </summary>
    internal int Candidates(PlacementDefinition definition)
    {
        var (own, most, places) = (definition.Candidates(definition.TopK), 0, 0);
        for (var i = 0; i < _placements.Count; i++)
        {
            var other = _placements[i];
            if (other.Pool == definition.Pool && other.Rule == definition.Rule
                && other.Purchased == definition.Purchased)
            {
                places += other.TopK;
                most = Math.Max(most, other.Candidates(places));
            }
        }

        return Math.Max(own, Math.Min(most, MostCandidates));
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

using Engine.Scoring.Explaining;
using Engine.Scoring.Queries;
using Engine.Snapshots.Ids;

namespace Engine.Scoring.Placements;

/// <summary>One product of a placement.</summary>
/// <param name="Product">The product.</param>
/// <param name="Score">What its source gives it.</param>
/// <param name="Boost">The sum of the addends of the boosts that hold it, in the order of the rules.</param>
/// <param name="Diversity">What diversity takes off, 0 or less.</param>
/// <param name="Source">Where the score comes from.</param>
/// <param name="UnruledRank">Its place in the list without rules; 0 when it is not in that.</param>
/// <param name="IsPinned">Whether a pin put it here.</param>
public readonly record struct PlacementRow(
    ProductOrdinal Product,
    float Score,
    float Boost,
    float Diversity,
    PlacementSource Source,
    int UnruledRank,
    bool IsPinned)
{
    /// <summary>Whether it is a new product: an ordinal of <see cref="Models.ScoringModel.Cold"/>.</summary>
    public bool IsCold { get; init; }

    /// <summary>What places are given by: (score + boost) + diversity, in fp32.</summary>
    public float AdjustedScore => Score + Boost + Diversity;
}

/// <summary>
/// What one rule did, beside the list without rules. A product counts for every rule that concerns it: a pin its
/// product, boosts and minimums what they hold, a cap the products of a value that is full, diversity the products that
/// lose by it.
/// </summary>
/// <param name="IsActive">False outside its schedule.</param>
/// <param name="Added">Products in the list that would not be in it without rules.</param>
/// <param name="Moved">Products in the list that would stand at another place.</param>
/// <param name="Removed">Products that would be in the list without rules and are not.</param>
/// <param name="Missing">Pin: 1 when its product does not compete. Minimum: how many are missing.</param>
public readonly record struct PlacementEffect(bool IsActive, int Added, int Moved, int Removed, int Missing)
{
    /// <summary>Boost and minimum: products of the placement that the rule holds.</summary>
    public int Held { get; init; }
}

/// <summary>
/// The answer to a <see cref="PlacementQuery"/>, reusable: after warm-up filling it allocates nothing.
/// </summary>
public sealed class PlacementAnswer
{
    private PlacementRow[] _rows = [];
    private PlacementEffect[] _effects = [];
    private int _effectCount;

    /// <summary>In the order of the places.</summary>
    public ReadOnlySpan<PlacementRow> Rows => _rows.AsSpan(0, Count);

    /// <summary>One for each rule of the placement, in their order.</summary>
    public ReadOnlySpan<PlacementEffect> Effects => _effects.AsSpan(0, _effectCount);

    /// <summary>Who competed, what each clause removed, the skipped ids.</summary>
    public RecommendAnswer Competition { get; } = new();

    /// <summary>Products that the page removed: those on it, and those of the placements before.</summary>
    public int RemovedByPage { get; internal set; }

    /// <summary>How many products there were when they are fewer than the minimum count, and no row is given; else 0.
    /// </summary>
    public int BelowMinimum { get; internal set; }

    /// <summary>When asked for: one for each row, in their order; they add up to the adjusted score.</summary>
    public Explanations Explanations => Competition.Explanations;

    internal int Count { get; private set; }

    internal void Clear()
    {
        Competition.Clear();
        (Count, _effectCount, RemovedByPage, BelowMinimum) = (0, 0, 0, 0);
    }

    internal void Add(in PlacementRow row)
    {
        if (Count == _rows.Length)
        {
            Array.Resize(ref _rows, Math.Max(16, 2 * Count));
        }

        _rows[Count++] = row;
    }

    internal void Add(in PlacementEffect effect)
    {
        if (_effectCount == _effects.Length)
        {
            Array.Resize(ref _effects, Math.Max(8, 2 * _effectCount));
        }

        _effects[_effectCount++] = effect;
    }

    internal void RankUnruled(int row, int rank) => _rows[row] = _rows[row] with { UnruledRank = rank };

    /// <summary>
    /// Puts a row before the first one without a pin that has a lower adjusted score: those below move down, up to the
    /// one that leaves. What is pinned keeps its place.
    /// </summary>
    /// <param name="row">The row.</param>
    /// <param name="leaving">Which one leaves; -1 when there is room.</param>
    internal void Insert(in PlacementRow row, int leaving)
    {
        var (carried, isIn) = (row, false);
        for (var i = 0; i < Count; i++)
        {
            if (i == leaving)
            {
                _rows[i] = carried;
                return;
            }

            if (!_rows[i].IsPinned && (isIn || carried.AdjustedScore > _rows[i].AdjustedScore))
            {
                (carried, _rows[i], isIn) = (_rows[i], carried, true);
            }
        }

        Add(carried);
    }

    internal void SetEffect(int rule, in PlacementEffect effect) => _effects[rule] = effect;

    internal void TakeBack() => (BelowMinimum, Count) = (Count, 0);
}

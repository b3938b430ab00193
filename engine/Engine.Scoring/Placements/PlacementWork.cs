using Engine.Kernels.Search;
using Engine.Scoring.Ids;
using Engine.Scoring.Queries;
using Engine.Scoring.Sets;

namespace Engine.Scoring.Placements;

/// <summary>The working memory of one placement at a time. It grows to the largest and is kept.</summary>
internal sealed class PlacementWork
{
    private readonly List<CandidateList> _related = [];
    private readonly List<CandidateList> _full = [];
    private readonly CandidateList _allRelated = new();
    private readonly CandidateList _allFull = new();
    private readonly List<int[]> _capCounts = [];
    private int[] _capSizes = [];
    private float[] _directions = [];
    private ulong[] _keys = [];
    private ScoredRow[] _cold = [];

    /// <summary>What stands in the list or is pinned.</summary>
    public Bitset Placed { get; } = new();

    /// <summary>Products that were seen.</summary>
    public Bitset Seen { get; } = new();

    /// <summary>By split rule: what a minimum still needs.</summary>
    public int[] Needs { get; } = new int[PlacementDefinition.MaximumSplits];

    /// <summary>The sources of the candidates.</summary>
    public List<PlacementSource> Sources { get; } = new(2);

    /// <summary>The list without rules: products in its order.</summary>
    public List<int> Unruled { get; } = [];

    /// <summary>Those of them that are not in the list.</summary>
    public List<int> Removed { get; } = [];

    /// <summary>The clauses, as they are for the new products.</summary>
    public ProductFilter Cold { get; } = new();

    /// <summary>Ids that were told as skipped before, or are no new products: nobody looks at them.</summary>
    public SkippedIds KnownSkipped { get; } = new();

    public CandidateList List(PlacementSource source, int group) =>
        (source == PlacementSource.Related ? _related : _full)[group];

    /// <summary>Of all classes together.</summary>
    public CandidateList Whole(PlacementSource source) =>
        source == PlacementSource.Related ? _allRelated : _allFull;

    public Span<int> CapCounts(int cap) => _capCounts[cap].AsSpan(0, _capSizes[cap]);

    /// <summary>The factors of the product at a place of the list.</summary>
    public Span<float> Direction(int place, int stride) => _directions.AsSpan(place * stride, stride);

    /// <summary>Keeps what is in them when it grows.</summary>
    public Span<ulong> Keys(int count)
    {
        if (_keys.Length < count)
        {
            Array.Resize(ref _keys, Math.Max(count, 2 * _keys.Length));
        }

        return _keys.AsSpan(0, count);
    }

    /// <summary>Room for the best new products.</summary>
    public Span<ScoredRow> ColdRows(int count)
    {
        if (_cold.Length < count)
        {
            _cold = new ScoredRow[count];
        }

        return _cold.AsSpan(0, count);
    }

    public void Begin(ResolvedPlacement placement, int products, int stride)
    {
        Placed.Clear(products);
        Unruled.Clear();
        Removed.Clear();
        Sources.Clear();
        // All related products are added before the list is built.
        Begin(_related, _allRelated, placement.Classes.Length, float.NegativeInfinity);
        Begin(_full, _allFull, placement.Classes.Length, float.PositiveInfinity);
        var caps = placement.Caps;
        if (_capSizes.Length < caps.Count)
        {
            _capSizes = new int[caps.Count];
        }

        for (var i = 0; i < caps.Count; i++)
        {
            _capSizes[i] = caps[i].Cap.Values;
            if (i == _capCounts.Count)
            {
                _capCounts.Add([]);
            }

            if (_capCounts[i].Length < _capSizes[i])
            {
                _capCounts[i] = new int[_capSizes[i]];
            }

            CapCounts(i).Clear();
        }

        var floats = placement.Diversity > 0 ? placement.Pins.Length * stride : 0;
        if (_directions.Length < floats)
        {
            _directions = new float[floats];
        }
    }

    private static void Begin(List<CandidateList> lists, CandidateList whole, int classes, float cut)
    {
        whole.Begin(cut);
        while (lists.Count < classes)
        {
            lists.Add(new CandidateList());
        }

        for (var i = 0; i < classes; i++)
        {
            lists[i].Begin(cut);
        }
    }
}

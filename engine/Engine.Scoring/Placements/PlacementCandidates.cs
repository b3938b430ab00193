using Engine.Kernels.Arithmetic;
using Engine.Kernels.Search;
using Engine.Kernels.Sparse;
using Engine.Scoring.Models;
using Engine.Scoring.Profiles;
using Engine.Snapshots;

namespace Engine.Scoring.Placements;

/// <summary>
/// The competing products of each class by each source, best first, taken when they are needed. One search of all
/// classes gives as many as a list mostly needs; a class of which that was not enough is searched by itself, and gives
/// twice as many each time.
/// </summary>
internal readonly ref struct PlacementCandidates
{
    /// <summary>A class that must give a product mostly gives one of so many more.</summary>
    private const int Few = 4;

    /// <summary>With diversity: at most so many candidates a place at first.</summary>
    private const int Most = 4;

    /// <summary>
    /// With diversity: below the score of the last rank by this share of the weight, mostly nothing takes a place.
    /// </summary>
    private const float LoweredShare = 0.4f;

    private readonly ScoringModel _model;
    private readonly QueryScratch _scratch;
    private readonly QueryProfile _profile;
    private readonly PlacementPage? _page;
    private readonly PlacementDefinition _definition;
    private readonly int _first;
    private readonly SparseSums? _sums;
    private readonly CancellationToken _cancellation;

    /// <summary>With the competing products in the scratch.</summary>
    public PlacementCandidates(
        ScoringModel model,
        PlacementDefinition definition,
        ResolvedPlacement placement,
        PlacementWork work,
        QueryScratch scratch,
        QueryProfile profile,
        PlacementSource full,
        PlacementPage? page,
        CancellationToken cancellation)
    {
        (_model, Placement, Work, _scratch, _cancellation) = (model, placement, work, scratch, cancellation);
        _profile = profile;
        _page = page;
        _definition = definition;
        Full = full;
        if (full != PlacementSource.None)
        {
            Sources.Add(full);
        }

        _first = definition.Candidates(definition.TopK);
        if (full is PlacementSource.User or PlacementSource.Basket)
        {
            _sums = page?.Sums(model.Snapshot, profile) ?? scratch.Sparse;
            if (page is null)
            {
                _sums.Collect(model.Snapshot, profile.Profile);
            }
        }
    }

    public ResolvedPlacement Placement { get; }

    public PlacementWork Work { get; }

    /// <summary>The source that scores every product; none when the chain has only related products.</summary>
    public PlacementSource Full { get; }

    /// <summary>The sources that have any candidates, in the order of their turns.</summary>
    public List<PlacementSource> Sources => Work.Sources;

    /// <summary>Fills the related products of those on the page.</summary>
    public void AddRelated(List<string> page)
    {
        var (snapshot, count) = (_model.Snapshot, 0);
        foreach (var id in page)
        {
            if (snapshot.ProductIds.Find(id) is not (>= 0 and var product))
            {
                continue;
            }

            var row = snapshot.Related.Row(product);
            var keys = Work.Keys(count + row.Count);
            foreach (var pair in row)
            {
                if (pair.Support >= RelatedFigures.DefaultMinSupport && pair.Strength > 0
                    && _scratch.UserProducts.Contains(pair.Product))
                {
                    keys[count++] = RankKey.Pack(PlacementScores.Related(pair.Strength), pair.Product);
                }
            }
        }

        // Best first: of a product that is related to several, the strongest relation counts.
        var best = Work.Keys(count);
        best.Sort();
        Work.Seen.Clear(_model.Products.Rows);
        if (count > 0)
        {
            Sources.Insert(0, PlacementSource.Related);
        }

        foreach (var key in best)
        {
            if (Work.Seen.Add(RankKey.Ordinal(key)))
            {
                var row = new ScoredRow(RankKey.Ordinal(key), RankKey.Score(key));
                Work.Whole(PlacementSource.Related).Add(row);
                Work.List(PlacementSource.Related, ClassOf(row.Ordinal)).Add(row);
            }
        }
    }

    /// <summary>The best of all classes: one more than there are places at least, or all.</summary>
    public CandidateList Whole(PlacementSource source)
    {
        var whole = Work.Whole(source);
        if (float.IsPositiveInfinity(whole.Cut))
        {
            if (source == PlacementSource.Popular)
            {
                Popular(whole, Placement.Whole, _definition.TopK + 1);
            }
            else
            {
                Divide(whole);
            }
        }

        return whole;
    }

    /// <summary>Looks for more candidates of a class, whose list is not complete.</summary>
    /// <param name="source">Popular, or the source that scores every product.</param>
    /// <param name="group">The class.</param>
    /// <param name="isRival">
    /// Whether other classes have candidates, too: then those that reach where all classes were cut are enough.
    /// </param>
    public void Grow(PlacementSource source, int group, bool isRival)
    {
        _cancellation.ThrowIfCancellationRequested();
        var (list, products) = (Work.List(source, group), Placement.Classes[group]);
        var want = isRival ? Math.Max(_first, 2 * list.Count) : Few + (2 * list.Count);
        if (source == PlacementSource.Popular)
        {
            Popular(list, products, want);
            return;
        }

        if (float.IsPositiveInfinity(list.Cut))
        {
            Divide(Work.Whole(source));
            return;
        }

        // Where the rest of the largest class begins, by adjusted scores: mostly the list ends above.
        var reach = Work.Whole(source).Cut + Placement.Classes[0].Boost - products.Boost;
        float? least = isRival && reach < list.Cut ? reach : null;
        var rows = list.Reserve(want);
        var found = Search(list, products, rows, Query with { Least = least });
        list.Fill(found);
        list.Cut = found == want ? rows[^1].Score : least ?? float.NegativeInfinity;
    }

    /// <summary>The class of a competing product.</summary>
    public int ClassOf(int product)
    {
        var group = 0;
        while (!Placement.Classes[group].Products[product])
        {
            group++;
        }

        return group;
    }

    /// <summary>What the source that scores every product gives one.</summary>
    public float Score(int product) => Full switch
    {
        PlacementSource.User or PlacementSource.Basket =>
            DotProduct.Score(_profile.Vector, _model.Products[product]) + _sums![product],
        PlacementSource.Popular => PlacementScores.Popular(_model.Snapshot, product),
        _ => 0,
    };

    // Those of all classes, each to its class.
    private void Divide(CandidateList whole)
    {
        var (near, slack) = (0, LoweredShare * Placement.Diversity);
        var count = _page?.Candidates(_definition) ?? _first;
        if (_page is null && slack > 0)
        {
            near = _definition.TopK + 1;
            count = Most * near;
        }

        var best = whole.Reserve(count);
        var (found, cut) = (0, float.NegativeInfinity);
        if (_page?.Search.TryTake(_scratch.UserProducts, _definition.TopK + 1, best, out found, out cut) is not true)
        {
            found = Search(null, Placement.Whole, best, Query with { Near = near, Slack = slack });
            cut = found == best.Length ? best[^1].Score
                : near > 0 && found >= near ? best[near - 1].Score - slack
                : float.NegativeInfinity;
            _page?.Search.Keep(_scratch.UserProducts, best[..found], cut);
        }

        whole.Fill(found);
        whole.Cut = cut;
        foreach (var row in best[..found])
        {
            Work.List(Full, ClassOf(row.Ordinal)).Add(row);
        }

        for (var group = 0; group < Placement.Classes.Length; group++)
        {
            Work.List(Full, group).Cut = cut;
        }
    }

    private void Popular(CandidateList list, PlacementClass group, int want)
    {
        var order = group.Popular;
        for (; list.Next < order.Length && list.Count < want; list.Next++)
        {
            if (_scratch.UserProducts.Contains(order[list.Next]))
            {
                list.Add(
                    new ScoredRow(order[list.Next], PlacementScores.Popular(_model.Snapshot, order[list.Next])));
            }
        }

        list.Cut = list.Next < order.Length ? list.Rows[^1].Score : float.NegativeInfinity;
    }

    // Of a class, or of the whole, which has no list. The products found before are found again, as the first ones.
    private int Search(CandidateList? list, PlacementClass group, Span<ScoredRow> best, TopKQuery query)
    {
        var products = _scratch.UserProducts;
        if (!group.IsAll && _scratch.TryLeftOut(group.Products.Words, out var leftOut) && group.Search.IsPacked)
        {
            return group.Search.Search(query with { Excluded = leftOut }, best, _scratch.TopK);
        }

        var eligible = list is null || group.IsAll ? products.Eligible
            : products.Eligible.IsEmpty ? group.Products.Words
            : Eligible(list, group);
        return _model.ProductSearch.Search(
            query with { Eligible = eligible, Excluded = products.Excluded }, best, _scratch.TopK);
    }

    private ReadOnlySpan<ulong> Eligible(CandidateList list, PlacementClass group)
    {
        if (!list.HasEligible)
        {
            list.HasEligible = true;
            list.Eligible.Clear(_model.Products.Rows);
            list.Eligible.UnionWith(group.Products);
            var words = list.Eligible.Words;
            var eligible = _scratch.UserProducts.Eligible;
            for (var i = 0; i < eligible.Length; i++)
            {
                words[i] &= eligible[i];
            }
        }

        return list.Eligible.Words;
    }

    private TopKQuery Query => new() { Vector = _profile.Vector, Sums = _sums, Cancellation = _cancellation };
}

using Engine.Kernels.Arithmetic;
using Engine.Kernels.Search;
using Engine.Kernels.Sparse;
using Engine.Scoring.Models;
using Engine.Scoring.Profiles;
using Engine.Snapshots;

namespace Engine.Scoring.Placements;

/// <summary>
/// The competing products of each class by each source, best first, taken when they are needed: the exact search gives
/// twice as many whenever the ones before were not enough.
/// </summary>
internal readonly ref struct PlacementCandidates
{
    private const int Passed = 3;

    private readonly ScoringModel _model;
    private readonly QueryScratch _scratch;
    private readonly QueryProfile _profile;
    private readonly SparseSums? _sums;
    private readonly CancellationToken _cancellation;

    /// <summary>With the competing products in the scratch.</summary>
    public PlacementCandidates(
        ScoringModel model,
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
        Full = full;
        if (full is PlacementSource.User or PlacementSource.Basket)
        {
            _sums = page?.Sums(model.Snapshot, profile.Profile) ?? scratch.Sparse;
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
            var keys = Work.Keys(count + row.Products.Length);
            for (var i = 0; i < row.Products.Length; i++)
            {
                if (row.Supports[i] >= RelatedFigures.DefaultMinSupport && row.Strengths[i] > 0
                    && _scratch.UserProducts.Contains(row.Products[i]))
                {
                    keys[count++] = RankKey.Pack(PlacementScores.Related(row.Strengths[i]), row.Products[i]);
                }
            }
        }

        // Best first: of a product that is related to several, the strongest relation counts.
        var best = Work.Keys(count);
        best.Sort();
        Work.Seen.Clear(_model.Products.Rows);
        foreach (var key in best)
        {
            if (Work.Seen.Add(RankKey.Ordinal(key)))
            {
                Work.List(PlacementSource.Related, ClassOf(RankKey.Ordinal(key)))
                    .Add(new ScoredRow(RankKey.Ordinal(key), RankKey.Score(key)));
            }
        }
    }

    /// <summary>
    /// As many candidates of a class as a list mostly needs: one more than it has places, which ends the look at the
    /// last place; more where caps and diversity pass some over. A search for a few more costs less than a second one.
    /// Other classes than the largest are cut where its list ends: below that they mostly have no place either.
    /// </summary>
    public CandidateList First(PlacementSource source, int group, int places)
    {
        var want = Placement.Caps.Count > 0 || Placement.Diversity > 0 ? Passed * (places + 1) : places + 1;
        var list = Work.List(source, group);
        if (list.Count > 0 || list.IsComplete || list.IsCut)
        {
            return list;
        }

        if (group > 0 && source is PlacementSource.User or PlacementSource.Basket
            && !Placement.HasMinimum(group)
            && AtLeast(source, 0, want) is var largest && largest.Count >= want)
        {
            // By their adjusted scores, and by those without rules, which PlacementEffects compares.
            var (end, boost) = (largest[want - 1].Score, Placement.Classes[0].Boost);
            var least = MathF.BitDecrement(MathF.Min(end, end + boost - Placement.Classes[group].Boost));
            Cut(list, Placement.Classes[group], want, least);
            return list;
        }

        return AtLeast(source, group, want);
    }

    /// <summary>At least <paramref name="count"/> candidates of a class, or all.</summary>
    public CandidateList AtLeast(PlacementSource source, int group, int count)
    {
        var list = Work.List(source, group);
        while (list.Count < count && !list.IsComplete)
        {
            Refill(list, source, Placement.Classes[group], Math.Max(count, 2 * list.Count));
        }

        return list;
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

    private void Cut(CandidateList list, PlacementClass group, int want, float least)
    {
        _cancellation.ThrowIfCancellationRequested();
        var found = Search(list, group, list.Reserve(want), least);
        list.Fill(found, complete: false, found < want ? least : float.NegativeInfinity);
    }

    private void Refill(CandidateList list, PlacementSource source, PlacementClass group, int want)
    {
        _cancellation.ThrowIfCancellationRequested();
        if (source == PlacementSource.Popular)
        {
            Popular(list, group, want);
        }
        else if (source == PlacementSource.Related)
        {
            list.Complete();
        }
        else
        {
            var found = Search(list, group, list.Reserve(want), null);
            list.Fill(found, complete: found < want);
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

        if (list.Next == order.Length)
        {
            list.Complete();
        }
    }

    // The products found before are found again, as the first ones.
    private int Search(CandidateList list, PlacementClass group, Span<ScoredRow> best, float? least)
    {
        var products = _scratch.UserProducts;
        if (!group.IsAll && _scratch.TryLeftOut(group.Products.Words, out var leftOut) && group.Search.IsPacked)
        {
            return group.Search.Search(Query([], leftOut, least), best, _scratch.TopK);
        }

        if (group.IsAll)
        {
            return _model.ProductSearch.Search(Query(products.Eligible, products.Excluded, least), best, _scratch.TopK);
        }

        if (products.Eligible.IsEmpty)
        {
            return _model.ProductSearch.Search(
                Query(group.Products.Words, products.Excluded, least), best, _scratch.TopK);
        }

        if (!list.HasEligible)
        {
            list.HasEligible = true;
            list.Eligible.Clear(_model.Products.Rows);
            list.Eligible.UnionWith(group.Products);
            var words = list.Eligible.Words;
            var eligible = products.Eligible;
            for (var i = 0; i < eligible.Length; i++)
            {
                words[i] &= eligible[i];
            }
        }

        return _model.ProductSearch.Search(Query(list.Eligible.Words, products.Excluded, least), best, _scratch.TopK);
    }

    private TopKQuery Query(ReadOnlySpan<ulong> eligible, ReadOnlySpan<int> excluded, float? least) =>
        new()
        {
            Vector = _profile.Vector,
            Sums = _sums,
            Eligible = eligible,
            Excluded = excluded,
            Least = least,
            Cancellation = _cancellation,
        };
}

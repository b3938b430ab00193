using Engine.Scoring.Eligibility;
using Engine.Scoring.Explaining;
using Engine.Scoring.Ids;
using Engine.Scoring.Models;
using Engine.Scoring.Pools;
using Engine.Scoring.Profiles;
using Engine.Scoring.Queries;
using Engine.Scoring.Ranking;

namespace Engine.Scoring.Placements;

/// <summary>
/// The products of a placement: equal to scoring every competing product and giving the places one by one. After
/// warm-up a query allocates nothing.
/// </summary>
public static class PlacementRecommender
{
    /// <summary>Answers one placement, alone or as the next one of a page.</summary>
    /// <param name="model">The leased model.</param>
    /// <param name="query">The shopper, the page and the placement.</param>
    /// <param name="answer">Receives the list.</param>
    /// <param name="page">What earlier placements have shown; receives what this one shows. Null for none.</param>
    /// <param name="cancellation">Ends it early.</param>
    /// <exception cref="InputException">
    /// A field is out of its range, or a rule does not fit the snapshot.
    /// </exception>
    /// <exception cref="OperationCanceledException">It was canceled.</exception>
    public static void Recommend(
        ScoringModel model,
        PlacementQuery query,
        PlacementAnswer answer,
        PlacementPage? page = null,
        CancellationToken cancellation = default)
    {
        Recommender.CheckProfile(query.Shopper);
        Require.Between("page_product_ids", query.PageProductIds.Count, 0, RecommendQuery.MaximumRecent);
        answer.Clear();
        var kept = ModelPlacements.Of(model);
        var placement = kept.Resolve(model, query.Definition, query.Now, query.Filter.SavedPool, cancellation);
        var (scratch, work) = (model.Rent(), kept.Rent());
        try
        {
            work.Begin(placement, model.Products.Rows, model.Products.Stride);
            var user = Compete(model, query, placement, scratch, answer, page, cancellation);
            Answer(model, query, placement, work, scratch, user, answer, page, cancellation);
        }
        finally
        {
            model.Return(scratch);
            kept.Return(work);
        }

        foreach (var row in page is null ? [] : answer.Rows)
        {
            (row.IsCold ? page!.Cold : page!.Products).Add(row.Product.Value);
        }
    }

    /// <summary>
    /// Checks a placement and all of its rules, active or not; returns how many products pool and rule hold.
    /// </summary>
    /// <param name="model">The leased model.</param>
    /// <param name="definition">The placement.</param>
    /// <param name="pool">The saved pool that it names, resolved on the model; or null.</param>
    /// <param name="cancellation">Ends it early.</param>
    /// <exception cref="InputException">A field is out of its range, or does not fit the snapshot.</exception>
    public static int Validate(
        ScoringModel model,
        PlacementDefinition definition,
        ResolvedPool? pool,
        CancellationToken cancellation = default)
    {
        definition.Check();
        var resolved = new ResolvedPlacement(model, definition, ulong.MaxValue, pool, cancellation);
        return resolved.Classes.Sum(one => one.Products.Count);
    }

    /// <summary>
    /// How much work it is to resolve the rules of a placement, in comparisons: nothing once they are resolved.
    /// </summary>
    /// <exception cref="InputException">A rule is malformed.</exception>
    public static long CostOf(ScoringModel model, PlacementDefinition definition) =>
        definition.Rules.Select(rule => rule.Held)
            .Append(definition.Held)
            .Where(held => held.Rule.Length > 0)
            .Sum(model.CostOf);

    // Who competes: as for Recommend, without what is on the page.
    private static int Compete(
        ScoringModel model,
        PlacementQuery query,
        ResolvedPlacement placement,
        QueryScratch scratch,
        PlacementAnswer answer,
        PlacementPage? page,
        CancellationToken cancellation)
    {
        var (snapshot, competition) = (model.Snapshot, answer.Competition);
        query.Filter.Rule = placement.Rule;
        query.Filter.ExcludedProductIds.Clear();
        Copy(query.ExcludedProductIds, query.Filter.ExcludedProductIds);
        Copy(query.Definition.ExcludedProductIds, query.Filter.ExcludedProductIds);

        // A new product takes part when a rule lets new ones in: its id is not unknown then.
        var cold = placement.Explore < 0 ? null : model.Cold?.Snapshot;
        EligibleProducts.Resolve(
            snapshot, query.Filter, competition, scratch.Eligible, scratch.Listed, cancellation, cold);
        answer.RemovedByPage = page is null ? 0 : scratch.Eligible.Subtract(page.Products);
        foreach (var id in query.PageProductIds)
        {
            var product = snapshot.ProductIds.Find(id);
            if (product >= 0)
            {
                answer.RemovedByPage += scratch.Eligible.Remove(product) ? 1 : 0;
            }
            else if (!(cold?.ProductIds.Find(id) >= 0))
            {
                competition.Skipped.Add(id, SkipReason.UnknownProduct);
            }
        }

        var left = competition.EligibleCount - answer.RemovedByPage;
        var user = snapshot.FindUser(query.UserId);
        scratch.History.Read(user, query.UserId, query.Events);
        (competition.EventsVersion, competition.EventCount) = (query.Events.Version, scratch.History.EventCount);
        if (user < 0 && query.UserId.Length > 0 && !scratch.History.IsKnown)
        {
            competition.Skipped.Add(query.UserId, SkipReason.UnknownUser);
        }

        foreach (var behavior in query.Recent)
        {
            if (snapshot.ProductIds.Find(behavior.ProductId) < 0)
            {
                competition.Skipped.Add(behavior.ProductId, SkipReason.UnknownProduct);
            }
        }

        scratch.UserProducts.Resolve(
            snapshot, scratch.Eligible, left, query.Definition.Purchased, user, query.Recent, scratch.History);
        competition.EligibleCount = scratch.UserProducts.Count;
        competition.RemovedByPurchased = left - competition.EligibleCount;
        return user;
    }

    // By index: the enumerator of an interface is an object.
    private static void Copy(IReadOnlyList<string> ids, List<string> target)
    {
        for (var i = 0; i < ids.Count; i++)
        {
            target.Add(ids[i]);
        }
    }

    private static void Answer(
        ScoringModel model,
        PlacementQuery query,
        ResolvedPlacement placement,
        PlacementWork work,
        QueryScratch scratch,
        int user,
        PlacementAnswer answer,
        PlacementPage? page,
        CancellationToken cancellation)
    {
        var profile = Chain(model, query, work, user, scratch, out var full, out var related);
        answer.Competition.Source = profile.Source;
        var source = full;
        if (answer.Competition.EligibleCount == 0)
        {
            full = PlacementSource.None;
        }

        var candidates = new PlacementCandidates(
            model, query.Definition, placement, work, scratch, profile, full, page, cancellation);
        if (related)
        {
            candidates.AddRelated(query.PageProductIds);
        }

        var norms = placement.Diversity > 0 ? ModelPlacements.Of(model).InverseNorms(model) : [];
        var list = new PlacementList(model, query.Definition, candidates, scratch, answer, norms);
        list.Build();
        PlacementEffects.Add(query.Definition, candidates, list, answer);
        PlacementExploration.Apply(model, query, placement, work, profile, source, answer, page, cancellation);
        if (answer.Count < query.Definition.MinimumCount)
        {
            answer.TakeBack();
        }

        foreach (var row in query.Explain ? answer.Rows : [])
        {
            cancellation.ThrowIfCancellationRequested();
            Explain(model, query.Definition, placement, profile, row, answer.Explanations);
        }
    }

    // The first source that knows the shopper scores every product; related products count when they come before it.
    private static QueryProfile Chain(
        ScoringModel model,
        PlacementQuery query,
        PlacementWork work,
        int user,
        QueryScratch scratch,
        out PlacementSource full,
        out bool related)
    {
        (full, related) = (PlacementSource.None, false);

        // A look at the recent behavior alone reads the history of nobody.
        var (sources, isKnown) = (query.Definition.Sources, user >= 0 || scratch.History.IsKnown);
        for (var i = 0; i < sources.Count; i++)
        {
            switch (sources[i])
            {
                case PlacementSource.Related:
                    related = true;
                    break;
                case PlacementSource.Popular:
                    full = PlacementSource.Popular;
                    return new QueryProfile(user, default, default, ScoreSource.Popularity);
                case PlacementSource.User when !isKnown:
                    break;
                case var source:
                    query.Shopper.UserId = source == PlacementSource.User ? query.UserId : "";
                    work.KnownSkipped.Clear();
                    var profile = QueryProfile.Find(
                        model.Snapshot,
                        source == PlacementSource.User ? user : -1,
                        query.Shopper,
                        work.KnownSkipped,
                        scratch.History,
                        scratch.Basket,
                        scratch.FoldIn);
                    if (profile.Source != ScoreSource.None)
                    {
                        full = source;
                        return profile;
                    }

                    break;
            }
        }

        return default;
    }

    private static void Explain(
        ScoringModel model,
        PlacementDefinition definition,
        ResolvedPlacement placement,
        QueryProfile profile,
        in PlacementRow row,
        Explanations target)
    {
        var (product, bound, terms) = (row.Product.Value, 0.0, 2);
        if (row.Source is PlacementSource.User or PlacementSource.Basket)
        {
            // A new product is similar to nothing yet, and nobody owns it.
            Explainer.Add(
                row.IsCold ? model.Cold! : model,
                row.IsCold ? new QueryProfile(profile.User, profile.Vector, default, profile.Source) : profile,
                product,
                target);
            bound = target.Reopen();
        }
        else if (row.Source != PlacementSource.None)
        {
            target.Add(new ScoreTerm(
                row.Source == PlacementSource.Related ? TermKind.Related : TermKind.Purchasers, null, row.Score));
        }

        double magnitude = Math.Abs(row.Score) - row.Diversity;
        if (row.IsCold)
        {
            target.Add(new ScoreTerm(TermKind.Boost, null, row.Boost, placement.Explore));
            magnitude += Math.Abs(row.Boost);
        }

        foreach (var rule in row.IsCold ? [] : placement.Splits)
        {
            if (definition.Rules[rule] is { Kind: PlacementRuleKind.Boost, Amount: var addend }
                && placement.Held[rule]!.Products[product])
            {
                target.Add(new ScoreTerm(TermKind.Boost, null, addend, rule));
                magnitude += Math.Abs(addend);
                terms++;
            }
        }

        if (row.Diversity != 0)
        {
            target.Add(new ScoreTerm(TermKind.Diversity, null, row.Diversity));
        }

        target.End(row.AdjustedScore, bound + RoundingBound.OfSum(terms, magnitude));
    }
}

using Engine.Scoring.Eligibility;
using Engine.Scoring.Models;
using Engine.Scoring.Pools;
using Engine.Scoring.Profiles;
using Engine.Scoring.Queries;
using Engine.Snapshots.Ids;

namespace Engine.Scoring.Placements;

/// <summary>
/// Lets new products into a finished list, at most so many as the rule says. The best of them by score compete in turn
/// with the last product of the list that is not pinned, not new and not held by a minimum: the new one takes part when
/// its score and the addend exceed that product's adjusted score, which then leaves. It stands before the first product
/// without a pin that has a lower adjusted score. Caps and diversity do not look at it.
/// </summary>
internal static class PlacementExploration
{
    /// <summary>Changes the rows of the answer, and fills the effect of the rule.</summary>
    public static void Apply(
        ScoringModel model,
        PlacementQuery query,
        ResolvedPlacement placement,
        PlacementWork work,
        QueryProfile profile,
        PlacementSource source,
        PlacementAnswer answer,
        PlacementPage? page,
        CancellationToken cancellation)
    {
        // Only a shopper who is known has an opinion of products that nobody has purchased.
        if (placement.Explore < 0 || model.Cold is not { } cold || profile.Vector.IsEmpty
            || query.Definition.Purchased == PurchasedPolicy.Only)
        {
            return;
        }

        var rule = query.Definition.Rules[placement.Explore];
        var scratch = cold.Rent();
        try
        {
            Compete(cold, query, work, scratch, page, cancellation);
            var best = work.ColdRows(rule.Count);
            best = best[..cold.ProductSearch.Search(
                new()
                {
                    Vector = profile.Vector,
                    Eligible = scratch.Eligible.Words,
                    Cancellation = cancellation,
                },
                best,
                scratch.TopK)];
            var (added, removed) = (0, 0);
            foreach (var (product, score) in best)
            {
                var row = new PlacementRow(
                    new ProductOrdinal(product), score, rule.Amount, 0, source, 0, IsPinned: false)
                {
                    IsCold = true,
                };
                var leaving = -1;
                if (answer.Count == query.Definition.TopK)
                {
                    leaving = Weakest(query.Definition, placement, answer);
                    if (leaving < 0 || !(row.AdjustedScore > answer.Rows[leaving].AdjustedScore))
                    {
                        break;
                    }

                    PlacementEffects.Remove(query.Definition, placement, answer, answer.Rows[leaving]);
                    removed++;
                }

                answer.Insert(row, leaving);
                added++;
            }

            PlacementEffects.Recount(query.Definition, placement, answer);
            answer.SetEffect(placement.Explore, new PlacementEffect(true, added, 0, removed, 0));
        }
        finally
        {
            cold.Return(scratch);
        }
    }

    // The clauses of the list, on the new products.
    private static void Compete(
        ScoringModel cold,
        PlacementQuery query,
        PlacementWork work,
        QueryScratch scratch,
        PlacementPage? page,
        CancellationToken cancellation)
    {
        var filter = work.Cold;
        filter.SavedPool = Of(cold, query.Filter.SavedPool, cancellation);
        filter.Rule = Of(cold, query.Filter.Rule, cancellation);
        filter.Blocked = Of(cold, query.Filter.Blocked, cancellation);
        filter.ExcludedProductIds.Clear();
        filter.ExcludedProductIds.AddRange(query.Filter.ExcludedProductIds);
        filter.ExcludedProductIds.AddRange(query.PageProductIds);

        // The list has said which ids are unknown.
        work.KnownSkipped.Clear();
        EligibleProducts.Resolve(
            cold.Snapshot, filter, work.KnownSkipped, scratch.Eligible, scratch.Listed, cancellation);
        if (page is not null)
        {
            scratch.Eligible.Subtract(page.Cold);
        }
    }

    private static ResolvedPool? Of(ScoringModel cold, ResolvedPool? pool, CancellationToken cancellation) =>
        pool is null ? null : cold.Resolve(pool.Definition, cancellation);

    private static int Weakest(PlacementDefinition definition, ResolvedPlacement placement, PlacementAnswer answer)
    {
        for (var i = answer.Count - 1; i >= 0; i--)
        {
            var row = answer.Rows[i];
            if (!row.IsPinned && !row.IsCold && !IsNeeded(definition, placement, row.Product.Value))
            {
                return i;
            }
        }

        return -1;
    }

    private static bool IsNeeded(PlacementDefinition definition, ResolvedPlacement placement, int product)
    {
        foreach (var rule in placement.Splits)
        {
            if (definition.Rules[rule].Kind == PlacementRuleKind.Minimum && placement.Held[rule]!.Products[product])
            {
                return true;
            }
        }

        return false;
    }
}

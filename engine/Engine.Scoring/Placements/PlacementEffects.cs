namespace Engine.Scoring.Placements;

/// <summary>Compares a list with the one without rules, rule by rule.</summary>
internal static class PlacementEffects
{
    /// <summary>Gives the rows their places in the list without rules, and the answer an effect a rule.</summary>
    public static void Add(
        PlacementDefinition definition, PlacementCandidates candidates, in PlacementList list, PlacementAnswer answer)
    {
        var (placement, work) = (candidates.Placement, candidates.Work);
        FillUnruled(candidates, definition.TopK);
        for (var i = 0; i < answer.Count; i++)
        {
            answer.RankUnruled(i, work.Unruled.IndexOf(answer.Rows[i].Product.Value) + 1);
        }

        foreach (var product in work.Unruled)
        {
            if (!work.Placed[product])
            {
                work.Removed.Add(product);
            }
        }

        for (var rule = 0; rule < definition.Rules.Count; rule++)
        {
            answer.Add(
                placement.IsActive(rule)
                    ? Of(definition.Rules[rule], rule, placement, work, list, answer)
                    : default);
        }
    }

    private static PlacementEffect Of(
        PlacementRule rule,
        int index,
        ResolvedPlacement placement,
        PlacementWork work,
        in PlacementList list,
        PlacementAnswer answer)
    {
        var (added, moved, removed) = (0, 0, 0);
        var pin = rule.Kind == PlacementRuleKind.Pin ? placement.PinOf(index) : -1;
        var held = placement.Held[index]?.Products;
        var rows = answer.Rows;
        for (var i = 0; rule.Kind is not (PlacementRuleKind.Cap or PlacementRuleKind.Explore) && i < rows.Length; i++)
        {
            ref readonly var row = ref rows[i];
            var concerned = rule.Kind switch
            {
                PlacementRuleKind.Pin => row.IsPinned && row.Product.Value == pin,
                PlacementRuleKind.Diversity => row.Diversity < 0,
                _ => held![row.Product.Value],
            };
            added += concerned && row.UnruledRank == 0 ? 1 : 0;
            moved += concerned && row.UnruledRank > 0 && row.UnruledRank != i + 1 ? 1 : 0;
        }

        foreach (var product in work.Removed)
        {
            removed += rule.Kind switch
            {
                PlacementRuleKind.Pin or PlacementRuleKind.Explore => false,
                PlacementRuleKind.Cap => IsFull(placement, work, index, product),
                PlacementRuleKind.Diversity => list.IsLowered(product),
                _ => held![product],
            } ? 1 : 0;
        }

        return new PlacementEffect(true, added, moved, removed, rule.Kind switch
        {
            PlacementRuleKind.Pin => IsPlaced(answer, pin) ? 0 : 1,
            PlacementRuleKind.Minimum => work.Needs[Array.IndexOf(placement.Splits, index)],
            _ => 0,
        });
    }

    private static bool IsPlaced(PlacementAnswer answer, int pin)
    {
        foreach (var row in answer.Rows)
        {
            if (row.IsPinned && row.Product.Value == pin)
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsFull(ResolvedPlacement placement, PlacementWork work, int rule, int product)
    {
        var cap = 0;
        while (placement.Caps[cap].Rule != rule)
        {
            cap++;
        }

        return placement.Caps[cap].Cap.IsFull(work.CapCounts(cap), product);
    }

    // Related products first, as in the list; then what the full source ranks highest.
    private static void FillUnruled(PlacementCandidates candidates, int count)
    {
        var (placement, work) = (candidates.Placement, candidates.Work);
        foreach (var source in candidates.Sources)
        {
            // One source names a product once.
            var isMixed = work.Unruled.Count > 0;
            if (isMixed)
            {
                NoteUnruled(placement, work);
            }

            foreach (var (product, _) in candidates.Whole(source).Rows)
            {
                if (work.Unruled.Count < count && (!isMixed || work.Seen.Add(product)))
                {
                    work.Unruled.Add(product);
                }
            }
        }
    }

    private static void NoteUnruled(ResolvedPlacement placement, PlacementWork work)
    {
        work.Seen.Clear(placement.ProductCount);
        foreach (var product in work.Unruled)
        {
            work.Seen.Add(product);
        }
    }
}

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

    /// <summary>A new product takes the place of a row: it counts as removed for the rules that concern it.</summary>
    public static void Remove(
        PlacementDefinition definition, ResolvedPlacement placement, PlacementAnswer answer, in PlacementRow row)
    {
        for (var rule = 0; row.UnruledRank > 0 && rule < definition.Rules.Count; rule++)
        {
            if (placement.IsActive(rule) && IsConcerned(definition.Rules[rule], rule, placement, row))
            {
                var effect = answer.Effects[rule];
                answer.SetEffect(rule, effect with { Removed = effect.Removed + 1 });
            }
        }
    }

    /// <summary>Counts the products of the list again: new ones came in among them.</summary>
    public static void Recount(PlacementDefinition definition, ResolvedPlacement placement, PlacementAnswer answer)
    {
        for (var rule = 0; rule < definition.Rules.Count; rule++)
        {
            if (placement.IsActive(rule))
            {
                var (added, moved) = InList(definition.Rules[rule], rule, placement, answer);
                answer.SetEffect(rule, answer.Effects[rule] with { Added = added, Moved = moved });
            }
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
        var (pin, held, removed) = (placement.PinOf(index), placement.Held[index]?.Products, 0);
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

        var missing = rule.Kind switch
        {
            PlacementRuleKind.Pin => IsPlaced(answer, pin) ? 0 : 1,
            PlacementRuleKind.Minimum => work.Needs[Array.IndexOf(placement.Splits, index)],
            _ => 0,
        };
        var (added, moved) = InList(rule, index, placement, answer);
        return new PlacementEffect(true, added, moved, removed, missing) { Held = placement.HeldBy(index) };
    }

    private static (int Added, int Moved) InList(
        PlacementRule rule, int index, ResolvedPlacement placement, PlacementAnswer answer)
    {
        var (added, moved) = (0, 0);
        var rows = answer.Rows;
        for (var i = 0; i < rows.Length; i++)
        {
            ref readonly var row = ref rows[i];
            var isConcerned = IsConcerned(rule, index, placement, row);
            added += isConcerned && row.UnruledRank == 0 ? 1 : 0;
            moved += isConcerned && row.UnruledRank > 0 && row.UnruledRank != i + 1 ? 1 : 0;
        }

        return (added, moved);
    }

    private static bool IsConcerned(
        PlacementRule rule, int index, ResolvedPlacement placement, in PlacementRow row) =>
        !row.IsCold && rule.Kind switch
        {
            PlacementRuleKind.Pin => row.IsPinned && row.Product.Value == placement.PinOf(index),
            PlacementRuleKind.Diversity => row.Diversity < 0,
            PlacementRuleKind.Cap or PlacementRuleKind.Explore => false,
            _ => placement.Held[index]!.Products[row.Product.Value],
        };

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

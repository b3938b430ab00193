using Engine.Kernels.Search;

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
        for (var i = 0; i < answer.Count; i++)
        {
            var row = answer.Rows[i];
            var concerned = rule.Kind switch
            {
                PlacementRuleKind.Pin => row.IsPinned && row.Product.Value == pin,
                PlacementRuleKind.Cap or PlacementRuleKind.Explore => false,
                PlacementRuleKind.Diversity => row.Diversity < 0,
                _ => held![row.Product.Value],
            };
            added += concerned && row.UnruledRank == 0 ? 1 : 0;
            moved += concerned && row.UnruledRank > 0 && row.UnruledRank != i + 1 ? 1 : 0;
        }

        foreach (var product in work.Unruled)
        {
            removed += !work.Placed[product] && rule.Kind switch
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
        foreach (var source in (ReadOnlySpan<PlacementSource>)[PlacementSource.Related, candidates.Full])
        {
            if (source == PlacementSource.None)
            {
                continue;
            }

            // One source names a product once.
            var isMixed = work.Unruled.Count > 0;
            if (isMixed)
            {
                NoteUnruled(placement, work);
            }

            work.Cursors.AsSpan(0, placement.Classes.Length).Clear();
            while (work.Unruled.Count < count && Next(candidates, source, count) is >= 0 and var product)
            {
                if (!isMixed || work.Seen.Add(product))
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

    // Merges the classes by score, ties by ordinal.
    private static int Next(PlacementCandidates candidates, PlacementSource source, int count)
    {
        var (best, from) = (new ScoredRow(-1, 0), -1);
        for (var group = 0; group < candidates.Placement.Classes.Length; group++)
        {
            // A list that was cut ends below the last of the largest class's: none of the rest is among the first.
            var list = candidates.Work.List(source, group) is { IsCut: true } cut
                ? cut
                : candidates.AtLeast(source, group, count);
            var at = candidates.Work.Cursors[group];
            if (at < list.Count && (from < 0 || list[at].Score > best.Score
                || (list[at].Score == best.Score && list[at].Ordinal < best.Ordinal)))
            {
                (best, from) = (list[at], group);
            }
        }

        if (from >= 0)
        {
            candidates.Work.Cursors[from]++;
        }

        return best.Ordinal;
    }
}

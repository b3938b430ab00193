using Engine.Kernels.Arithmetic;
using Engine.Scoring.Models;
using Engine.Snapshots.Ids;

namespace Engine.Scoring.Placements;

/// <summary>
/// Builds a list place by place. A place with a pin takes its product, if that competes. Each other place takes, of the
/// products that break no rule, the one with the highest adjusted score, ties by ordinal. A candidate whose score and
/// boost do not reach the best one so far ends the look at its class, since diversity only lowers and scores descend:
/// the list is proven without looking at the rest.
/// </summary>
internal ref struct PlacementList
{
    private readonly ScoringModel _model;
    private readonly PlacementDefinition _definition;
    private readonly PlacementCandidates _candidates;
    private readonly ResolvedPlacement _placement;
    private readonly PlacementWork _work;
    private readonly QueryScratch _scratch;
    private readonly PlacementAnswer _answer;
    private readonly float[] _inverseNorms;
    private readonly int _stride;
    private (int Ordinal, float Score, float Boost, float Diversity, int Class) _best;
    private float _bestScore;

    public PlacementList(
        ScoringModel model,
        PlacementDefinition definition,
        PlacementCandidates candidates,
        QueryScratch scratch,
        PlacementAnswer answer,
        float[] inverseNorms)
    {
        (_model, _definition, _scratch, _answer) = (model, definition, scratch, answer);
        _candidates = candidates;
        (_placement, _work) = (candidates.Placement, candidates.Work);
        (_inverseNorms, _stride) = (inverseNorms, model.Products.Stride);
    }

    /// <summary>Fills the rows of the answer.</summary>
    public void Build()
    {
        var free = CountPins();
        for (var place = 0; place < _definition.TopK; place++)
        {
            if (IsPinned(place))
            {
                var product = _placement.Pins[place];
                var group = _candidates.ClassOf(product);
                _best = (product, _candidates.Score(product), _placement.Classes[group].Boost, 0, group);
                AddRow(_candidates.Full, isPinned: true);
                continue;
            }

            // A minimum that no product can serve gives way.
            var unmet = Unmet(out var needed);
            var source = PlacementSource.None;
            if ((needed > 0 && needed >= free && Find(unmet, ref source)) || Find(0, ref source))
            {
                Count(_best.Ordinal, _best.Class);
                AddRow(source, isPinned: false);
            }

            free--;
        }
    }

    private readonly bool IsPinned(int place) =>
        _placement.Pins[place] >= 0 && _scratch.UserProducts.Contains(_placement.Pins[place]);

    // Pins count for caps and minimums from the start. Returns the places that are left.
    private readonly int CountPins()
    {
        var free = _definition.TopK;
        for (var j = 0; j < _placement.Splits.Length; j++)
        {
            var rule = _definition.Rules[_placement.Splits[j]];
            _work.Needs[j] = rule.Kind == PlacementRuleKind.Minimum ? rule.Count : 0;
        }

        for (var place = 0; place < _definition.TopK; place++)
        {
            if (IsPinned(place))
            {
                free--;
                Count(_placement.Pins[place], _candidates.ClassOf(_placement.Pins[place]));
            }
        }

        return free;
    }

    private readonly void Count(int product, int group)
    {
        _work.Placed.Add(product);
        for (var i = 0; i < _placement.Caps.Count; i++)
        {
            _placement.Caps[i].Cap.Count(_work.CapCounts(i), product);
        }

        for (var j = 0; j < _placement.Splits.Length; j++)
        {
            if ((_placement.Classes[group].Pattern >> j & 1) != 0 && _work.Needs[j] > 0)
            {
                _work.Needs[j]--;
            }
        }
    }

    // The minimums that still need products, a bit each.
    private readonly int Unmet(out int needed)
    {
        var unmet = 0;
        needed = 0;
        for (var j = 0; j < _placement.Splits.Length; j++)
        {
            needed += _work.Needs[j];
            unmet |= _work.Needs[j] > 0 ? 1 << j : 0;
        }

        return unmet;
    }

    // The best product of the first source that has any.
    private bool Find(int patterns, ref PlacementSource source)
    {
        foreach (var one in _candidates.Sources)
        {
            (_best.Ordinal, _bestScore) = (-1, float.NegativeInfinity);
            while (true)
            {
                for (var group = 0; group < _placement.Classes.Length; group++)
                {
                    if (Has(group, patterns))
                    {
                        Scan(one, group);
                    }
                }

                if (MayHoldBetter(one, patterns) is not (>= 0 and var growing))
                {
                    break;
                }

                _candidates.Grow(one, growing, isRival: _best.Ordinal >= 0);
            }

            if (_best.Ordinal >= 0)
            {
                source = one;
                return true;
            }
        }

        return false;
    }

    private readonly bool Has(int group, int patterns) =>
        patterns == 0 || (_placement.Classes[group].Pattern & patterns) != 0;

    // Of the classes whose rest reaches the best one so far, the one whose rest reaches furthest.
    private readonly int MayHoldBetter(PlacementSource source, int patterns)
    {
        var (growing, highest) = (-1, float.NegativeInfinity);
        for (var group = 0; group < _placement.Classes.Length; group++)
        {
            var reach = _work.List(source, group).Cut + _placement.Classes[group].Boost;
            if (reach > highest && reach >= _bestScore && Has(group, patterns))
            {
                (growing, highest) = (group, reach);
            }
        }

        return growing;
    }

    private void Scan(PlacementSource source, int group)
    {
        var boost = _placement.Classes[group].Boost;
        var list = _work.List(source, group);
        var rows = list.Rows;
        var marks = list.Marks;
        for (var i = list.Head; i < rows.Length; i++)
        {
            var (product, score) = rows[i];
            var boosted = score + boost;
            if (boosted < _bestScore)
            {
                return;
            }

            ref var mark = ref marks[i];
            if (mark.IsGone || IsBelow(boosted, mark, out _))
            {
                continue;
            }

            if (_work.Placed[product] || IsCapped(product))
            {
                list.Drop(i);
                continue;
            }

            if (!TryDiversify(product, boosted, ref mark, out var diversity))
            {
                continue;
            }

            var adjusted = boosted + diversity;
            if (adjusted > _bestScore || (adjusted == _bestScore && product < _best.Ordinal))
            {
                (_best, _bestScore) = ((product, score, boost, diversity, group), adjusted);
            }
        }
    }

    // Counts only grow: once capped, always capped.
    private readonly bool IsCapped(int product)
    {
        for (var i = 0; i < _placement.Caps.Count; i++)
        {
            if (_placement.Caps[i].Cap.IsFull(_work.CapCounts(i), product))
            {
                return true;
            }
        }

        return false;
    }

    // What diversity takes off. The largest similarity only grows with each place that is compared, and with it what is
    // taken off, rounded or not: once the product cannot reach the best one, the other places need not be compared.
    private readonly bool TryDiversify(int product, float boosted, ref CandidateList.Mark mark, out float diversity)
    {
        diversity = 0;
        if (_placement.Diversity == 0)
        {
            return true;
        }

        while (!IsBelow(boosted, mark, out diversity))
        {
            if (mark.Compared == _answer.Count)
            {
                return true;
            }

            mark.Similarity = Math.Max(mark.Similarity, Similarity(mark.Compared++, product));
        }

        return false;
    }

    // By what is known of its similarity.
    private readonly bool IsBelow(float boosted, in CandidateList.Mark mark, out float diversity)
    {
        diversity = 0 - (_placement.Diversity * mark.Similarity);
        return boosted + diversity < _bestScore;
    }

    /// <summary>The cosine of the factors, 0 when it is negative, of the product at a place and another.</summary>
    private readonly float Similarity(int place, int product) =>
        DotProduct.Score(_work.Direction(place, _stride), _model.Products[product])
            * _inverseNorms[_answer.Rows[place].Product.Value] * _inverseNorms[product];

    /// <summary>Whether diversity takes anything off a product below the whole list.</summary>
    public readonly bool IsLowered(int product)
    {
        for (var place = 0; _placement.Diversity > 0 && place < _answer.Count; place++)
        {
            if (_placement.Diversity * Similarity(place, product) > 0)
            {
                return true;
            }
        }

        return false;
    }

    private readonly void AddRow(PlacementSource source, bool isPinned)
    {
        if (_placement.Diversity > 0)
        {
            ModelPlacements.CopyFactors(_model, _best.Ordinal, _work.Direction(_answer.Count, _stride));
        }

        _answer.Add(
            new PlacementRow(
                new ProductOrdinal(_best.Ordinal),
                _best.Score,
                _best.Boost,
                _best.Diversity,
                source,
                UnruledRank: 0,
                isPinned));
    }
}

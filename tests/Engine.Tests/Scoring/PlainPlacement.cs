using Engine.Kernels.Arithmetic;
using Engine.Scoring.Placements;
using Engine.Snapshots.Writing;

namespace Engine.Tests.Scoring;

/// <summary>
/// The plain twin of placements: scores every product and gives the places one by one, by definition.
/// </summary>
internal sealed class PlainPlacement(SnapshotContent content, PlacementDefinition definition, ulong active)
{
    private readonly List<(int Product, PlacementSource Source, float Adjusted)> _list = [];

    /// <summary>The products that a rule of the tests, a list of ids, holds.</summary>
    public static HashSet<int> Held(string rule) =>
        [.. rule.Split('\'').Where((_, i) => i % 2 == 1).Select(id => int.Parse(id[1..]))];

    /// <summary>The list.</summary>
    /// <param name="competing">The products that compete.</param>
    /// <param name="sources">Each source with what it scores, in the order of the chain.</param>
    public IReadOnlyList<(int Product, PlacementSource Source, float Adjusted)> Solve(
        HashSet<int> competing, IReadOnlyList<(PlacementSource Source, Dictionary<int, float> Scores)> sources)
    {
        var pins = new int?[definition.TopK];
        foreach (var pin in Active(PlacementRuleKind.Pin))
        {
            var product = int.Parse(pin.ProductId[1..]);
            if (pins[pin.Place - 1] is null && !pins.Contains(product) && product < content.ProductIds.Count)
            {
                pins[pin.Place - 1] = product;
            }
        }

        pins = [.. pins.Select(pin => pin is { } product && competing.Contains(product) ? pin : null)];
        var counted = pins.OfType<int>().ToHashSet();
        var free = pins.Count(pin => pin is null);
        foreach (var pin in pins)
        {
            if (pin is { } pinned)
            {
                var full = sources.FirstOrDefault(one => one.Source != PlacementSource.Related);
                _list.Add((pinned, full.Source, (full.Scores?[pinned] ?? 0) + Boost(pinned)));
                continue;
            }

            var unmet = Active(PlacementRuleKind.Minimum)
                .Select(rule => (Held: Held(rule.Rule), Needs: rule.Count))
                .Select(one => (one.Held, Needs: one.Needs - counted.Count(one.Held.Contains)))
                .Where(one => one.Needs > 0)
                .ToList();
            var candidates = sources.SelectMany(
                (source, order) => source.Scores
                    .Where(one => competing.Contains(one.Key) && !counted.Contains(one.Key) && !IsCapped(one.Key))
                    .Select(one => (
                        Order: order, Product: one.Key, source.Source, Adjusted: Adjusted(one.Key, one.Value))))
                .ToList();
            var needed = candidates.Where(one => unmet.Any(minimum => minimum.Held.Contains(one.Product))).ToList();
            if (unmet.Sum(one => one.Needs) is > 0 and var needs && needs >= free && needed.Count > 0)
            {
                candidates = needed;
            }

            free--;
            if (candidates.Count > 0)
            {
                var best = candidates
                    .OrderBy(one => one.Order)
                    .ThenByDescending(one => one.Adjusted)
                    .ThenBy(one => one.Product)
                    .First();
                counted.Add(best.Product);
                _list.Add((best.Product, best.Source, best.Adjusted));
            }
        }

        return _list;

        bool IsCapped(int product) => Active(PlacementRuleKind.Cap).Any(
            cap => ValuesOf(cap.Tag, product).Any(
                value => counted.Count(other => ValuesOf(cap.Tag, other).Contains(value)) >= cap.Count));
    }

    private float Boost(int product) => Active(PlacementRuleKind.Boost)
        .Where(rule => Held(rule.Rule).Contains(product))
        .Aggregate(0f, (sum, rule) => sum + rule.Amount);

    private float Adjusted(int product, float score)
    {
        var weight = Active(PlacementRuleKind.Diversity).Sum(rule => rule.Amount);
        var similarity = _list.Select(above => Cosine(above.Product, product)).Append(0).Max();
        return score + Boost(product) - (weight * similarity);
    }

    private float Cosine(int above, int product) =>
        DotProduct.Score(Factors(above), content.ProductFactors.Row(product).ToArray())
            * InverseNorm(above) * InverseNorm(product);

    private float InverseNorm(int product)
    {
        var squares = DotProduct.Score(Factors(product), Factors(product));
        return squares > 0 ? 1 / MathF.Sqrt(squares) : 0;
    }

    private float[] Factors(int product)
    {
        var row = content.ProductFactors.Row(product).ToArray();
        row.AsSpan(content.Manifest.FactorCount).Clear();
        return row;
    }

    private IEnumerable<int> ValuesOf(string tag, int product) => tag == "category"
        ? content.Tags[0].Codes![product] is >= 0 and var code ? [code] : []
        : content.Tags[1].Codes!.Skip((int)content.Tags[1].Offsets![product]).Take(2);

    private IEnumerable<PlacementRule> Active(PlacementRuleKind kind) =>
        definition.Rules.Where((rule, i) => rule.Kind == kind && (active >> i & 1) != 0);
}

using Engine.Kernels;
using Engine.Scoring.Models;
using Engine.Scoring.Pools;
using Engine.Scoring.Sets;

namespace Engine.Scoring.Placements;

/// <summary>
/// The active rules of a placement on one model: its products in classes, its pins and caps. Immutable.
/// </summary>
internal sealed class ResolvedPlacement
{
    private readonly ulong _active;
    private readonly ResolvedPool? _pool;
    private readonly int[] _pinned;
    private readonly int[] _held;

    /// <summary>Resolves what a request needs and does not change with the shopper.</summary>
    /// <param name="model">The model.</param>
    /// <param name="definition">Checked.</param>
    /// <param name="active">Bit i: whether rule i is active.</param>
    /// <param name="pool">The saved pool, or null.</param>
    /// <param name="cancellation">Ends it early.</param>
    /// <exception cref="InputException">A rule does not fit the tags of the snapshot.</exception>
    public ResolvedPlacement(
        ScoringModel model,
        PlacementDefinition definition,
        ulong active,
        ResolvedPool? pool,
        CancellationToken cancellation)
    {
        (_active, _pool) = (active, pool);
        Rule = definition.Rule.Length > 0 ? model.Resolve(definition.Held, cancellation) : null;
        Held = new ResolvedPool?[definition.Rules.Count];
        Pins = new int[definition.TopK];
        _pinned = new int[definition.Rules.Count];
        _held = new int[definition.Rules.Count];
        Array.Fill(Pins, -1);
        Array.Fill(_pinned, -1);
        ProductCount = model.Products.Rows;
        var splits = new List<int>();
        for (var i = 0; i < definition.Rules.Count; i++)
        {
            var rule = definition.Rules[i];
            if (!IsActive(i))
            {
                continue;
            }

            switch (rule.Kind)
            {
                case PlacementRuleKind.Pin:
                    Pin(i, model.Snapshot.ProductIds.Find(rule.ProductId), rule.Place - 1);
                    break;
                case PlacementRuleKind.Cap:
                    var tag = TagColumns.Text(model.Snapshot, InvariantText.Of($"rules[{i}].cap.tag"), rule.Tag);
                    Caps.Add((i, new TagCap(tag, rule.Count)));
                    break;
                case PlacementRuleKind.Diversity:
                    Diversity = rule.Amount;
                    break;
                case PlacementRuleKind.Explore:
                    Explore = i;
                    break;
                default:
                    Held[i] = Resolve(model, rule, i, cancellation);
                    splits.Add(i);
                    break;
            }
        }

        Splits = [.. splits];
        Whole = new PlacementClass(model, All(model), 0, 0);
        Classes = Splits.Length == 0 ? [Whole] : Partition(model, definition);
        for (var j = 0; j < Splits.Length; j++)
        {
            _held[Splits[j]] = Classes.Sum(one => (one.Pattern >> j & 1) * one.Products.Count);
        }
    }

    /// <summary>Products of the model.</summary>
    public int ProductCount { get; }

    /// <summary>The rule of the placement itself, or null.</summary>
    public ResolvedPool? Rule { get; }

    /// <summary>What rule i holds, of active boosts and minimums.</summary>
    public ResolvedPool?[] Held { get; }

    /// <summary>How many products of pool and rule an active boost or minimum holds.</summary>
    public int HeldBy(int rule) => _held[rule];

    /// <summary>The rule behind each bit of a pattern.</summary>
    public int[] Splits { get; }

    /// <summary>The products of pool and rule.</summary>
    public PlacementClass Whole { get; }

    /// <summary>Disjoint, the largest first; together the whole.</summary>
    public PlacementClass[] Classes { get; }

    /// <summary>By place: a product, or -1.</summary>
    public int[] Pins { get; }

    /// <summary>By rule.</summary>
    public List<(int Rule, TagCap Cap)> Caps { get; } = [];

    /// <summary>The rule that lets new products in; -1 for none.</summary>
    public int Explore { get; } = -1;

    /// <summary>What similarity 1 takes off a score; 0 for nothing.</summary>
    public float Diversity { get; }

    /// <summary>Whether it was resolved from the same active rules and pool.</summary>
    public bool Fits(ulong active, ResolvedPool? pool) => active == _active && ReferenceEquals(pool, _pool);

    /// <summary>Whether a rule is active.</summary>
    public bool IsActive(int rule) => (_active >> rule & 1) != 0;

    /// <summary>The product of a pin; -1 when it is unknown or another pin counts.</summary>
    public int PinOf(int rule) => _pinned[rule];

    // Of several pins of a place or of a product, the first counts.
    private void Pin(int rule, int product, int place)
    {
        if (product >= 0 && Pins[place] < 0 && Array.IndexOf(Pins, product) < 0)
        {
            (_pinned[rule], Pins[place]) = (product, product);
        }
    }

    private static ResolvedPool Resolve(
        ScoringModel model, PlacementRule rule, int index, CancellationToken cancellation)
    {
        try
        {
            return model.Resolve(rule.Held, cancellation);
        }
        catch (RuleException e)
        {
            var kind = rule.Kind == PlacementRuleKind.Boost ? "boost" : "minimum";
            throw new InputException(
                InvariantText.Of(
                    $"found rules[{index}].{kind}.rule = a rule that does not fit the snapshot: {e.Message}"), e);
        }
    }

    private Bitset All(ScoringModel model)
    {
        var all = new Bitset();
        all.Fill(model.Products.Rows);
        foreach (var held in (ReadOnlySpan<ResolvedPool?>)[_pool, Rule])
        {
            if (held is not null)
            {
                all.IntersectWith(held.Products);
            }
        }

        return all;
    }

    private PlacementClass[] Partition(ScoringModel model, PlacementDefinition definition)
    {
        List<(Bitset Products, int Pattern, float Boost)> classes = [(Whole.Products, 0, 0)];
        for (var j = 0; j < Splits.Length; j++)
        {
            var (rule, held) = (definition.Rules[Splits[j]], Held[Splits[j]]!.Products);
            var addend = rule.Kind == PlacementRuleKind.Boost ? rule.Amount : 0;
            var split = new List<(Bitset Products, int Pattern, float Boost)>();
            foreach (var (products, pattern, boost) in classes)
            {
                var (inside, outside) = (Copy(products), Copy(products));
                inside.IntersectWith(held);
                outside.Subtract(held);
                split.Add((inside, pattern | (1 << j), boost + addend));
                split.Add((outside, pattern, boost));
            }

            classes = split.FindAll(one => one.Products.Count > 0);
        }

        return
        [
            .. classes.OrderByDescending(one => one.Products.Count)
                .Select(one => new PlacementClass(model, one.Products, one.Pattern, one.Boost)),
        ];

        Bitset Copy(Bitset products)
        {
            var copy = new Bitset();
            copy.Clear(model.Products.Rows);
            copy.UnionWith(products);
            return copy;
        }
    }
}

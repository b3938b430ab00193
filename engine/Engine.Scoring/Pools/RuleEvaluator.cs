using Engine.Scoring.Sets;
using Engine.Snapshots;
using Engine.Snapshots.Manifest;

namespace Engine.Scoring.Pools;

/// <summary>Which products of a snapshot a rule holds, and how many each of its conditions holds alone.</summary>
internal sealed class RuleEvaluator
{
    private readonly Snapshot _snapshot;
    private readonly string _rule;
    private readonly CancellationToken _cancellation;
    private readonly List<RuleClause> _clauses = [];
    private int _marked;

    private RuleEvaluator(Snapshot snapshot, string rule, CancellationToken cancellation) =>
        (_snapshot, _rule, _cancellation) = (snapshot, rule, cancellation);

    private int Products => _snapshot.Manifest.ProductCount;

    /// <summary>Evaluates a tree.</summary>
    /// <exception cref="RuleException">
    /// A condition does not fit the tags of the snapshot, or the rule is too much work.
    /// </exception>
    /// <exception cref="OperationCanceledException">It was canceled.</exception>
    public static (Bitset Products, IReadOnlyList<RuleClause> Clauses) Run(
        Snapshot snapshot, RuleTree tree, CancellationToken cancellation)
    {
        RuleCost.Check(snapshot, tree);
        var evaluator = new RuleEvaluator(snapshot, tree.Text, cancellation);
        var products = evaluator.Evaluate(tree.Include, isOutermost: true);
        evaluator.Mark(products);
        foreach (var except in tree.Except)
        {
            products.Subtract(evaluator.Evaluate(except));
            evaluator.Mark(products);
        }

        return (products, evaluator._clauses);
    }

    private Bitset Evaluate(RuleNode node, bool isOutermost = false)
    {
        if (node is not RuleGroup group)
        {
            return Evaluate((RuleCondition)node);
        }

        var products = Evaluate(group.Nodes[0]);
        foreach (var other in group.Nodes.Skip(1))
        {
            if (isOutermost)
            {
                Mark(products);
            }

            if (group.Any)
            {
                products.UnionWith(Evaluate(other));
            }
            else
            {
                products.IntersectWith(Evaluate(other));
            }
        }

        return products;
    }

    // What the rule holds after the part of the clauses that were added last.
    private void Mark(Bitset products)
    {
        var left = products.Count;
        for (; _marked < _clauses.Count; _marked++)
        {
            _clauses[_marked] = _clauses[_marked] with { Left = left };
        }
    }

    private Bitset Evaluate(RuleCondition condition)
    {
        _cancellation.ThrowIfCancellationRequested();
        var tag = TagColumns.Find(_snapshot, _rule, condition);
        var type = tag?.Column.Type ?? TagValueType.Text;
        RuleTypes.Check(_rule, condition, type);
        var products = new Bitset();
        products.Clear(Products);
        switch (type)
        {
            case TagValueType.Text when tag is null:
                OfEveryProduct(condition, products);
                break;
            case TagValueType.Text:
                TextTest.Run(tag, condition, products, _cancellation);
                break;
            case TagValueType.MultiText:
                TextTest.RunMulti(tag!, condition, Products, products, _cancellation);
                break;
            case TagValueType.Number:
                OrderTest.Run(tag!, condition, products, _cancellation);
                break;
            default:
                OrderTest.Run(tag!, condition, _snapshot.Manifest.Scope.LastDay, products, _cancellation);
                break;
        }

        if (condition.Negated)
        {
            var all = new Bitset();
            all.Fill(Products);
            all.Subtract(products);
            products = all;
        }

        _clauses.Add(new RuleClause(_rule[condition.Start..condition.End], products.Count));
        return products;
    }

    // Ids and names: every product has one, so none is empty.
    private void OfEveryProduct(RuleCondition condition, Bitset products)
    {
        if (condition is { Tag: TagColumns.ProductId, Operator: RuleOperator.Equal })
        {
            foreach (var value in condition.Values)
            {
                if (_snapshot.ProductIds.Find(value.Text) is >= 0 and var product)
                {
                    products.Add(product);
                }
            }
        }
        else if (condition.Operator != RuleOperator.Empty)
        {
            Func<int, ReadOnlySpan<byte>> text = condition.Tag == TagColumns.ProductId
                ? _snapshot.ProductIds.Utf8
                : _snapshot.ProductNames.Utf8;
            using var matches = TextTest.Judge(Products, text, condition, _cancellation);
            for (var product = 0; product < Products; product++)
            {
                if (matches[product])
                {
                    products.Add(product);
                }
            }
        }
    }
}

/// <summary>One condition of a rule.</summary>
/// <param name="Text">As it stands in the rule.</param>
/// <param name="Products">Products that it holds alone.</param>
public sealed record RuleClause(string Text, int Products)
{
    /// <summary>
    /// Products that the rule holds up to here: after the outermost part (joined by and, or, except) that the
    /// condition belongs to.
    /// </summary>
    public int Left { get; init; }
}

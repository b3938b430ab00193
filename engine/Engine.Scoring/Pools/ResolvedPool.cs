using Engine.Kernels.Search;
using Engine.Scoring.Ids;
using Engine.Scoring.Sets;
using Engine.Snapshots;

namespace Engine.Scoring.Pools;

/// <summary>The products of a pool in one snapshot. Immutable; valid as long as the model that resolved it.</summary>
public sealed class ResolvedPool
{
    private readonly Bitset _products;
    private readonly Lazy<TopKPool> _search;

    internal ResolvedPool(Snapshot snapshot, TopKIndex index, PoolDefinition definition, CancellationToken cancellation)
    {
        Definition = definition;
        var listed = new Bitset();
        listed.Clear(snapshot.Manifest.ProductCount);
        var distinct = new HashSet<string>(StringComparer.Ordinal);
        foreach (var id in definition.ProductIds)
        {
            cancellation.ThrowIfCancellationRequested();
            var product = snapshot.ProductIds.Find(id);
            if (!distinct.Add(id))
            {
                Skipped.Add(id, SkipReason.Duplicate);
            }
            else if (product < 0)
            {
                OutOfScopeCount++;
                Skipped.Add(id, SkipReason.UnknownProduct);
            }
            else
            {
                listed.Add(product);
            }
        }

        _products = listed;
        DeclaredCount = distinct.Count;
        var hint = "";
        if (definition.Rule.Length > 0)
        {
            var tree = Parse(definition.Rule);
            (var held, Clauses) = RuleEvaluator.Run(snapshot, tree, cancellation);
            if (definition.ProductIds.Count > 0)
            {
                held.IntersectWith(listed);
            }

            _products = held;
            DeclaredCount = definition.ProductIds.Count > 0 ? DeclaredCount : held.Count;
            hint = held.Count > 0 ? "" : RuleHints.Of(snapshot, tree, Clauses, cancellation);
        }

        Count = _products.Count;
        Problem = Count > 0 ? ""
            : $"no product of the snapshot is in the pool: {(hint.Length > 0 ? hint : "check its ids and values")}";
        _search = new Lazy<TopKPool>(() => new TopKPool(index, _products.Words));
    }

    /// <summary>As it was declared.</summary>
    public PoolDefinition Definition { get; }

    /// <summary>Products of the snapshot that it holds.</summary>
    public int Count { get; }

    /// <summary>
    /// The size that tasks are judged by: distinct ids listed, in scope or not; of a rule alone, the products it holds.
    /// </summary>
    public int DeclaredCount { get; }

    /// <summary>Listed ids that are not in the snapshot.</summary>
    public int OutOfScopeCount { get; }

    /// <summary>Why it holds no product, for people; empty when it holds one.</summary>
    public string Problem { get; }

    /// <summary>Listed ids that took no part.</summary>
    public SkippedIds Skipped { get; } = new();

    /// <summary>The conditions of the rule, each with what it holds alone.</summary>
    public IReadOnlyList<RuleClause> Clauses { get; } = [];

    /// <summary>One bit a product, in descending norm.</summary>
    public ReadOnlySpan<ulong> Words => _products.Words;

    internal Bitset Products => _products;

    /// <summary>
    /// Search within the pool; a small pool keeps a packed copy of its rows from the first search on.
    /// </summary>
    internal TopKPool Search => _search.Value;

    /// <summary>The tree of a rule, without a look at any tags.</summary>
    /// <exception cref="RuleException">The rule is malformed.</exception>
    public static RuleTree Parse(string rule) => RuleParser.Parse(rule);
}

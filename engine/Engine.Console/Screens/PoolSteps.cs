using Engine.Protos.V1;

namespace Engine.WebConsole.Screens;

/// <summary>What one part of a pool's rule did, parts taken in their order.</summary>
/// <param name="Clauses">Its conditions; several in a group.</param>
/// <param name="IsExcept">It takes away.</param>
/// <param name="Before">Products before it.</param>
/// <param name="After">Products after it.</param>
public sealed record PoolStep(IReadOnlyList<ClausePreview> Clauses, bool IsExcept, long Before, long After);

/// <summary>The parts of a counted rule.</summary>
internal static class PoolSteps
{
    /// <summary>Whether one clause is enough, so that clauses add products.</summary>
    public static bool IsAny(PreviewPoolReply preview) =>
        preview.Tree?.Include?.Group is { Connective: RuleConnective.Or };

    /// <summary>The outermost parts; none without a rule.</summary>
    /// <param name="preview">The engine's count.</param>
    /// <param name="products">Products of the snapshot.</param>
    public static IEnumerable<PoolStep> Of(PreviewPoolReply preview, long products)
    {
        if (preview.Tree is not { } tree)
        {
            yield break;
        }

        RuleNode[] included = tree.Include.Group is { } group ? [.. group.Nodes] : [tree.Include];
        var before = IsAny(preview) ? 0 : products;
        var clauses = preview.Clauses.AsEnumerable();
        foreach (var (node, isExcept) in included.Select(node => (node, false))
            .Concat(tree.Except.Select(node => (node, true))))
        {
            var leaves = Leaves(node);
            ClausePreview[] part = [.. clauses.Take(leaves)];
            clauses = clauses.Skip(leaves);
            yield return new PoolStep(part, isExcept, before, part[^1].LeftCount);
            before = part[^1].LeftCount;
        }
    }

    private static int Leaves(RuleNode node) => node.Group is { } group ? group.Nodes.Sum(Leaves) : 1;
}

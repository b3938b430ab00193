using Engine.Scoring.Reranking;
using Engine.Snapshots.Manifest;
using Engine.Snapshots.Writing;
using Trainer.Models.Trees;

namespace EndToEnd.Tests.Reranking;

/// <summary>Snapshot contents with a small re-ranker.</summary>
internal static class RerankedSnapshot
{
    /// <summary>Products of a user that are re-ranked.</summary>
    public const int Candidates = 20;

    /// <summary>
    /// One tree, by what a purchase of the product adds to its own term: about half of the candidates rise.
    /// </summary>
    public static Tree Stump => TreeOn(RerankFeatures.Names.ToList().IndexOf("repeat"), 0);

    /// <summary>That tree as ONNX.</summary>
    public static byte[] Model => OnnxTrees.Write([Stump], RerankFeatures.Names.Count);

    /// <summary>A tree of one question.</summary>
    public static Tree TreeOn(int feature, float threshold)
    {
        var tree = new Tree();
        tree.Split(tree.AddLeaf(0), feature, threshold, 0.5, -0.25);
        return tree;
    }

    /// <summary>Adds a re-ranker to a content.</summary>
    public static SnapshotContent With(SnapshotContent content, byte[] model, RerankerTerms? terms = null)
    {
        terms ??= new RerankerTerms(Candidates, [.. RerankFeatures.Names]);
        return content with { Reranker = model, Manifest = content.Manifest with { Reranker = terms } };
    }
}

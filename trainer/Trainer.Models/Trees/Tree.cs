namespace Trainer.Models.Trees;

/// <summary>
/// One regression tree in arrays: node n goes left if the feature is at most the threshold; a leaf has
/// the feature -1 and holds the value. Node 0 is the root.
/// </summary>
public sealed class Tree
{
    private readonly List<(int Feature, float Threshold, int Left, int Right, float Value)> _nodes = [];

    /// <summary>Nodes, leaves among them.</summary>
    public int Count => _nodes.Count;

    /// <summary>One node.</summary>
    public (int Feature, float Threshold, int Left, int Right, float Value) this[int node] => _nodes[node];

    /// <summary>The value of the leaf that a row of features falls into.</summary>
    public float Predict(ReadOnlySpan<float> features)
    {
        var node = 0;
        while (_nodes[node].Feature is >= 0 and var feature)
        {
            node = features[feature] <= _nodes[node].Threshold ? _nodes[node].Left : _nodes[node].Right;
        }

        return _nodes[node].Value;
    }

    /// <summary>Adds a leaf; returns its number.</summary>
    internal int AddLeaf(double value)
    {
        _nodes.Add((-1, 0, -1, -1, (float)value));
        return _nodes.Count - 1;
    }

    /// <summary>Makes a leaf a node with two leaves.</summary>
    internal (int Left, int Right) Split(int leaf, int feature, float threshold, double left, double right)
    {
        var (l, r) = (AddLeaf(left), AddLeaf(right));
        _nodes[leaf] = (feature, threshold, l, r, 0);
        return (l, r);
    }
}

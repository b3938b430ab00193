using Google.Protobuf;

namespace Trainer.Models.Trees;

/// <summary>
/// Writes trees as an ONNX model: <c>features</c> (rows x features, fp32) to <c>correction</c> (rows x 1, fp32), the
/// sum of all trees, as one TreeEnsembleRegressor (ai.onnx.ml, version 1). Equal trees give equal bytes.
/// </summary>
public static class OnnxTrees
{
    /// <summary>The name of the input.</summary>
    public const string Input = "features";

    /// <summary>The name of the output.</summary>
    public const string Output = "correction";

    private const long IrVersion = 8;
    private const long CoreVersion = 15;
    private const long TreesVersion = 1;
    private const int Float = 1;

    /// <summary>The bytes of the model.</summary>
    public static byte[] Write(IReadOnlyList<Tree> trees, int features)
    {
        var node = new Onnx.NodeProto
        {
            OpType = "TreeEnsembleRegressor",
            Domain = "ai.onnx.ml",
            Name = "trees",
            Input = { Input },
            Output = { Output },
        };
        node.Attribute.AddRange(
            [
                .. Nodes(trees),
                .. Targets(trees),
                Whole("n_targets", 1),
                Text("aggregate_function", "SUM"),
                Text("post_transform", "NONE"),
            ]);
        var graph = new Onnx.GraphProto
        {
            Name = "re-ranker",
            Node = { node },
            Input = { Tensor(Input, features) },
            Output = { Tensor(Output, 1) },
        };
        return new Onnx.ModelProto
        {
            IrVersion = IrVersion,
            ProducerName = "trainer",
            Graph = graph,
            OpsetImport =
            {
                new Onnx.OperatorSetIdProto { Version = CoreVersion },
                new Onnx.OperatorSetIdProto { Domain = "ai.onnx.ml", Version = TreesVersion },
            },
        }.ToByteArray();
    }

    private static IEnumerable<Onnx.AttributeProto> Nodes(IReadOnlyList<Tree> trees)
    {
        var all =
            (from t in Enumerable.Range(0, trees.Count)
             from n in Enumerable.Range(0, trees[t].Count)
             select (Tree: t, Number: n, Node: trees[t][n])).ToArray();
        yield return Wholes("nodes_treeids", all.Select(node => node.Tree));
        yield return Wholes("nodes_nodeids", all.Select(node => node.Number));
        yield return Wholes("nodes_featureids", all.Select(node => Math.Max(0, node.Node.Feature)));
        yield return Numbers("nodes_values", all.Select(node => node.Node.Threshold));
        yield return Texts("nodes_modes", all.Select(node => node.Node.Feature < 0 ? "LEAF" : "BRANCH_LEQ"));
        yield return Wholes("nodes_truenodeids", all.Select(node => Math.Max(0, node.Node.Left)));
        yield return Wholes("nodes_falsenodeids", all.Select(node => Math.Max(0, node.Node.Right)));
    }

    private static IEnumerable<Onnx.AttributeProto> Targets(IReadOnlyList<Tree> trees)
    {
        var leaves =
            (from t in Enumerable.Range(0, trees.Count)
             from n in Enumerable.Range(0, trees[t].Count)
             where trees[t][n].Feature < 0
             select (Tree: t, Number: n, trees[t][n].Value)).ToArray();
        yield return Wholes("target_treeids", leaves.Select(leaf => leaf.Tree));
        yield return Wholes("target_nodeids", leaves.Select(leaf => leaf.Number));
        yield return Wholes("target_ids", leaves.Select(_ => 0));
        yield return Numbers("target_weights", leaves.Select(leaf => leaf.Value));
    }

    private static Onnx.ValueInfoProto Tensor(string name, int columns)
    {
        var shape = new Onnx.TensorShapeProto
        {
            Dim =
            {
                new Onnx.TensorShapeProto.Types.Dimension { DimParam = "rows" },
                new Onnx.TensorShapeProto.Types.Dimension { DimValue = columns },
            },
        };
        return new Onnx.ValueInfoProto
        {
            Name = name,
            Type = new Onnx.TypeProto
            {
                TensorType = new Onnx.TypeProto.Types.Tensor { ElemType = Float, Shape = shape },
            },
        };
    }

    private static Onnx.AttributeProto Whole(string name, long value) =>
        new() { Name = name, Type = Onnx.AttributeProto.Types.AttributeType.Int, I = value };

    private static Onnx.AttributeProto Text(string name, string value) =>
        new()
        {
            Name = name,
            Type = Onnx.AttributeProto.Types.AttributeType.String,
            S = ByteString.CopyFromUtf8(value),
        };

    private static Onnx.AttributeProto Wholes(string name, IEnumerable<int> values) =>
        new()
        {
            Name = name,
            Type = Onnx.AttributeProto.Types.AttributeType.Ints,
            Ints = { values.Select(value => (long)value) },
        };

    private static Onnx.AttributeProto Numbers(string name, IEnumerable<float> values) =>
        new() { Name = name, Type = Onnx.AttributeProto.Types.AttributeType.Floats, Floats = { values } };

    private static Onnx.AttributeProto Texts(string name, IEnumerable<string> values) =>
        new()
        {
            Name = name,
            Type = Onnx.AttributeProto.Types.AttributeType.Strings,
            Strings = { values.Select(ByteString.CopyFromUtf8) },
        };
}

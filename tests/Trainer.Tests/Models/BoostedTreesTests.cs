using Microsoft.ML.OnnxRuntime;
using Trainer.Models.Trees;

namespace Trainer.Tests.Models;

public class BoostedTreesTests
{
    private const int Features = 3;

    [Fact]
    public void They_learn_what_no_linear_score_can()
    {
        var (rows, labels) = Exclusive(4000);
        var trees = BoostedTrees.Fit(
            rows, Features, new float[labels.Length], labels, new TreeOptions { LeastRows = 20 }, new());
        Assert.Equal(60, trees.Length);
        for (var row = 0; row < labels.Length; row++)
        {
            Assert.Equal(labels[row], Sum(trees, rows.AsSpan(row * Features, Features)) > 0);
        }
    }

    [Fact]
    public void They_correct_the_score_that_is_there()
    {
        // An offset that says it all already leaves nothing to learn; a constant one leaves everything.
        var (rows, labels) = Exclusive(2000);
        var sure = labels.Select(label => label ? 20f : -20f).ToArray();
        Assert.All(
            BoostedTrees.Fit(rows, Features, sure, labels, new TreeOptions { Trees = 1 }, new()),
            tree => Assert.Equal(0, Sum([tree], rows.AsSpan(0, Features)), 1e-6));
    }

    [Fact]
    public void The_trees_do_not_depend_on_threads()
    {
        var (rows, labels) = Exclusive(3000);
        byte[] Fit(int threads) =>
            OnnxTrees.Write(
                BoostedTrees.Fit(
                    rows, Features, new float[labels.Length], labels, new TreeOptions(), new() { Threads = threads }),
                Features);
        Assert.Equal(Fit(1), Fit(3));
    }

    [Fact]
    public void Onnx_runtime_computes_what_the_trees_compute()
    {
        var (rows, labels) = Exclusive(3000);
        var trees = BoostedTrees.Fit(
            rows, Features, new float[labels.Length], labels, new TreeOptions { LeastRows = 20 }, new());
        using var session = new InferenceSession(OnnxTrees.Write(trees, Features));
        using var input = OrtValue.CreateTensorValueFromMemory(rows, [labels.Length, Features]);
        using var options = new RunOptions();
        using var outputs = session.Run(options, [OnnxTrees.Input], [input], [OnnxTrees.Output]);
        var values = outputs[0].GetTensorDataAsSpan<float>();
        Assert.Equal(labels.Length, values.Length);
        for (var row = 0; row < labels.Length; row++)
        {
            Assert.Equal(Sum(trees, rows.AsSpan(row * Features, Features)), values[row], 1e-4);
        }
    }

    private static double Sum(Tree[] trees, ReadOnlySpan<float> row)
    {
        var sum = 0.0;
        foreach (var tree in trees)
        {
            sum += tree.Predict(row);
        }

        return sum;
    }

    // Yes when exactly one of the first two features is above a half; the third says nothing. Few values, so that
    // values lie on thresholds.
    private static (float[] Rows, bool[] Labels) Exclusive(int count)
    {
        var random = new Random(3);
        var rows = Enumerable.Range(0, count * Features).Select(_ => random.Next(20) / 20f).ToArray();
        return (
            rows,
            [.. Enumerable.Range(0, count).Select(n => rows[n * Features] > 0.5f != rows[(n * Features) + 1] > 0.5f)]);
    }
}

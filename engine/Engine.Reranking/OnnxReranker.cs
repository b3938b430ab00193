using Engine.Kernels;
using Engine.Scoring.Reranking;
using Engine.Snapshots;
using Engine.Snapshots.Format;
using Microsoft.ML.OnnxRuntime;

namespace Engine.Reranking;

/// <summary>
/// The snapshot's optional re-ranker: trees that correct the scores of a user's best candidates, run by ONNX Runtime on
/// the calling thread, so that answers do not depend on threads. For batches and tasks; no online answer uses it.
/// </summary>
public sealed class OnnxReranker : IReranker
{
    private const string Input = "features";
    private const string Output = "correction";

    private readonly InferenceSession _session;
    private readonly RunOptions _options = new();

    private OnnxReranker(InferenceSession session, int candidates)
    {
        _session = session;
        Candidates = candidates;
    }

    /// <inheritdoc/>
    public int Candidates { get; }

    /// <summary>The re-ranker of a snapshot; null when it has none.</summary>
    /// <exception cref="SnapshotFormatException">The section is no model of this engine's features.</exception>
    public static OnnxReranker? Open(Snapshot snapshot)
    {
        if (snapshot.Manifest.Reranker is not { } terms)
        {
            return null;
        }

        if (!terms.Features.SequenceEqual(RerankFeatures.Names))
        {
            throw new SnapshotFormatException(
                snapshot.Path,
                $"re-ranker: found the features {string.Join(", ", terms.Features)}, "
                + $"expected {string.Join(", ", RerankFeatures.Names)}: train again with this version");
        }

        try
        {
            return Load(snapshot.Path, snapshot.Reranker.AsSpan().ToArray(), terms.Candidates);
        }
        catch (OnnxRuntimeException e)
        {
            throw new SnapshotFormatException(
                snapshot.Path,
                $"re-ranker: found no ONNX model that can be run, expected one: {e.Message} Train again");
        }
        catch (TypeInitializationException e) when (e.InnerException is DllNotFoundException missing)
        {
            throw new SnapshotFormatException(
                snapshot.Path,
                "re-ranker: found no ONNX Runtime library for this platform, expected it beside the program: "
                + $"{missing.Message} Install it, or train without --rerank");
        }
    }

    /// <inheritdoc/>
    public void Correct(float[] rows, Span<float> scores)
    {
        var features = RerankFeatures.Names.Count;
        using var input = OrtValue.CreateTensorValueFromMemory(
            OrtMemoryInfo.DefaultInstance, rows.AsMemory(0, scores.Length * features), [scores.Length, features]);
        using var outputs = _session.Run(_options, [Input], [input], [Output]);
        var corrections = outputs[0].GetTensorDataAsSpan<float>();
        for (var i = 0; i < scores.Length; i++)
        {
            scores[i] += corrections[i];
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _options.Dispose();
        _session.Dispose();
    }

    private static OnnxReranker Load(string path, byte[] model, int candidates)
    {
        using var options = new SessionOptions
        {
            IntraOpNumThreads = 1,
            InterOpNumThreads = 1,
            ExecutionMode = ExecutionMode.ORT_SEQUENTIAL,
        };
        var session = new InferenceSession(model, options);
        try
        {
            Check(path, "input", Input, session.InputMetadata, RerankFeatures.Names.Count);
            Check(path, "output", Output, session.OutputMetadata, 1);
            return new OnnxReranker(session, candidates);
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    private static void Check(
        string path, string what, string name, IReadOnlyDictionary<string, NodeMetadata> found, int columns)
    {
        if (found.Count != 1 || !found.TryGetValue(name, out var metadata) || metadata.ElementType != typeof(float) ||
            metadata.Dimensions is not [_, var width] || width != columns)
        {
            var texts = found.Select(
                pair => $"{pair.Key} {pair.Value.ElementType?.Name}[{string.Join(",", pair.Value.Dimensions ?? [])}]");
            throw new SnapshotFormatException(
                path,
                InvariantText.Of(
                    $"re-ranker: found the {what} {string.Join(", ", texts)}, expected {name} Single[rows,{columns}]: "
                    + $"train again with this version"));
        }
    }
}

using Engine.Reranking;
using Engine.Scoring.Models;
using Engine.Snapshots;
using Engine.Snapshots.Writing;

namespace Trainer.Pipeline.Evaluation;

/// <summary>
/// A snapshot in a temporary folder, opened as the server opens it: what is evaluated is what would be served.
/// </summary>
public sealed class TemporaryModel : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("trainer-");

    private readonly Snapshot _snapshot;

    /// <summary>Writes and opens the content.</summary>
    public TemporaryModel(SnapshotContent content)
    {
        try
        {
            var path = Path.Combine(_folder.FullName, "evaluated.snapshot");
            SnapshotWriter.Write(path, content);
            _snapshot = Snapshot.OpenVerified(path);
            Model = new ScoringModel(_snapshot, OnnxReranker.Open);
        }
        catch
        {
            _snapshot?.Dispose();
            _folder.Delete(recursive: true);
            throw;
        }
    }

    /// <summary>Ready to answer.</summary>
    public ScoringModel Model { get; }

    /// <inheritdoc/>
    public void Dispose()
    {
        Model.Dispose();
        _snapshot.Dispose();
        _folder.Delete(recursive: true);
    }
}

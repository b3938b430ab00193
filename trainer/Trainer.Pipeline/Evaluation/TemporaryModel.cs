using Engine.Reranking;
using Engine.Scoring.Models;
using Engine.Snapshots;
using Engine.Snapshots.Writing;

namespace Trainer.Pipeline.Evaluation;

/// <summary>
/// A snapshot in a temporary folder, opened as the server opens it: what is evaluated is what would be served. It holds
/// the users who are asked for: what is said of a user depends on no other.
/// </summary>
public sealed class TemporaryModel : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("trainer-");

    private readonly Snapshot _snapshot;

    /// <summary>Writes and opens the content.</summary>
    /// <param name="content">The snapshot.</param>
    /// <param name="users">
    /// For each of its users, ascending, the index in the scope; null where they are the same.
    /// </param>
    public TemporaryModel(SnapshotContent content, int[]? users = null)
    {
        Users = users ?? [.. Enumerable.Range(0, content.UserIds.Count)];
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

    /// <summary>For each user of the snapshot, ascending, the index in the scope.</summary>
    public int[] Users { get; }

    /// <summary>The user of the snapshot that a user of the scope is.</summary>
    public int OrdinalOf(int user) => Array.BinarySearch(Users, user);

    /// <summary>The id of a user of the scope.</summary>
    public string IdOf(int user) => _snapshot.UserIds.Get(OrdinalOf(user));

    /// <inheritdoc/>
    public void Dispose()
    {
        Model.Dispose();
        _snapshot.Dispose();
        _folder.Delete(recursive: true);
    }
}

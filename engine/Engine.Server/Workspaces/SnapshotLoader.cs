using Engine.Reranking;
using Engine.Scoring.Checking;
using Engine.Scoring.Models;
using Engine.Server.Catalog;
using Engine.Server.Errors;
using Engine.Snapshots;
using Engine.Snapshots.Files;
using Engine.Snapshots.Format;

namespace Engine.Server.Workspaces;

/// <summary>
/// Loads a published file for serving: checks the memory budget, verifies every byte, asks the known answers, warms up.
/// </summary>
internal sealed class SnapshotLoader(
    SnapshotDirectory directory, long budget, WarmUpQueries warmUp, RecentRequests recent)
{
    // What requests need meanwhile: the system ends a process that takes more than it may have.
    private const long Reserve = 64L << 20;

    /// <summary>Opens, verifies and warms. The caller owns the model.</summary>
    /// <param name="id">A published id.</param>
    /// <param name="activeId">The snapshot that stays mapped until the swap, or null.</param>
    /// <param name="cancellation">Reaches every loop.</param>
    /// <exception cref="NotFoundException">It is not published.</exception>
    /// <exception cref="InputException">
    /// It does not fit the budget, cannot be read, or a known answer comes out otherwise here.
    /// </exception>
    /// <exception cref="SnapshotFormatException">It is damaged.</exception>
    /// <exception cref="OperationCanceledException">It was canceled.</exception>
    public ScoringModel Load(string id, string? activeId, CancellationToken cancellation = default)
    {
        var length = LengthOf(directory, id);
        var mapped = activeId is null
            ? 0
            : new FileInfo(directory.FilePath(activeId)) is { Exists: true } active ? active.Length : 0;
        if (length + mapped > budget)
        {
            throw new InputException(
                $"snapshot {id} has {length >> 20} MiB and the served one {mapped >> 20} MiB; "
                + $"expected at most {budget >> 20} MiB together. Raise --served-mebibytes, or train a smaller one");
        }

        CheckMemory(id, directory.FilePath(id));
        cancellation.ThrowIfCancellationRequested();
        var model = new ScoringModel(
            directory.Open(id, SnapshotAccess.PrivateCopy, cancellation), OnnxReranker.Open, cancellation);
        try
        {
            KnownAnswerCheck.Run(model, cancellation);
            warmUp(model, new WorkspaceCatalog(directory.Path), recent.All);
            return model;
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    // Beside the mapped file, whose pages the system can drop, a model keeps an eight-bit code for each number of its
    // factors, and what the file leaves to be derived.
    private static void CheckMemory(string id, string path)
    {
        using var snapshot = Snapshot.Open(path);
        var codes = (long)snapshot.UserFactors.Stride * (snapshot.UserFactors.Rows + snapshot.ProductFactors.Rows);
        var (needed, available) = (codes + snapshot.Derived.MissingBytes, AvailableMemory.Bytes);
        if (needed > available - Reserve)
        {
            throw new ExhaustedException(
                $"snapshot {id} needs about {needed >> 20} MiB of memory beside its file, and requests "
                + $"{Reserve >> 20} MiB; {Math.Max(0, available) >> 20} MiB are available. "
                + "Give the machine more memory, or train a smaller one");
        }
    }

    /// <summary>Bytes of a published file.</summary>
    /// <exception cref="NotFoundException">It is not there.</exception>
    public static long LengthOf(SnapshotDirectory directory, string id)
    {
        var file = new FileInfo(directory.FilePath(id));
        return file.Exists
            ? file.Length
            : throw new NotFoundException(
                $"snapshot '{id}' is not published in workspace '{directory.Workspace}'. "
                + "List them with GET /v1/snapshots or `engine snapshots list`");
    }
}

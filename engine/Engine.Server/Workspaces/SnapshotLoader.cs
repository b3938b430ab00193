using Engine.Reranking;
using Engine.Scoring.Models;
using Engine.Server.Catalog;
using Engine.Server.Errors;
using Engine.Snapshots;
using Engine.Snapshots.Files;
using Engine.Snapshots.Format;

namespace Engine.Server.Workspaces;

/// <summary>Loads a published file for serving: checks the memory budget, verifies every byte, warms up.</summary>
internal sealed class SnapshotLoader(SnapshotDirectory directory, long budget, WarmUpQueries warmUp)
{
    /// <summary>Opens, verifies and warms. The caller owns the model.</summary>
    /// <param name="id">A published id.</param>
    /// <param name="activeId">The snapshot that stays mapped until the swap, or null.</param>
    /// <exception cref="NotFoundException">It is not published.</exception>
    /// <exception cref="InputException">It does not fit the budget, or cannot be read.</exception>
    /// <exception cref="SnapshotFormatException">It is damaged.</exception>
    public ScoringModel Load(string id, string? activeId)
    {
        var length = LengthOf(directory, id);
        var mapped = activeId is null ? 0 : new FileInfo(directory.FilePath(activeId)) is { Exists: true } active ? active.Length : 0;
        if (length + mapped > budget)
        {
            throw new InputException($"snapshot {id} has {length >> 20} MiB and the served one {mapped >> 20} MiB; expected at most {budget >> 20} MiB together. Raise --served-mebibytes, or train a smaller one");
        }

        var model = new ScoringModel(directory.Open(id, SnapshotAccess.PrivateCopy), OnnxReranker.Open);
        try
        {
            warmUp(model, new WorkspaceCatalog(directory.Path));
            return model;
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <summary>Bytes of a published file.</summary>
    /// <exception cref="NotFoundException">It is not there.</exception>
    public static long LengthOf(SnapshotDirectory directory, string id)
    {
        var file = new FileInfo(directory.FilePath(id));
        return file.Exists
            ? file.Length
            : throw new NotFoundException($"snapshot '{id}' is not published in workspace '{directory.Workspace}'. List them with GET /v1/snapshots or `engine snapshots list`");
    }
}

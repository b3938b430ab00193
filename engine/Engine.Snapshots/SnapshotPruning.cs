using Engine.Kernels;
using Engine.Snapshots.Writing;

namespace Engine.Snapshots;

/// <summary>
/// Which published snapshots may be deleted, and their deletion. The one that CURRENT names, the one that a rollback
/// would activate, the last that passed a policy and the needed ones never may.
/// </summary>
public static class SnapshotPruning
{
    /// <summary>Published snapshots beyond a number and a size, the latest publications kept.</summary>
    /// <param name="directory">Where they are.</param>
    /// <param name="keep">How many to keep, 1 or more.</param>
    /// <param name="bytes">What the kept files take at most, unless those that must be kept take more.</param>
    /// <param name="needed">Ids that are kept besides.</param>
    /// <returns>The ids, latest publication first.</returns>
    public static IReadOnlyList<string> Excess(
        this SnapshotDirectory directory,
        int keep,
        long bytes = long.MaxValue,
        IReadOnlyCollection<string>? needed = null)
    {
        if (keep < 1)
        {
            throw new InputException(InvariantText.Of($"found keep {keep}; expected 1 or more"));
        }

        string?[] kept = [directory.ReadCurrent(), directory.Previous(), directory.Passed(), .. needed ?? []];
        var (count, taken, excess) = (0, 0L, new List<string>());
        foreach (var (id, file) in directory.List()
            .Select(id => (Id: id, File: directory.StampOf(id) ?? default))
            .OrderByDescending(snapshot => kept.Contains(snapshot.Id))
            .ThenByDescending(snapshot => snapshot.File.Modified))
        {
            count++;
            taken += file.Length;
            if (!kept.Contains(id) && (count > keep || taken > bytes))
            {
                excess.Add(id);
            }
        }

        return excess;
    }

    /// <summary>
    /// Deletes published snapshots beyond a number and a size: see <see cref="Excess"/>. An engine that serves a
    /// deleted file keeps it mapped.
    /// </summary>
    /// <param name="directory">Where they are.</param>
    /// <param name="keep">How many to keep, 1 or more.</param>
    /// <param name="bytes">What the kept files take at most.</param>
    /// <param name="needed">Ids that are kept besides, read under the lock of the folder.</param>
    /// <returns>The deleted ids.</returns>
    public static IReadOnlyList<string> Prune(
        this SnapshotDirectory directory,
        int keep,
        long bytes = long.MaxValue,
        Func<IReadOnlyCollection<string>>? needed = null)
    {
        using var taken = directory.TakeLock();
        return Delete(directory, directory.Excess(keep, bytes, needed?.Invoke()));
    }

    /// <summary>
    /// Deletes those of some published snapshots that may be deleted: see <see cref="Excess"/>. No other file is
    /// deleted, however many there are by then.
    /// </summary>
    /// <param name="directory">Where they are.</param>
    /// <param name="ids">The snapshots.</param>
    /// <param name="needed">Ids that are kept, read under the lock of the folder.</param>
    /// <returns>The deleted ids.</returns>
    public static IReadOnlyList<string> Prune(
        this SnapshotDirectory directory, IReadOnlyCollection<string> ids, Func<IReadOnlyCollection<string>> needed)
    {
        using var taken = directory.TakeLock();
        return Delete(directory, [.. directory.Excess(1, 0, needed()).Where(ids.Contains)]);
    }

    // For the holder of the lock.
    private static IReadOnlyList<string> Delete(SnapshotDirectory directory, IReadOnlyList<string> ids)
    {
        foreach (var id in ids)
        {
            AtomicFile.Delete(directory.FilePath(id));
        }

        return ids;
    }
}

using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;
using Engine.Snapshots;
using Engine.Snapshots.Files;

namespace Engine.Cluster.Fleet;

/// <summary>
/// The snapshot files of this node whose bytes are those that the cluster knows by their ids. Safe for several threads.
/// </summary>
/// <param name="table">Knows the chunks.</param>
/// <param name="pull">Fetches what is missing.</param>
/// <param name="directory">The workspace on this node.</param>
/// <param name="stopping">Ends the reading and the fetching of a file.</param>
internal sealed class VerifiedFiles(
    FleetTable table, SnapshotPull pull, SnapshotDirectory directory, CancellationToken stopping)
{
    private readonly ConcurrentDictionary<string, bool> _ids = new(StringComparer.Ordinal);

    /// <summary>Whether one is verified, and still there: retention or a person may have deleted it since.</summary>
    public bool Has(string id)
    {
        if (_ids.ContainsKey(id) && directory.StampOf(id) is null)
        {
            _ids.TryRemove(id, out _);
        }

        return _ids.ContainsKey(id);
    }

    /// <summary>Makes the file of this node known to the cluster.</summary>
    /// <exception cref="InputException">The cluster knows another one under its id.</exception>
    public void Name(string id)
    {
        table.Name(directory, id, stopping);
        _ids[id] = true;
    }

    /// <summary>Verifies the file of this node, or fetches it.</summary>
    /// <exception cref="InputException">
    /// The cluster does not know it, no node has it, or the file of this node is another one.
    /// </exception>
    public void Bring(string id)
    {
        var file = table.Find(directory.Workspace, id)
            ?? throw new InputException(
                $"the cluster does not know the chunks of snapshot {id}. A node that has it makes them known within "
                + "seconds; if none has it, publish it again");
        if (!IsHere(id))
        {
            pull.Bring(directory, id, file, stopping);
        }
        else if (ChunkHashes.Of(directory.FilePath(id), file.ChunkBytes, stopping).Content != file.Content)
        {
            throw FleetTable.Other(directory, id);
        }

        _ids[id] = true;
    }

    /// <summary>Makes those that are here known to the cluster, and fetches the others.</summary>
    /// <exception cref="InputException">One cannot be had; all others are.</exception>
    public void Share(IEnumerable<string> ids)
    {
        ExceptionDispatchInfo? failed = null;
        foreach (var id in ids)
        {
            try
            {
                if (IsHere(id))
                {
                    Name(id);
                }
                else
                {
                    Bring(id);
                }
            }
            catch (InputException e)
            {
                failed ??= ExceptionDispatchInfo.Capture(e);
            }
        }

        failed?.Throw();
    }

    private bool IsHere(string id) => directory.StampOf(id) is { Kind: FileKind.Regular };
}

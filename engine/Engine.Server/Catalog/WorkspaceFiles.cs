using Engine.Cluster.Documents;
using Engine.Server.Errors;
using Engine.Snapshots.Writing;

namespace Engine.Server.Catalog;

/// <summary>
/// How a workspace's stores change their files: on this machine alone, or on all nodes of a cluster. Reading needs none
/// of this: the files are there either way.
/// </summary>
/// <param name="folder">The workspace's folder.</param>
/// <param name="shared">The documents of the cluster; null without one.</param>
internal sealed class WorkspaceFiles(string folder, WorkspaceDocuments? shared = null)
{
    /// <summary>Runs a change on the latest files; in a cluster again when another node was faster.</summary>
    /// <exception cref="StateException">
    /// The folder belongs to a cluster, and this program is not a node of it.
    /// </exception>
    /// <exception cref="StorageException">The database of the cluster does not answer; nothing was changed.</exception>
    public T Change<T>(Func<T> change)
    {
        if (shared is not null)
        {
            return shared.Change(change);
        }

        return !File.Exists(Path.Combine(folder, WorkspaceDocuments.MarkName))
            ? change()
            : throw new StateException(
                $"{folder} belongs to a cluster, whose other nodes would not see the change. Call a running engine of "
                + $"the cluster; if the cluster is no more, delete {WorkspaceDocuments.MarkName} in the folder");
    }

    /// <summary>Replaces a file, complete or not at all. Only within <see cref="Change"/>.</summary>
    public void Write(string path, Action<Stream> write)
    {
        if (shared is not null)
        {
            shared.Write(path, write);
        }
        else
        {
            AtomicFile.Write(path, write);
        }
    }

    /// <summary>Deletes a file, if it is there. Only within <see cref="Change"/>.</summary>
    public void Delete(string path)
    {
        if (shared is not null)
        {
            shared.Delete(path);
        }
        else
        {
            AtomicFile.Delete(path);
        }
    }
}

using System.Collections.Concurrent;
using Engine.Cluster.Database;
using Engine.Snapshots.Files;
using Engine.Snapshots.Writing;

namespace Engine.Cluster.Parts;

/// <summary>
/// The tasks of a workspace that all nodes run together, in the shared folder of the cluster.
/// </summary>
public sealed class ClusterTasks
{
    /// <summary>
    /// The file in a workspace's folder that names the folder of its tasks, where that is not its own.
    /// </summary>
    public const string PlaceName = "tasks.at";

    private readonly ConcurrentDictionary<string, SharedResult> _results = new(StringComparer.Ordinal);
    private readonly Func<string, SharedResult> _open;

    internal ClusterTasks(
        ClusterDatabase database,
        string cluster,
        string workspace,
        string node,
        int leaseSeconds)
    {
        Node = node;

        // A process, not a node: one that comes back under its name holds nothing.
        var owner = $"{node} {Guid.NewGuid():N}";
        _open = task => new SharedResult(database, cluster, workspace, task, owner, leaseSeconds);
    }

    /// <summary>The name of this node.</summary>
    public string Node { get; }

    /// <summary>The result of a task, or one of its groups.</summary>
    public SharedResult Of(string task) => _results.GetOrAdd(task, _open);

    /// <summary>The file that says where the tasks are; null when they are in no cluster.</summary>
    /// <param name="workspaceFolder">The workspace's folder.</param>
    public static string? FindPlace(string workspaceFolder) =>
        Path.Combine(workspaceFolder, PlaceName) is var path && File.Exists(path) ? path : null;

    /// <summary>The folder of the tasks of a workspace.</summary>
    /// <param name="workspaceFolder">The workspace's folder.</param>
    public static string FolderOf(string workspaceFolder) =>
        PlainFile.ReadText(Path.Combine(workspaceFolder, PlaceName), 1 << 12)?.Trim()
        ?? Path.Combine(workspaceFolder, "tasks");

    /// <summary>Says where the tasks of a workspace are.</summary>
    internal static void Place(string workspaceFolder, string folder)
    {
        if (FolderOf(workspaceFolder) != folder)
        {
            AtomicFile.Write(
                Path.Combine(workspaceFolder, PlaceName),
                stream => stream.Write(System.Text.Encoding.UTF8.GetBytes(folder + "\n")));
        }
    }

    /// <summary>Renews what this process holds.</summary>
    internal void Renew()
    {
        foreach (var result in _results.Values)
        {
            result.Renew();
        }
    }
}

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

    // The row of a task first: whoever makes the others has made it before.
    private static readonly string[] Tables = ["engine_task", "engine_task_part", "engine_task_refusal"];

    private readonly ConcurrentDictionary<(string Task, string Group), SharedResult> _results = new();
    private readonly Func<(string Task, string Group), SharedResult> _open;
    private readonly ClusterDatabase _database;
    private readonly string _cluster;
    private readonly string _workspace;

    internal ClusterTasks(
        ClusterDatabase database,
        string cluster,
        string workspace,
        string folder,
        string node,
        int leaseSeconds)
    {
        (_database, _cluster, _workspace, Node) = (database, cluster, workspace, node);
        Refusals = new TaskRefusals(database, cluster, workspace, node);

        // A process, not a node: one that comes back under its name holds nothing.
        var owner = $"{node} {Guid.NewGuid():N}";
        _open = name => new SharedResult(
            database,
            cluster,
            workspace,
            name.Task + name.Group,
            owner,
            leaseSeconds,
            () => Directory.Exists(Path.Combine(folder, name.Task)));
    }

    /// <summary>The name of this node.</summary>
    public string Node { get; }

    /// <summary>The nodes that cannot work on a task.</summary>
    public TaskRefusals Refusals { get; }

    /// <summary>The result of a task, or of one of its groups.</summary>
    /// <param name="task">Its id.</param>
    /// <param name="group">Empty, or a name that begins with a point.</param>
    public SharedResult Of(string task, string group = "") => _results.GetOrAdd((task, group), _open);

    /// <summary>The tasks that the database has rows of.</summary>
    public IReadOnlyList<string> Known() => _database.Run(
        "reading the tasks",
        transaction => transaction.Rows(
            "SELECT DISTINCT SUBSTRING_INDEX(task, '.', 1) FROM engine_task WHERE cluster = @0 AND workspace = @1",
            row => row.GetString(0),
            _cluster,
            _workspace));

    /// <summary>
    /// Deletes the rows of a task that is no longer on the disk. Whoever still works on it loses his commits.
    /// </summary>
    public void Forget(string task)
    {
        _database.Run("deleting a task", transaction => Tables.Sum(
            table => transaction.Execute(
                $"DELETE FROM {table} WHERE cluster = @0 AND workspace = @1 AND (task = @2 OR task LIKE @3)",
                _cluster,
                _workspace,
                task,
                $"{task}.%")));
        Drop(task);
    }

    /// <summary>Keeps nothing of a task in memory that is no longer on the disk: another node has deleted it.</summary>
    public void Drop(string task)
    {
        foreach (var name in _results.Keys.Where(name => name.Task == task))
        {
            _results.TryRemove(name, out _);
        }
    }

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

using System.Diagnostics.CodeAnalysis;
using System.Text;
using Engine.Cluster.Parts;
using Engine.Server.Batch;
using Engine.Server.Configuration;
using Engine.Server.Workspaces;
using Engine.Snapshots;
using Engine.Snapshots.Files;
using Engine.Snapshots.Forgetting;
using Engine.Snapshots.Writing;

namespace Engine.Server.Forgetting;

/// <summary>
/// Erases on a node of a cluster whom another node was asked to forget: its log of what was shown, and tasks that it
/// runs alone, are in no database. The list that is worked off is noted, so a start reads nothing again.
/// </summary>
internal sealed partial class NodeErasure(
    WorkspaceRegistry workspaces, ServerOptions options, ILogger<NodeErasure> logger)
    : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);

    private readonly Dictionary<string, string> _told = new(StringComparer.Ordinal);

    /// <summary>Erases everybody on the list of a workspace, unless that list has been worked off.</summary>
    /// <param name="folder">ROOT/WORKSPACE.</param>
    /// <returns>A sentence for each thing that may still name somebody: it is tried again.</returns>
    public static IReadOnlyList<string> Run(string folder)
    {
        var done = Path.Combine(folder, "forgotten", "erased");
        if (ForgottenUsers.StampOf(folder) is not { } stamp
            || FormattableString.Invariant($"{stamp.Length} {stamp.Written.Ticks}") is var list
                && list == PlainFile.ReadText(done, 1 << 10))
        {
            return [];
        }

        // Whoever forgets a person on this node erases it all, and counts it. Who comes later is not on this list.
        ForgottenUsers forgotten;
        using (var alone = WriterLock.TryTake(Erasure.LockOf(folder)))
        {
            if (alone is null)
            {
                return [];
            }

            forgotten = ForgottenUsers.Read(folder);
        }

        var problems = new List<string>();
        Erasure.EraseShown(folder, forgotten.Contains, problems);
        if (ClusterTasks.FindPlace(folder) is null)
        {
            Erasure.EraseTasks(folder, forgotten.Contains, problems);
        }

        if (problems.Count == 0)
        {
            AtomicFile.Write(done, stream => stream.Write(Encoding.UTF8.GetBytes(list)));
        }

        return problems;
    }

    /// <inheritdoc/>
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.Factory.StartNew(
        () => Follow(stoppingToken), stoppingToken, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private void Follow(CancellationToken stopping)
    {
        LowPriority.BehindOthers();
        while (!stopping.WaitHandle.WaitOne(Pause))
        {
            foreach (var workspace in workspaces.All)
            {
                Tell(workspace.Name, Erase(workspace.Name));
            }
        }
    }

    [SuppressMessage(
        "Design", "CA1031", Justification = "A workspace where nothing can be erased does not stop the others.")]
    private string? Erase(string workspace)
    {
        try
        {
            return Run(new SnapshotDirectory(Path.GetFullPath(options.Snapshots), workspace).Path) is [var problem, ..]
                ? problem
                : null;
        }
        catch (Exception e)
        {
            return MachineFault.Sentence(e);
        }
    }

    // Once for each reason: it is tried again and again.
    private void Tell(string workspace, string? problem)
    {
        if (problem is not null && _told.GetValueOrDefault(workspace) != problem)
        {
            LogUnfinished(workspace, problem);
        }

        _told[workspace] = problem ?? "";
    }

    [LoggerMessage(
        LogLevel.Error, "workspace {Workspace}: what is stored may still name a forgotten person: {Reason}")]
    private partial void LogUnfinished(string workspace, string reason);
}

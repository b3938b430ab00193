using Engine.Protos.V1;
using Engine.Server.Configuration;
using Engine.Server.Contract;
using Engine.Server.Tasks;
using Engine.Server.Warming;
using Engine.Server.Workspaces;
using Engine.Snapshots;
using Engine.Snapshots.Writing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Tests.Shared;

namespace Engine.Tests.Campaigns;

/// <summary>A task that was created and run to its end, without a server.</summary>
internal sealed class FinishedTask : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly ServiceProvider _services =
        new ServiceCollection().AddMetrics().AddSingleton(TimeProvider.System).AddSingleton<ServerMetrics>()
            .BuildServiceProvider();

    /// <param name="content">The snapshot.</param>
    /// <param name="request">The task.</param>
    /// <param name="threads">Its threads.</param>
    /// <param name="stopAfter">
    /// An engine stops after so many looks at the clock, one at the start of a file and one for each part; the next
    /// engine resumes the task. 0: none stops.
    /// </param>
    public FinishedTask(SnapshotContent content, CreateTaskRequest request, int threads = 2, int stopAfter = 0)
    {
        var options = new ServerOptions { Snapshots = _folder.Path, TaskThreads = threads };
        new SnapshotDirectory(_folder.Path).Publish(content);
        Workspace = new Workspace(
            new SnapshotDirectory(_folder.Path),
            options,
            _services.GetRequiredService<ServerMetrics>(),
            (model, catalog, recent) => WarmUp.Run(model, catalog, recent, TimeProvider.System),
            NullLogger.Instance);
        Workspace.Refresh();
        Store = new TaskStore(Workspace.Catalog.Folder);
        var queued = new Queue<EngineTask>();
        using var tasks = new WorkspaceTasks(Workspace, new CallLimits(), queued.Enqueue);
        var pin = Workspace.Pin("");
        try
        {
            var creation =
                TaskCreation.Of(pin.Model, Workspace.Catalog, request, TimeProvider.System.GetUtcNow());
            Id = tasks.Create(creation.Record, creation.Question, null, pin).Record.Id;
        }
        catch
        {
            pin.Dispose();
            Dispose();
            throw;
        }

        if (stopAfter > 0)
        {
            using var stopping = new StoppingTime(stopAfter);
            Run(queued.Dequeue(), stopping, stopping.Token);
            Assert.Equal(TaskStage.Running, Record.Stage);
            tasks.Dispose();
            using var next = new WorkspaceTasks(Workspace, new CallLimits(), queued.Enqueue);
            Run(queued.Dequeue(), TimeProvider.System, CancellationToken.None);
        }
        else
        {
            Run(queued.Dequeue(), TimeProvider.System, CancellationToken.None);
        }

        Assert.Empty(queued);

        void Run(EngineTask task, TimeProvider time, CancellationToken stop) =>
            new TaskRunner(options, new TaskTables(options), time, NullLogger<TaskRunner>.Instance).Run(task, stop);
    }

    /// <summary>Its id.</summary>
    public string Id { get; }

    /// <summary>Where it is stored.</summary>
    public TaskStore Store { get; }

    /// <summary>The workspace.</summary>
    public Workspace Workspace { get; }

    /// <summary>As stored.</summary>
    public TaskRecord Record => Store.Get(Id);

    /// <summary>The lines of its rows as CSV, without the header.</summary>
    public string[][] Rows(bool heldOut = false)
    {
        using var text = new MemoryStream();
        foreach (var chunk in Engine.Server.Results.ResultDownload.OfRows(Store.OpenResult(Id, heldOut)))
        {
            text.Write(chunk.Span);
        }

        return [.. System.Text.Encoding.UTF8.GetString(text.ToArray())
            .Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(1).Select(line => line.Split(','))];
    }

    public void Dispose()
    {
        Workspace.Dispose();
        _services.Dispose();
        _folder.Dispose();
    }

    private sealed class StoppingTime(int looks) : TimeProvider, IDisposable
    {
        private readonly CancellationTokenSource _stop = new();
        private int _looks = looks;

        public CancellationToken Token => _stop.Token;

        public override long GetTimestamp()
        {
            if (Interlocked.Decrement(ref _looks) == 0)
            {
                _stop.Cancel();
            }

            return base.GetTimestamp();
        }

        public void Dispose() => _stop.Dispose();
    }
}

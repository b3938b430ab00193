using Engine.Protos.V1;
using Engine.Server.Configuration;
using Engine.Server.Contract;
using Engine.Server.Tasks;
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
        new ServiceCollection().AddMetrics().AddSingleton<ServerMetrics>().BuildServiceProvider();

    public FinishedTask(SnapshotContent content, CreateTaskRequest request, int threads = 2)
    {
        var options = new ServerOptions { Snapshots = _folder.Path, TaskThreads = threads };
        new SnapshotDirectory(_folder.Path).Publish(content);
        Workspace = new Workspace(
            new SnapshotDirectory(_folder.Path),
            options,
            _services.GetRequiredService<ServerMetrics>(),
            (model, catalog) => WarmUp.Run(model, catalog, TimeProvider.System),
            NullLogger.Instance);
        Workspace.Refresh();
        Store = new TaskStore(Workspace.Catalog.Folder);
        var queued = new List<EngineTask>();
        using var tasks = new WorkspaceTasks(Workspace, new CallLimits(), queued.Add);
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

        new TaskRunner(options, new TaskTables(options), TimeProvider.System, NullLogger<TaskRunner>.Instance)
            .Run(queued.Single(), CancellationToken.None);
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
}

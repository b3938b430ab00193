using Engine.Protos.V1;

namespace Engine.WebConsole.Calls;

/// <summary>The engine's services, called with the visitor's key: the engine decides what is shown.</summary>
internal sealed class EngineCalls(EngineChannel engine, IHttpContextAccessor http)
{
    /// <summary>Who calls.</summary>
    public Visitor Visitor { get; } = http.HttpContext?.Features.Get<Visitor>()
        ?? throw new InvalidOperationException("a page without sign-in calls the engine");

    /// <summary>For the field of each request.</summary>
    public string Workspace => Visitor.Workspace;

    /// <summary>Calls end when the browser has gone.</summary>
    public CancellationToken Cancellation => http.HttpContext!.RequestAborted;

    /// <summary>The questions.</summary>
    public Recommender.RecommenderClient Recommender => new(engine.With(Visitor.Key));

    /// <summary>The snapshots.</summary>
    public Snapshots.SnapshotsClient Snapshots => new(engine.With(Visitor.Key));

    /// <summary>Pools and audiences.</summary>
    public Catalog.CatalogClient Catalog => new(engine.With(Visitor.Key));

    /// <summary>Keys, changes, traffic.</summary>
    public Admin.AdminClient Admin => new(engine.With(Visitor.Key));

    /// <summary>The tasks.</summary>
    public Tasks.TasksClient Tasks => new(engine.With(Visitor.Key));
}

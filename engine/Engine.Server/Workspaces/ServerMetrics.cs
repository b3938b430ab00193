using System.Diagnostics.Metrics;
using Grpc.Core;

namespace Engine.Server.Workspaces;

/// <summary>The metrics of the engine; GET /metrics exports them for Prometheus.</summary>
internal sealed class ServerMetrics
{
    /// <summary>The name under which the exporter finds the instruments.</summary>
    public const string MeterName = "Engine.Server";

    // By number: the text of an enum is looked up each time.
    private static readonly string[] Names = Array.ConvertAll(Enum.GetValues<StatusCode>(), code => code.ToString());

    private readonly AsyncLocal<bool> _isOwn = new();
    private readonly CallBoard _ownCalls;
    private volatile bool _hasOwn;
    private readonly Counter<long> _requests;
    private readonly Histogram<double> _durations;
    private readonly Counter<long> _swaps;
    private readonly Counter<long> _refusals;
    private readonly Counter<long> _events;
    private readonly Meter _meter;

    /// <summary>Creates the instruments.</summary>
    public ServerMetrics(IMeterFactory meters, TimeProvider time)
    {
        (Board, _ownCalls) = (new CallBoard(time), new CallBoard(time));
        _meter = meters.Create(MeterName);
        _requests = _meter.CreateCounter<long>("engine_requests", description: "Calls by method and gRPC status.");
        _durations = _meter.CreateHistogram(
            "engine_request_duration",
            unit: "s",
            description: "Time from the decoded request to the end of the call.",
            advice: new InstrumentAdvice<double>
            {
                HistogramBucketBoundaries = [5e-5, 1e-4, 2e-4, 5e-4, 1e-3, 2e-3, 5e-3, 1e-2, 5e-2, 0.1, 0.5, 1, 5],
            });
        _swaps = _meter.CreateCounter<long>("engine_snapshot_swaps", description: "Snapshots activated.");
        _refusals = _meter.CreateCounter<long>(
            "engine_snapshot_refusals", description: "Published snapshots that were rejected.");
        _events = _meter.CreateCounter<long>("engine_events", description: "Rows of Events.Put by result.");
    }

    /// <summary>The method of the calls that the server makes to itself, and no figure for people has.</summary>
    public const string Own = "own";

    /// <summary>The calls of the last hour, for people.</summary>
    public CallBoard Board { get; }

    /// <summary>One call ended.</summary>
    public void Answered(string method, StatusCode status, TimeSpan duration)
    {
        var board = Board;
        if (_hasOwn && _isOwn.Value)
        {
            (method, board) = (Own, _ownCalls);
        }

        _requests.Add(
            1,
            new KeyValuePair<string, object?>("method", method),
            new KeyValuePair<string, object?>("status", NameOf(status)));
        board.Add(method, status, duration);
        _durations.Record(duration.TotalSeconds, new KeyValuePair<string, object?>("method", method));
    }

    /// <summary>The call that runs here is the server's own: it is counted under <see cref="Own"/>.</summary>
    public void CountAsOwn() => (_hasOwn, _isOwn.Value) = (true, true);

    /// <summary>No such call comes any more.</summary>
    public void EndOwn() => _hasOwn = false;

    /// <summary>A workspace serves another snapshot.</summary>
    public void Swapped(string workspace) => _swaps.Add(1, new KeyValuePair<string, object?>("workspace", workspace));

    /// <summary>Rows of Events.Put were accepted or refused.</summary>
    public void Events(string workspace, long accepted, long refused)
    {
        _events.Add(accepted, new("workspace", workspace), new("result", "accepted"));
        _events.Add(refused, new("workspace", workspace), new("result", "refused"));
    }

    /// <summary>A workspace rejects the snapshot that CURRENT names.</summary>
    public void Refused(string workspace) =>
        _refusals.Add(1, new KeyValuePair<string, object?>("workspace", workspace));

    /// <summary>Exposes which snapshots are active and which are rejected.</summary>
    public void Observe(WorkspaceRegistry workspaces)
    {
        _meter.CreateObservableGauge(
            "engine_snapshot_active",
            () => Active(workspaces),
            description: "1 while a workspace serves a snapshot.");
        _meter.CreateObservableGauge(
            "engine_snapshot_refused",
            () => Refused(workspaces),
            description: "1 while a workspace does not serve what CURRENT names; GET /health has the reason.");
        _meter.CreateObservableGauge(
            "engine_events_held", () => Held(workspaces), description: "Events since the training in memory.");
        _meter.CreateObservableCounter(
            "engine_shown_dropped",
            () => Dropped(workspaces),
            description: "Replies that are not in the log of what experiments showed.");
    }

    /// <summary>Exposes numbers of another part.</summary>
    public void Observe(string name, string description, Func<IEnumerable<Measurement<int>>> values) =>
        _meter.CreateObservableGauge(name, values, description: description);

    /// <summary>A status as it is exported.</summary>
    public static string NameOf(StatusCode status) =>
        (uint)status < (uint)Names.Length ? Names[(int)status] : status.ToString();

    private static IEnumerable<Measurement<int>> Active(WorkspaceRegistry workspaces) =>
        workspaces.All.Select(workspace => Flag(workspace.ActiveId is not null, workspace));

    private static IEnumerable<Measurement<int>> Refused(WorkspaceRegistry workspaces) =>
        workspaces.All.Select(workspace => Flag(workspace.IsFaulty, workspace));

    private static IEnumerable<Measurement<int>> Held(WorkspaceRegistry workspaces) =>
        workspaces.All.Select(workspace => new Measurement<int>(
            workspace.Catalog.Events.Events?.Count ?? 0,
            new KeyValuePair<string, object?>("workspace", workspace.Name)));

    private static IEnumerable<Measurement<long>> Dropped(WorkspaceRegistry workspaces) =>
        workspaces.All.Select(workspace => new Measurement<long>(
            workspace.Catalog.Shown.Dropped, new KeyValuePair<string, object?>("workspace", workspace.Name)));

    private static Measurement<int> Flag(bool isSet, Workspace workspace) =>
        new(isSet ? 1 : 0, new KeyValuePair<string, object?>("workspace", workspace.Name));
}

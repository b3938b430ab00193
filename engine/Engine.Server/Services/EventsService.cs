using Engine.Protos.V1;
using Engine.Server.Admission;
using Engine.Server.Contract;
using Engine.Server.Shards;
using Engine.Server.Workspaces;
using Grpc.Core;

namespace Engine.Server.Services;

/// <summary>Events since the training.</summary>
internal sealed class EventsService(
    WorkspaceRegistry workspaces,
    EventIntake intake,
    Forwarding forwarding,
    ServerMetrics metrics,
    TimeProvider time) : Protos.V1.Events.EventsBase
{
    /// <inheritdoc/>
    public override async Task<PutEventsReply> Put(PutEventsRequest request, ServerCallContext context)
    {
        var bytes = request.CalculateSize();
        intake.Enter(bytes);
        try
        {
            return await Append(request, context);
        }
        finally
        {
            intake.Leave(bytes);
        }
    }

    private async Task<PutEventsReply> Append(PutEventsRequest request, ServerCallContext context)
    {
        var clock = CallClock.Start(time);
        var workspace = workspaces.Get(request.Workspace);
        if (forwarding.ShardsOf(workspace, context) is { } shards)
        {
            return await ScatteredEvents.Put(shards, request, clock);
        }

        var call = EventsCall.IsLight(request)
            ? Check(workspace, request, clock)
            : await intake.Run(() => Check(workspace, request, clock), context.CancellationToken);
        var reply = call.Reply;
        var appended = 0L;
        if (!reply.Repeated && !request.ValidateOnly && call.Batch.Count > 0)
        {
            call.Tell(await workspace.Catalog.Events.Put(call.Batch));
            appended = reply.Repeated ? 0 : reply.AcceptedCount;
        }
        else if (!reply.Repeated)
        {
            reply.AcceptedCount = request.ValidateOnly ? call.Batch.Count : 0;
            reply.EventsVersion = workspace.Catalog.Events.View().Version;
        }

        metrics.Events(workspace.Name, appended, reply.Refused.Count);
        reply.ServerMicros = clock.Micros;
        return reply;
    }

    private static EventsCall Check(Workspace workspace, PutEventsRequest request, CallClock clock)
    {
        using var lease = workspace.Acquire("");
        var erasures = workspace.Catalog.Events.Erasures;
        return EventsCall.Check(
            lease.Model.Snapshot, workspace.Catalog.Events, workspace.Forgotten, erasures, request, clock.Now);
    }
}

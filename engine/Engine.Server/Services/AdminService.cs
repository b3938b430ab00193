using Engine.Protos.V1;
using Engine.Scoring.Ids;
using Engine.Server.Access;
using Engine.Server.Admission;
using Engine.Server.Audit;
using Engine.Server.Configuration;
using Engine.Server.Errors;
using Engine.Server.Forgetting;
using Engine.Server.Shards;
using Engine.Server.Workspaces;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Task = System.Threading.Tasks.Task;

namespace Engine.Server.Services;

/// <summary>Forgetting people, who may call, who changed what, and how much is asked.</summary>
internal sealed class AdminService(
    WorkspaceRegistry workspaces,
    KeyRing keys,
    ServerMetrics metrics,
    ServerOptions options,
    HeavyWork heavy,
    Forwarding forwarding,
    TimeProvider time)
    : Admin.AdminBase
{
    private const int DefaultChanges = 100;
    private const int MostChanges = 1000;
    private const int DefaultMinutes = 5;

    /// <inheritdoc/>
    public override async Task<ForgetUserReply> ForgetUser(ForgetUserRequest request, ServerCallContext context)
    {
        var workspace = workspaces.Get(request.Workspace);
        var shards = forwarding.ShardsOf(workspace, context);

        // It rewrites every file that names the person.
        var here = heavy.Run(() => Forget(workspace, request.UserId), context.CancellationToken);
        if (shards is null)
        {
            return await here;
        }

        // What fails here keeps no owner from forgetting.
        await ((Task)here).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return await ScatteredForgetting.Forget(shards, request, here);
    }

    private static ForgetUserReply Forget(Workspace workspace, string user)
    {
        Forgotten forgotten;
        var events = 0;

        // What commands have erased is not this call's.
        _ = workspace.RefreshForgotten();
        try
        {
            forgotten = Erasure.Run(workspace.Catalog, user);
        }
        finally
        {
            events = workspace.RefreshForgotten();
        }

        return new ForgetUserReply
        {
            UserHash = forgotten.Hash,
            AudienceCount = forgotten.Audiences,
            TaskAudienceCount = forgotten.TaskAudiences,
            ResultCount = forgotten.Results,
            RowCount = forgotten.Rows,
            EventCount = forgotten.Events + events,
        };
    }

    /// <inheritdoc/>
    public override Task<DescribeCallerReply> DescribeCaller(
        DescribeCallerRequest request, ServerCallContext context)
    {
        // The registry refuses a workspace that does not exist: whoever enters a name learns it at once.
        _ = request.Workspace.Length == 0 ? null : workspaces.Get(request.Workspace);
        var caller = Caller.Of(context.GetHttpContext());
        return Task.FromResult(new DescribeCallerReply
        {
            Name = caller?.Name ?? "",
            Scopes = { ScopeNames.Words(caller?.Scopes ?? Scopes.Any) },
        });
    }

    /// <inheritdoc/>
    public override Task<ListKeysReply> ListKeys(ListKeysRequest request, ServerCallContext context)
    {
        var now = time.GetUtcNow();
        return Task.FromResult(new ListKeysReply
        {
            Required = keys.IsOn,
            Problem = keys.Problem ?? "",
            StartTime = metrics.Board.Start.ToTimestamp(),
            Keys =
            {
                keys.All.Select(one => new KeyInfo
                {
                    Id = one.Key.Id,
                    Name = one.Key.Name,
                    Scopes = { one.Key.Scopes },
                    Workspaces = { one.Key.Workspaces },
                    CreateTime = one.Key.Created.ToTimestamp(),
                    ExpireTime = one.Key.Expires?.ToTimestamp(),
                    LastUseTime = one.LastUse?.ToTimestamp(),
                    Expired = !one.Key.IsLive(now),
                }),
            },
        });
    }

    /// <inheritdoc/>
    public override Task<ListAuditReply> ListAudit(ListAuditRequest request, ServerCallContext context)
    {
        Require.Between("page_size", request.PageSize, 0, MostChanges);
        return heavy.Run(
            () =>
            {
                var log = new AuditLog(options.Snapshots, long.MaxValue, int.MaxValue);
                var (changes, next) = log.Newest(
                    request.PageSize == 0 ? DefaultChanges : request.PageSize, request.PageToken)
                    ?? throw new FieldException(
                        "page_token",
                        $"found page_token = '{request.PageToken}', expected the next_page_token of a reply; the log "
                        + "keeps the newest files alone. Begin again without it");
                return new ListAuditReply
                {
                    Changes = { changes.Select(ToProto) },
                    NextPageToken = next,
                };
            },
            context.CancellationToken);
    }

    /// <inheritdoc/>
    public override Task<DescribeTrafficReply> DescribeTraffic(
        DescribeTrafficRequest request, ServerCallContext context)
    {
        Require.Between("minutes", request.Minutes, 0, CallBoard.Minutes);
        var (calls, seconds) = metrics.Board.Last(request.Minutes == 0 ? DefaultMinutes : request.Minutes);
        return Task.FromResult(new DescribeTrafficReply
        {
            Seconds = seconds,
            Calls =
            {
                calls.Select(call => new CallTraffic
                {
                    Call = call.Method,
                    Calls = call.Calls,
                    CallsPerSecond = call.Calls / Math.Max(1, seconds),
                    P50Micros = call.Micros(0.5),
                    P95Micros = call.Micros(0.95),
                    P99Micros = call.Micros(0.99),
                    Statuses =
                    {
                        call.ByStatus.Select(
                            pair => new StatusCount { Status = ServerMetrics.NameOf(pair.Key), Calls = pair.Value }),
                    },
                    MinuteCalls = { call.ByMinute },
                }),
            },
        });
    }

    private static AuditChange ToProto(AuditLine line) => new()
    {
        Id = line.Id,
        Time = line.Time.ToTimestamp(),
        Who = line.Who ?? "",
        Call = line.Call ?? "",
        Workspace = line.Workspace ?? "",
        Object = line.Object ?? "",
        Before = line.Before ?? "",
        After = line.After ?? "",
        Result = line.Result ?? "",
    };
}

using Engine.Server.Access;
using Engine.Server.Configuration;
using Engine.Server.Errors;
using Grpc.Core;

namespace Engine.Server.Audit;

/// <summary>
/// Runs changing calls between two lines of the audit log. A call whose first line cannot be written is refused.
/// </summary>
internal sealed partial class AuditTrail(
    ServerOptions options, AuditedState state, TimeProvider time, ILogger<AuditTrail> logger)
{
    private readonly AuditLog _log =
        new(options.Snapshots, (long)options.Access.AuditMebibytes << 20, options.Access.AuditFiles);

    /// <summary>Runs a call of a rule that changes something.</summary>
    /// <exception cref="AuditException">The log cannot be written; the call did not run.</exception>
    public async Task<TResponse> Run<TRequest, TResponse>(
        CallRule rule, ServerCallContext context, TRequest request, Func<Task<TResponse>> call)
        where TRequest : class
        where TResponse : class
    {
        if (AuditedState.IsDryRun(request))
        {
            return await call();
        }

        var http = context.GetHttpContext();
        var id = http.TraceIdentifier;
        var (workspace, subject) = AuditedState.Subject(request);
        _log.Append(new AuditLine(time.GetUtcNow(), id)
        {
            Who = Caller.Of(http)?.Name ?? $"anonymous ({http.Connection.RemoteIpAddress})",
            Call = rule.Call,
            Workspace = workspace,
            Object = subject,
            Before = state.Of(request, reply: null),
        });
        TResponse? reply = null;
        var result = StatusCode.OK;
        try
        {
            return reply = await call();
        }
        catch (Exception e)
        {
            result = CallStatus.CodeOf(e, context.CancellationToken);
            throw;
        }
        finally
        {
            End(new AuditLine(time.GetUtcNow(), id) { Result = result.ToString(), After = state.Of(request, reply) });
        }
    }

    // The change has happened: that its end is not recorded is all that can be said.
    private void End(AuditLine line)
    {
        try
        {
            _log.Append(line);
        }
        catch (AuditException e)
        {
            LogLost(logger, line.Id, line.Result ?? "", e.InnerException?.Message ?? e.Message);
        }
    }

    [LoggerMessage(LogLevel.Error, "the end of the change {Id} ({Result}) is not in the audit log: {Reason}")]
    private static partial void LogLost(ILogger logger, string id, string result, string reason);
}

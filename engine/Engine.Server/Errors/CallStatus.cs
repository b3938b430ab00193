using System.Text;
using System.Text.RegularExpressions;
using Engine.Scoring.Hosting;
using Engine.Scoring.Ids;
using Engine.Scoring.Pools;
using Engine.Snapshots;
using Engine.Snapshots.Format;
using Engine.Snapshots.Writing;
using Google.Protobuf.WellKnownTypes;
using Google.Rpc;
using Grpc.Core;
using Status = Google.Rpc.Status;

namespace Engine.Server.Errors;

/// <summary>The one place that maps exceptions to statuses.</summary>
internal static partial class CallStatus
{
    // Statuses travel in HTTP headers, which many clients bound to 8 KiB.
    private const int MaximumMessage = 2_000;

    /// <summary>The gRPC status code of an exception.</summary>
    public static StatusCode CodeOf(Exception exception, CancellationToken cancellation) => exception switch
    {
        RpcException known => known.StatusCode,
        UnknownIdException or NotFoundException => StatusCode.NotFound,
        DeniedException => StatusCode.PermissionDenied,
        NotServingException or NoSnapshotException or AuditException or StorageException or MissingBucketsException =>
            StatusCode.Unavailable,
        SnapshotFormatException or StateException => StatusCode.FailedPrecondition,
        ExhaustedException => StatusCode.ResourceExhausted,
        InputException => StatusCode.InvalidArgument,
        OperationCanceledException => StatusCode.Cancelled,
        _ when cancellation.IsCancellationRequested => StatusCode.Cancelled,
        _ => MachineFault.Of(exception) is { } fault ? OfKind(fault.Kind) : StatusCode.Internal,
    };

    private static StatusCode OfKind(MachineFaultKind kind) => kind switch
    {
        MachineFaultKind.Memory or MachineFaultKind.Space or MachineFaultKind.Files => StatusCode.ResourceExhausted,
        MachineFaultKind.Rights => StatusCode.FailedPrecondition,
        _ => StatusCode.Unavailable,
    };

    /// <summary>
    /// The status of an exception, with google.rpc.BadRequest in its details when the request is wrong.
    /// </summary>
    /// <param name="exception">What happened.</param>
    /// <param name="code">As <see cref="CodeOf"/> gives it.</param>
    /// <param name="request">Identifies the request in the log.</param>
    public static Status Of(Exception exception, StatusCode code, string request)
    {
        var text = code == StatusCode.Internal ? $"internal error; see the server log (request {request})"
            : exception is RpcException known ? known.Status.Detail : MachineFault.Sentence(exception);
        var status = new Status
        {
            Code = (int)code,
            Message = Whole(text.Length > MaximumMessage ? text[..MaximumMessage] + "..." : text),
        };
        if (code == StatusCode.InvalidArgument)
        {
            status.Details.Add(Any.Pack(new BadRequest
            {
                FieldViolations =
                {
                    new BadRequest.Types.FieldViolation
                    {
                        Field = Whole(FieldOf(exception)),
                        Description = status.Message,
                    },
                },
            }));
        }

        if (exception is ExhaustedException { RetryAfter: { } wait })
        {
            status.Details.Add(Any.Pack(new RetryInfo { RetryDelay = Duration.FromTimeSpan(wait) }));
        }

        // Last: a client may take the first detail for the reason.
        status.Details.Add(Any.Pack(new RequestInfo { RequestId = request }));
        return status;
    }

    // Half of a letter of two units, from a caller or from a cut, is no text that protobuf writes.
    private static string Whole(string text) => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));

    /// <summary>The HTTP status of a gRPC status code, as JSON transcoding maps it.</summary>
    public static int HttpOf(StatusCode code) => code switch
    {
        StatusCode.InvalidArgument or StatusCode.FailedPrecondition => StatusCodes.Status400BadRequest,
        StatusCode.Unauthenticated => StatusCodes.Status401Unauthorized,
        StatusCode.PermissionDenied => StatusCodes.Status403Forbidden,
        StatusCode.NotFound => StatusCodes.Status404NotFound,
        StatusCode.Cancelled => StatusCodes.Status408RequestTimeout,
        StatusCode.ResourceExhausted => StatusCodes.Status429TooManyRequests,
        StatusCode.Unavailable => StatusCodes.Status503ServiceUnavailable,
        StatusCode.DeadlineExceeded => StatusCodes.Status504GatewayTimeout,
        _ => StatusCodes.Status500InternalServerError,
    };

    private static string FieldOf(Exception exception) => exception switch
    {
        FieldException field => field.Field,
        RuleException => "rule",
        _ => FoundField().Match(exception.Message).Groups["field"].Value,
    };

    // Checks of the scoring library begin with: found FIELD = VALUE, or: FIELD is missing.
    [GeneratedRegex(@"^(found (?<field>[a-z][a-z0-9_.\[\]]*) = |(?<field>[a-z][a-z0-9_.\[\]]*) is (missing|empty))")]
    private static partial Regex FoundField();
}

using Google.Rpc;
using Grpc.Core;

namespace Engine.WebConsole.Calls;

/// <summary>Why a call got no answer, in the engine's words.</summary>
/// <param name="Code">The status.</param>
/// <param name="Field">The field of the request that is wrong; empty when none is.</param>
/// <param name="Text">Found, expected, what to do.</param>
public sealed record Problem(StatusCode Code, string Field, string Text)
{
    /// <summary>Nothing is served yet: the page says how to go on.</summary>
    public bool IsNoSnapshot => Code == StatusCode.Unavailable;

    /// <summary>The problem of a failed call.</summary>
    public static Problem Of(RpcException e) => new(
        e.StatusCode,
        e.GetRpcStatus()?.GetDetail<BadRequest>()?.FieldViolations.FirstOrDefault()?.Field ?? "",
        e.Status.Detail);

    /// <summary>The HTTP status of the page that shows it.</summary>
    public int HttpStatus => Code switch
    {
        StatusCode.InvalidArgument or StatusCode.FailedPrecondition => 400,
        StatusCode.Unauthenticated => 401,
        StatusCode.PermissionDenied => 403,
        StatusCode.NotFound => 404,
        StatusCode.ResourceExhausted => 429,
        StatusCode.Unavailable => 503,
        _ => 500,
    };
}

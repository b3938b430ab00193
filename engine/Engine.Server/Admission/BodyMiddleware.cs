using Grpc.AspNetCore.Server;
using Grpc.Core;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace Engine.Server.Admission;

/// <summary>
/// Looks at requests while they come in: counts their bytes (<see cref="ReceivedBytes"/>), and refuses what is no
/// message (<see cref="MessageFrames"/>) and what does not come (<see cref="BodyPace"/>).
/// </summary>
internal sealed class BodyMiddleware(RequestDelegate next, ReceivedBytes bytes, MessageFrames frames, TimeProvider time)
{
    /// <summary>Runs the middleware.</summary>
    public Task InvokeAsync(HttpContext http)
    {
        var isGrpc = MessageFrames.IsGrpc(http.Request);
        // Most documents are short and say so: nothing is allocated for them.
        var isShort = !isGrpc && http.Request.ContentLength <= ReceivedBytes.Free;
        return isShort && !HttpProtocol.IsHttp2(http.Request.Protocol) ? next(http) : Counted(http, isGrpc);
    }

    private async Task Counted(HttpContext http, bool isGrpc)
    {
        using var pace = PaceOf(http);
        using var body = new CountedBody(
            http.Request.BodyReader, bytes, isGrpc ? received => frames.Check(http, received) : null, pace);
        http.Features.Set<IRequestBodyPipeFeature>(body);
        await next(http);
    }

    // A stream of requests has pauses, and bounds of its own (OpenStreams).
    private BodyPace? PaceOf(HttpContext http)
    {
        if (!HttpProtocol.IsHttp2(http.Request.Protocol))
        {
            return new BodyPace(time, hasLeast: false);
        }

        if (http.GetEndpoint()?.Metadata.GetMetadata<GrpcMethodMetadata>()?.Method.Type
                is MethodType.ClientStreaming or MethodType.DuplexStreaming)
        {
            return null;
        }

        http.Features.Get<IHttpMinRequestBodyDataRateFeature>()?.MinDataRate = null;
        return new BodyPace(time, hasLeast: true);
    }
}

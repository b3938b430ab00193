using Microsoft.AspNetCore.Http.Features;

namespace Engine.Server.Admission;

/// <summary>
/// Looks at requests while they come in: counts their bytes (<see cref="ReceivedBytes"/>), and refuses what is no
/// message (<see cref="MessageFrames"/>).
/// </summary>
internal sealed class BodyDoor(RequestDelegate next, ReceivedBytes bytes, MessageFrames frames)
{
    /// <summary>Runs the middleware.</summary>
    public Task InvokeAsync(HttpContext http)
    {
        var isGrpc = MessageFrames.IsGrpc(http.Request);
        // Most documents are short and say so: nothing is allocated for them.
        return !isGrpc && http.Request.ContentLength <= ReceivedBytes.Free ? next(http) : Counted(http, isGrpc);
    }

    private async Task Counted(HttpContext http, bool isGrpc)
    {
        using var body = new CountedBody(
            http.Request.BodyReader, bytes, isGrpc ? received => frames.Check(http, received) : null);
        http.Features.Set<IRequestBodyPipeFeature>(body);
        await next(http);
    }
}

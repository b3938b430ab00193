using Microsoft.AspNetCore.Http.Features;

namespace Engine.Server.Admission;

/// <summary>Counts the bytes of requests while they come in: see <see cref="ReceivedBytes"/>.</summary>
internal sealed class BodyDoor(RequestDelegate next, ReceivedBytes bytes)
{
    /// <summary>Runs the middleware.</summary>
    public Task InvokeAsync(HttpContext http) =>
        // Most requests are short and say so: nothing is allocated for them.
        http.Request.ContentLength <= ReceivedBytes.Free ? next(http) : Counted(http);

    private async Task Counted(HttpContext http)
    {
        using var body = new CountedBody(http.Request.BodyReader, bytes);
        http.Features.Set<IRequestBodyPipeFeature>(body);
        await next(http);
    }
}

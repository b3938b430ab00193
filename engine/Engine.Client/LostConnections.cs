using System.Net.Sockets;

namespace Engine.Client;

/// <summary>
/// A connection that ends beneath a call is UNAVAILABLE, so that reads go to another engine. gRPC for .NET calls it
/// INTERNAL when the engine ended it in order, as one that is stopped does.
/// </summary>
internal sealed class LostConnections(HttpMessageHandler inner) : DelegatingHandler(inner)
{
    private const long NoError = 0;

    /// <inheritdoc/>
    protected override async Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request, CancellationToken cancellationToken)
    {
        try
        {
            return await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
        }
        catch (HttpRequestException e) when (IsOrderly(e))
        {
            throw new HttpRequestException(
                HttpRequestError.ConnectionError, e.Message, new SocketException((int)SocketError.ConnectionReset));
        }
    }

    private static bool IsOrderly(Exception? e) =>
        e is not null && (e is HttpProtocolException { ErrorCode: NoError } || IsOrderly(e.InnerException));
}

using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using Engine;
using Google.Protobuf;

namespace Bench.Load;

/// <summary>Over HTTP/JSON.</summary>
internal sealed class HttpTarget : ILoadTarget
{
    private static readonly JsonParser Parser = new(JsonParser.Settings.Default.WithIgnoreUnknownFields(true));
    private readonly HttpClient[] _clients;

    /// <summary>A target with as many clients as connections; HTTP/1.1 opens one more for each call at once.</summary>
    public HttpTarget(LoadConnection connection) => _clients =
    [
        .. Enumerable.Range(0, connection.Connections).Select(_ =>
        {
            var client = new HttpClient(connection.Handler())
            {
                BaseAddress = connection.Target,
                Timeout = connection.Limit,
            };
            if (connection.Key.Length > 0)
            {
                client.DefaultRequestHeaders.Authorization = new("Bearer", connection.Key);
            }

            return client;
        }),
    ];

    /// <inheritdoc/>
    public byte[] Encode(IMessage request) => Encoding.UTF8.GetBytes(JsonFormatter.Default.Format(request));

    /// <inheritdoc/>
    public async ValueTask<Outcome> Send(int lane, PreparedCall call)
    {
        try
        {
            using var reply = await Post(lane, call, CancellationToken.None).ConfigureAwait(false);
            var bytes = await reply.Content.ReadAsByteArrayAsync().ConfigureAwait(false);
            return reply.IsSuccessStatusCode
                ? new(Outcome.Ok, bytes.Length)
                : new(((int)reply.StatusCode).ToString(CultureInfo.InvariantCulture), 0);
        }
        catch (HttpRequestException e)
        {
            return new(e.HttpRequestError.ToString(), 0);
        }
        catch (TaskCanceledException)
        {
            return new(Outcome.TimedOut, 0);
        }
    }

    /// <inheritdoc/>
    public async Task<TReply> Ask<TReply>(Rpc rpc, IMessage request, CancellationToken stop)
        where TReply : IMessage<TReply>, new()
    {
        try
        {
            using var reply = await Post(0, new(rpc, Encode(request)), stop);
            var text = await reply.Content.ReadAsStringAsync(stop);
            return reply.IsSuccessStatusCode
                ? Parser.Parse<TReply>(text.Split('\n')[0])
                : throw new InputException(
                    $"{rpc.Route}: {(int)reply.StatusCode}: {text.ReplaceLineEndings(" ").Trim()}");
        }
        catch (Exception e) when (e is HttpRequestException or InvalidProtocolBufferException
            || (e is TaskCanceledException && !stop.IsCancellationRequested))
        {
            throw new InputException($"{rpc.Route}: {e.Message}", e);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Array.ForEach(_clients, client => client.Dispose());

    private async Task<HttpResponseMessage> Post(int lane, PreparedCall call, CancellationToken stop)
    {
        using var request = new HttpRequestMessage(
            call.Body.Length == 0 ? HttpMethod.Get : HttpMethod.Post, call.Rpc.Route);
        if (call.Body.Length > 0)
        {
            request.Content = new ByteArrayContent(call.Body);
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        }

        return await _clients[lane % _clients.Length].SendAsync(request, stop).ConfigureAwait(false);
    }
}

using Engine.Server.Configuration;
using Engine.Server.Errors;
using Grpc.Core;

namespace Engine.Server.Admission;

/// <summary>
/// Bytes of all requests that have come in and are not decoded yet: each may be long, but not all at once.
/// </summary>
internal sealed class ReceivedBytes(ServerOptions options)
{
    /// <summary>Bytes of one request that are never refused: a flood of long requests keeps no short one out.</summary>
    public const long Free = 256 << 10;

    private const int LongRequests = 8;
    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(1);

    private long _held;

    /// <summary>Bytes held now.</summary>
    public long Held => Interlocked.Read(ref _held);

    private long Most => LongRequests * ((long)options.RequestMebibytes << 20);

    /// <summary>Counts what one request holds.</summary>
    /// <param name="before">Bytes it held.</param>
    /// <param name="now">Bytes it holds.</param>
    /// <exception cref="RpcException">RESOURCE_EXHAUSTED: all requests together hold too much.</exception>
    public void Change(long before, long now)
    {
        var held = Interlocked.Add(ref _held, now - before);
        if (now > before && now > Free && held > Most)
        {
            var error = new ExhaustedException(
                $"found {held:N0} bytes of requests that are being received; expected at most {Most:N0}. "
                + "Try again, or send less at a time",
                Retry);
            throw CallStatus.Of(error, StatusCode.ResourceExhausted, "").ToRpcException();
        }
    }
}

using System.Buffers;
using System.Buffers.Binary;
using Engine.Server.Errors;
using Engine.Server.Workspaces;
using Grpc.AspNetCore.Server;
using Grpc.Core;

namespace Engine.Server.Admission;

/// <summary>
/// Refuses what is no gRPC message by the five bytes before it, as the caller's mistake: the library would call it an
/// exception of the server, and log each one as such.
/// </summary>
internal sealed class MessageFrames(ServerMetrics metrics)
{
    private const int FrameBytes = 5;

    /// <summary>Whether the client speaks gRPC.</summary>
    public static bool IsGrpc(HttpRequest request) =>
        request.ContentType?.StartsWith("application/grpc", StringComparison.OrdinalIgnoreCase) == true;

    /// <summary>Looks at what has been received. It begins where a message does.</summary>
    /// <exception cref="RpcException">INVALID_ARGUMENT: it cannot be a message.</exception>
    public void Check(HttpContext http, in ReadOnlySequence<byte> received)
    {
        if (received.IsEmpty)
        {
            return;
        }

        var flag = received.FirstSpan[0];
        if (flag > 1)
        {
            throw Refuse(http, $"found {flag} as the first byte of a message; expected 0, or 1 for a compressed one");
        }

        if (received.Length < FrameBytes)
        {
            return;
        }

        Span<byte> frame = stackalloc byte[FrameBytes];
        received.Slice(0, FrameBytes).CopyTo(frame);
        if (BinaryPrimitives.ReadUInt32BigEndian(frame[1..]) is > int.MaxValue and var length)
        {
            throw Refuse(
                http,
                FormattableString.Invariant($"found a message of {length:N0} bytes; expected at most ")
                + FormattableString.Invariant($"{int.MaxValue:N0}"));
        }
    }

    private RpcException Refuse(HttpContext http, string found)
    {
        var error = new InputException($"{found}. Send what a gRPC library writes");
        var method = http.GetEndpoint()?.Metadata.GetMetadata<GrpcMethodMetadata>()?.Method.FullName ?? "unknown";
        metrics.Answered(method, StatusCode.InvalidArgument, TimeSpan.Zero);
        return CallStatus.Of(error, StatusCode.InvalidArgument, http.TraceIdentifier).ToRpcException();
    }
}

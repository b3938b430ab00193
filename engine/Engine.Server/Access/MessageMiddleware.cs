using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using Engine.Server.Admission;
using Google.Protobuf.Reflection;

namespace Engine.Server.Access;

/// <summary>
/// Refuses a short message that is no protobuf of its type, or has too many elements, before its call begins. The
/// decoder refuses the same message by an exception, which the layers of a call throw again: a burst of such messages
/// would delay the calls of others. What has not come in yet, is long or compressed is left to the decoder.
/// </summary>
internal sealed class MessageMiddleware(RequestDelegate next, RequestBounds bounds, Refusal refusal)
{
    private const int FrameBytes = 5;
    private const int MostBytes = 4 << 10;

    /// <summary>Runs the middleware.</summary>
    public Task InvokeAsync(HttpContext http) =>
        http.GetEndpoint()?.Metadata.GetMetadata<MessageDescriptor>() is { } type
        && MessageFrames.IsGrpc(http.Request)
        && FaultOf(http.Request.BodyReader, type) is { } fault
            ? refusal.Write(http, fault)
            : next(http);

    private InputException? FaultOf(PipeReader body, MessageDescriptor type)
    {
        try
        {
            if (!body.TryRead(out var read))
            {
                return null;
            }

            var fault = FaultOf(read.Buffer, type);
            body.AdvanceTo(read.Buffer.Start);
            return fault;
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // The client has gone. The next reader gets the same exception, and knows what to do with it.
            return null;
        }
    }

    private InputException? FaultOf(in ReadOnlySequence<byte> received, MessageDescriptor type)
    {
        if (received.Length is < FrameBytes or > FrameBytes + MostBytes)
        {
            return null;
        }

        Span<byte> frame = stackalloc byte[FrameBytes];
        received.Slice(0, FrameBytes).CopyTo(frame);
        return frame[0] == 0 && BinaryPrimitives.ReadUInt32BigEndian(frame[1..]) == received.Length - FrameBytes
            ? bounds.FaultOf(received.Slice(FrameBytes), type)
            : null;
    }
}

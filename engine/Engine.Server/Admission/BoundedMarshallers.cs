using System.Text;
using Engine.Server.Errors;
using Engine.Server.Workspaces;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Grpc.Core;

namespace Engine.Server.Admission;

/// <summary>
/// Decoders that look at a message first: too long, too many elements and no protobuf at all have their own status, and
/// are counted.
/// </summary>
internal sealed class BoundedMarshallers(RequestBounds bounds, ServerMetrics metrics)
{
    /// <summary>
    /// The type of the one request of a call. Endpoints of such calls have it in their metadata: middleware may look at
    /// the request before the call begins.
    /// </summary>
    public static MessageDescriptor TypeOf<TRequest>() => ((IMessage)Activator.CreateInstance<TRequest>()!).Descriptor;

    /// <summary>The same marshaller with bounds.</summary>
    /// <param name="marshaller">Decodes.</param>
    /// <param name="name">The method, as the metrics name it.</param>
    public Marshaller<TRequest> Of<TRequest>(Marshaller<TRequest> marshaller, string name)
        where TRequest : class
    {
        var type = TypeOf<TRequest>();
        return new Marshaller<TRequest>(marshaller.ContextualSerializer, received =>
        {
            if (bounds.FaultOf(received.PayloadAsReadOnlySequence(), type) is { } fault)
            {
                throw Refuse(fault, name);
            }

            try
            {
                return marshaller.ContextualDeserializer(received);
            }
            catch (Exception e) when (e is InvalidProtocolBufferException or DecoderFallbackException
                or OutOfMemoryException)
            {
                throw Refuse(e is OutOfMemoryException ? e : RequestBounds.Malformed(type, e.Message), name);
            }
        });
    }

    private RpcException Refuse(Exception fault, string name)
    {
        var code = CallStatus.CodeOf(fault, CancellationToken.None);
        metrics.Answered(name, code, TimeSpan.Zero);
        return CallStatus.Of(fault, code, "").ToRpcException();
    }
}

using System.Text;
using Engine.Server.Errors;
using Engine.Server.Workspaces;
using Google.Protobuf;
using Grpc.Core;

namespace Engine.Server.Admission;

/// <summary>
/// Decoders that look at a message first: too long, too many elements and no protobuf at all have their own status, and
/// are counted.
/// </summary>
internal sealed class BoundedMarshallers(RequestBounds bounds, ServerMetrics metrics)
{
    /// <summary>The same marshaller with bounds.</summary>
    /// <param name="marshaller">Decodes.</param>
    /// <param name="name">The method, as the metrics name it.</param>
    public Marshaller<TRequest> Of<TRequest>(Marshaller<TRequest> marshaller, string name)
        where TRequest : class
    {
        var type = ((IMessage)Activator.CreateInstance<TRequest>()).Descriptor;
        return new Marshaller<TRequest>(marshaller.ContextualSerializer, received =>
        {
            try
            {
                bounds.Check(received.PayloadAsReadOnlySequence(), type);
                return marshaller.ContextualDeserializer(received);
            }
            catch (Exception e) when (e is InputException or InvalidProtocolBufferException
                or DecoderFallbackException or OutOfMemoryException)
            {
                var error = e is InvalidProtocolBufferException or DecoderFallbackException
                    ? RequestBounds.Malformed(type, e.Message)
                    : e;
                var code = CallStatus.CodeOf(error, CancellationToken.None);
                metrics.Answered(name, code, TimeSpan.Zero);
                throw CallStatus.Of(error, code, "").ToRpcException();
            }
        });
    }
}

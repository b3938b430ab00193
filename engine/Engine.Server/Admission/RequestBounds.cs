using System.Buffers;
using System.Collections.Frozen;
using Engine.Protos.V1;
using Engine.Server.Configuration;
using Engine.Server.Errors;
using Google.Protobuf.Reflection;

namespace Engine.Server.Admission;

/// <summary>How large a request may be, by its type, before it is decoded.</summary>
internal sealed class RequestBounds(ServerOptions options)
{
    // Lists of users, and of products as long as the catalog.
    private static readonly FrozenSet<MessageDescriptor> Long = new[]
    {
        RankUsersRequest.Descriptor, EstimateAudienceRequest.Descriptor, RecommendForAudienceRequest.Descriptor,
        SavePoolRequest.Descriptor,
        PreviewPoolRequest.Descriptor,
        SaveAudienceRequest.Descriptor,
        SetBlockedRequest.Descriptor,
        CreateTaskRequest.Descriptor,
    }.ToFrozenSet();

    /// <summary>Elements of all lists of a request.</summary>
    public int MostElements => options.Limits.RequestElements;

    /// <summary>Bytes of a request of this type.</summary>
    public long MostBytes(MessageDescriptor type) =>
        (long)(Long.Contains(type)
            ? options.RequestMebibytes
            : Math.Min(options.RequestMebibytes, options.Limits.SmallRequestMebibytes)) << 20;

    /// <summary>
    /// Why a message must not be decoded: it is too long, has too many elements or is malformed; null when it may be.
    /// </summary>
    public InputException? FaultOf(in ReadOnlySequence<byte> message, MessageDescriptor type) =>
        TooLong(message.Length, type) is { } tooLong ? tooLong
        : MessageScan.Count(message, type, MostElements) is not { } elements
            ? Malformed(type, "it breaks off, or ends within a field")
        : elements > MostElements ? TooMany(type.Name, MostElements)
        : null;

    /// <exception cref="ExhaustedException">It is too long.</exception>
    public void CheckBytes(long bytes, MessageDescriptor type)
    {
        if (TooLong(bytes, type) is { } tooLong)
        {
            throw tooLong;
        }
    }

    private ExhaustedException? TooLong(long bytes, MessageDescriptor type) => bytes <= MostBytes(type)
        ? null
        : new ExhaustedException(
            $"found a {type.Name} of {bytes:N0} bytes; expected at most {MostBytes(type):N0}. Send less at a time, "
            + "or raise --request-mebibytes and small_request_mebibytes");

    /// <summary>The error of a request with too many elements.</summary>
    public static FieldException TooMany(string field, int most) =>
        new(
            field,
            $"found more than {most:N0} ids and other elements in {field}; expected at most {most:N0} in a request. "
            + "Send them in several requests, or raise request_elements");

    /// <summary>The status of a message that is no protobuf of its type.</summary>
    public static FieldException Malformed(MessageDescriptor type, string reason) =>
        new(
            type.Name,
            $"the message is not a valid {type.FullName} ({reason.TrimEnd('.')}). "
            + "Generate the client from protos/engine/v1 again");
}

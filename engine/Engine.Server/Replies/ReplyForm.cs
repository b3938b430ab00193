using Engine.Protos.V1;

namespace Engine.Server.Replies;

/// <summary>In which form a reply to Recommend is sent.</summary>
internal sealed class ReplyForm
{
    private readonly Func<EncodedReply, Action<Contract.RecommendFacts>> _write;
    private readonly Action<EncodedReply, RecommendReply> _copy;

    private ReplyForm(
        Func<EncodedReply, Action<Contract.RecommendFacts>> write, Action<EncodedReply, RecommendReply> copy)
    {
        (_write, _copy) = (write, copy);
    }

    /// <summary>Protobuf.</summary>
    public static ReplyForm Wire { get; } = new(
        static reply => reply.WriteWire, static (reply, message) => reply.CopyWire(message));

    /// <summary>JSON.</summary>
    public static ReplyForm Json { get; } = new(
        static reply => reply.WriteJson, static (reply, message) => reply.CopyJson(message));

    /// <summary>Writes what was answered here.</summary>
    public Action<Contract.RecommendFacts> WriterOf(EncodedReply reply) => _write(reply);

    /// <summary>What another engine answered.</summary>
    public EncodedReply Of(RecommendReply message)
    {
        var reply = EncodedReply.Rent();
        _copy(reply, message);
        return reply;
    }
}

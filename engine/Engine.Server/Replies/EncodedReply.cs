using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using CommunityToolkit.HighPerformance.Buffers;
using Engine.Protos.V1;
using Engine.Server.Contract;
using Google.Protobuf;
using Grpc.Core;
using Microsoft.Extensions.ObjectPool;

namespace Engine.Server.Replies;

/// <summary>The bytes of one reply on their way from the leased model to the connection. Pooled.</summary>
internal sealed class EncodedReply : IDisposable
{
    // A reply that grew larger than this is left to the garbage collector.
    private const int MaximumKept = 1 << 20;

    private static readonly ObjectPool<EncodedReply> Idle = new DefaultObjectPoolProvider().Create(new Policy());

    private static readonly JsonFormatter Formatter = new(JsonFormatter.Settings.Default.WithFormatDefaultValues(true));

    private readonly ArrayPoolBufferWriter<byte> _bytes = new(4096);
    private readonly Utf8JsonWriter _json;

    private EncodedReply()
    {
        _json = new Utf8JsonWriter(
            _bytes,
            new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true });
        Completed = System.Threading.Tasks.Task.FromResult(this);
        WriteWire = facts => RecommendWire.Write(facts, _bytes);
        WriteJson = facts =>
        {
            _json.Reset();
            RecommendJson.Write(facts, _json);
            _json.Flush();
        };
    }

    /// <summary>How gRPC sends it: the bytes are copied, then the reply is idle again.</summary>
    public static Marshaller<EncodedReply> Marshaller { get; } = new(
        static (reply, context) =>
        {
            context.SetPayloadLength(reply.Bytes.Length);
            reply.Bytes.Span.CopyTo(context.GetBufferWriter().GetSpan(reply.Bytes.Length));
            context.GetBufferWriter().Advance(reply.Bytes.Length);
            context.Complete();
            reply.Return();
        },
        static EncodedReply (DeserializationContext _) => throw new NotSupportedException("a reply is only sent"));

    /// <summary>This reply as a finished task.</summary>
    public Task<EncodedReply> Completed { get; }

    /// <summary>Writes the protobuf form.</summary>
    public Action<RecommendFacts> WriteWire { get; }

    /// <summary>Writes the JSON form.</summary>
    public Action<RecommendFacts> WriteJson { get; }

    /// <summary>Writes a message in the protobuf form.</summary>
    public void CopyWire(RecommendReply message) => message.WriteTo(_bytes);

    /// <summary>Writes a message in the JSON form.</summary>
    public void CopyJson(RecommendReply message)
    {
        var text = Formatter.Format(message);
        _bytes.Advance(Encoding.UTF8.GetBytes(text, _bytes.GetSpan(Encoding.UTF8.GetMaxByteCount(text.Length))));
    }

    /// <summary>What was written.</summary>
    public ReadOnlyMemory<byte> Bytes => _bytes.WrittenMemory;

    /// <summary>
    /// An empty reply; <see cref="Return"/> it, or leave it to the garbage collector when the call failed.
    /// </summary>
    public static EncodedReply Rent() => Idle.Get();

    /// <summary>Ends the use of the reply.</summary>
    public void Return() => Idle.Return(this);

    /// <summary>Gives the buffer back; the pool calls it for what it does not keep.</summary>
    public void Dispose()
    {
        _json.Dispose();
        _bytes.Dispose();
    }

    private sealed class Policy : PooledObjectPolicy<EncodedReply>
    {
        public override EncodedReply Create() => new();

        public override bool Return(EncodedReply reply)
        {
            reply._json.Reset();
            reply._bytes.Clear();
            return reply._bytes.Capacity <= MaximumKept;
        }
    }
}

using System.Text;
using System.Text.Json;
using CommunityToolkit.HighPerformance.Buffers;
using Engine.Protos.V1;
using Engine.Scoring.Models;
using Engine.Server.Catalog;
using Engine.Server.Contract;
using Engine.Server.Replies;
using Google.Protobuf;
using Tests.Shared;

namespace Engine.Tests.Server;

/// <summary>
/// Replies that are written straight from the snapshot are those of the generated classes, and cost no allocation.
/// </summary>
public sealed class RecommendReplyTests : IDisposable
{
    private static readonly JsonFormatter Transcoded =
        new(JsonFormatter.Settings.Default.WithFormatDefaultValues(true));

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(0)]
    public void Bytes_and_documents_equal_those_of_the_message(float scale)
    {
        var random = new Random(3);
        for (var seed = 0; seed < 12; seed++)
        {
            using var model = Model(RandomSnapshot.Content(seed, users: 20, products: 300, factors: 4, scale));
            var catalog = new WorkspaceCatalog(_folder.Path);
            for (var i = 0; i < 25; i++)
            {
                RecommendCall.Answer(
                    model,
                    catalog,
                    Request(random),
                    CallClock.Start(new StoppedClock(random.Next(2) == 0)),
                    facts =>
                    {
                        var message = RecommendCall.Message(facts);
                        using var bytes = new ArrayPoolBufferWriter<byte>(16);
                        RecommendWire.Write(facts, bytes);
                        Assert.Equal(message.ToByteArray(), bytes.WrittenSpan.ToArray());

                        var document = Json(facts);
                        Assert.Equal(message, RecommendReply.Parser.ParseJson(document));
                        Assert.Equal(Names(Transcoded.Format(message)), Names(document));
                    });
            }
        }
    }

    [Fact]
    public void A_reply_allocates_nothing()
    {
        using var model = Model(RandomSnapshot.Content(seed: 1, users: 20, products: 300));
        var catalog = new WorkspaceCatalog(_folder.Path);
        var clock = CallClock.Start(new StoppedClock(isStale: true));
        var request = new RecommendRequest
        {
            UserId = "user-3é",
            TopK = 100,
            Explain = true,
            ExcludeProductIds = { "P1", "none" },
        };
        Assert.Equal(0, Allocations.Least(() => Answer(reply => reply.WriteWire)));
        Assert.Equal(0, Allocations.Least(() => Answer(reply => reply.WriteJson)));

        void Answer(Func<EncodedReply, Action<RecommendFacts>> form)
        {
            for (var i = 0; i < 20; i++)
            {
                var reply = EncodedReply.Rent();
                RecommendCall.Answer(model, catalog, request, clock, form(reply));
                Assert.True(reply.Bytes.Length > 4_000);
                reply.Return();
            }
        }
    }

    private ScoringModel Model(Engine.Snapshots.Writing.SnapshotContent content) =>
        new(RandomSnapshot.Open(content, _folder));

    private static RecommendRequest Request(Random random)
    {
        var request = new RecommendRequest
        {
            UserId = random.Next(4) == 0 ? "" : $"user-{random.Next(24):x}é",
            TopK = random.Next(3) switch { 0 => 1, 1 => 10, _ => 250 },
            OnUnknown = OnUnknownUser.PopularInPool,
            Purchased = (PurchasedPolicy)random.Next(4),
            Explain = random.Next(2) == 0,
            ValidateOnly = random.Next(8) == 0,
        };
        for (var i = random.Next(3); i > 0; i--)
        {
            request.Recent.Add(
                new RecentBehavior
                {
                    ProductId = $"P{random.Next(310)}",
                    AgeDays = random.Next(9),
                    Count = random.Next(3),
                });
        }

        for (var i = random.Next(4) == 0 ? 120 : random.Next(3); i > 0; i--)
        {
            request.ExcludeProductIds.Add($"P\"茶{random.Next(400)}");
        }

        if (random.Next(3) == 0)
        {
            request.Pool = random.Next(2) == 0 ? new PoolFilter { Rule = "price < 50" }
                : new PoolFilter { Inline = true, ProductIds = { "P1", "P7", "gone" } };
        }

        return request;
    }

    private static string Json(RecommendFacts facts)
    {
        using var stream = new MemoryStream();
        using var json = new Utf8JsonWriter(stream);
        RecommendJson.Write(facts, json);
        json.Flush();
        return Encoding.UTF8.GetString(stream.ToArray());
    }

    // Every name of a document, in its order.
    private static List<string> Names(string json)
    {
        var reader = new Utf8JsonReader(Encoding.UTF8.GetBytes(json));
        var names = new List<string>();
        while (reader.Read())
        {
            if (reader.TokenType == JsonTokenType.PropertyName)
            {
                names.Add(reader.GetString()!);
            }
        }

        return names;
    }

    private sealed class StoppedClock(bool isStale) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => new(isStale ? 2030 : 2021, 8, 2, 0, 0, 0, TimeSpan.Zero);

        public override long GetTimestamp() => 0;
    }
}

using System.Buffers;
using Engine.Protos.V1;
using Engine.Server.Admission;
using Google.Protobuf;

namespace Engine.Tests.Server;

/// <summary>Elements of a message, counted before it is decoded.</summary>
public sealed class MessageScanTests
{
    [Fact]
    public void Counts_fields_elements_and_nested_messages()
    {
        Assert.Equal(0, Count(new RecommendRequest()));
        Assert.Equal(2, Count(new RecommendRequest { UserId = "u", TopK = 300 }));
        Assert.Equal(1_000, Count(new ScoreRequest { UserIds = { Enumerable.Repeat("", 1_000) } }));
        Assert.Equal(
            1 + 3 + 3 + 1,
            Count(
                new RecommendRequest
                {
                    Pool = new PoolFilter { ProductIds = { "a", "b", "c" } },
                    Recent = { new RecentBehavior(), new RecentBehavior(), new RecentBehavior { AgeDays = 1 } },
                }));
        Assert.Equal(
            1 + 1 + 4,
            Count(
                new SaveAudienceRequest
                {
                    Behavior = new BehaviorAudience
                    {
                        Types_ = { BehaviorType.View, BehaviorType.View, BehaviorType.Cart, BehaviorType.Cart },
                    },
                }));
    }

    [Fact]
    public void Stops_past_the_limit_and_at_what_is_malformed()
    {
        var bytes = new ScoreRequest { UserIds = { Enumerable.Repeat("", 10_000) } }.ToByteArray();
        Assert.Equal(101, MessageScan.Count(new(bytes), ScoreRequest.Descriptor, 100));
        Assert.Equal(1, MessageScan.Count(new(new byte[] { 0xFF }), ScoreRequest.Descriptor, 100));
        Assert.Equal(1, MessageScan.Count(new(new byte[] { 0x0A, 0x7F, 1 }), ScoreRequest.Descriptor, 100));
        var random = new Random(1);
        for (var i = 0; i < 2_000; i++)
        {
            var noise = new byte[random.Next(200)];
            random.NextBytes(noise);
            Assert.InRange(MessageScan.Count(new(noise), CreateTaskRequest.Descriptor, 1_000), 0, 1_300);
        }
    }

    [Fact]
    public void A_message_in_pieces_counts_the_same()
    {
        var bytes =
            new SavePoolRequest
            {
                Name = "tea",
                ProductIds = { "P1", "P22", "" },
                Tree = new PoolRule { Include = new RuleNode { Condition = new RuleCondition { Tag = "price" } } },
            }.ToByteArray();
        var whole = MessageScan.Count(new(bytes), SavePoolRequest.Descriptor, 100);
        Assert.Equal(1 + 3 + 4, whole);
        for (var cut = 1; cut < bytes.Length; cut++)
        {
            var first = new Piece(bytes.AsMemory(0, cut), null);
            var last = new Piece(bytes.AsMemory(cut), first);
            Assert.Equal(
                whole, MessageScan.Count(new(first, 0, last, last.Memory.Length), SavePoolRequest.Descriptor, 100));
        }
    }

    private static long Count(IMessage message) =>
        MessageScan.Count(new ReadOnlySequence<byte>(message.ToByteArray()), message.Descriptor, 1_000_000);

    private sealed class Piece : ReadOnlySequenceSegment<byte>
    {
        public Piece(ReadOnlyMemory<byte> memory, Piece? before)
        {
            Memory = memory;
            if (before is not null)
            {
                before.Next = this;
                RunningIndex = before.Memory.Length;
            }
        }
    }
}

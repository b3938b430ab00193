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
        Assert.Null(MessageScan.Count(new(new byte[] { 0xFF }), ScoreRequest.Descriptor, 100));
        Assert.Null(MessageScan.Count(new(new byte[] { 0x0A, 0x7F, 1 }), ScoreRequest.Descriptor, 100));
        var random = new Random(1);
        for (var i = 0; i < 2_000; i++)
        {
            var noise = new byte[random.Next(200)];
            random.NextBytes(noise);
            Assert.InRange(MessageScan.Count(new(noise), CreateTaskRequest.Descriptor, 1_000) ?? 0, 0, 1_300);
        }
    }

    /// <summary>Numbers and groups that the decoder reads in its own way must not hide the elements after them.</summary>
    [Theory]
    [InlineData("0A8080808010")] // A length of 2^32, which the decoder takes for 0.
    [InlineData("0A80808080808080808001")] // A length of 2^63.
    [InlineData("8A8080801000")] // A tag with a bit above its 32.
    [InlineData("9B0112017A9C01")] // An unknown group with a field in it.
    [InlineData("9B019B019C019C01")] // A group within a group.
    [InlineData("9B010A030A010A9C01")] // A group whose field has the number of a list.
    public void Counts_whatever_the_decoder_reads(string start)
    {
        var list = new ScoreRequest { UserIds = { Enumerable.Repeat("", 1_000) } }.ToByteArray();
        byte[] bytes = [.. Convert.FromHexString(start), .. list];
        Assert.InRange(ScoreRequest.Parser.ParseFrom(bytes).UserIds.Count, 1_000, 1_001);
        Assert.InRange(MessageScan.Count(new(bytes), ScoreRequest.Descriptor, 1_000_000) ?? 0, 1_001, 1_010);
    }

    [Fact]
    public void Nothing_is_decoded_that_was_not_counted()
    {
        var random = new Random(2);
        var good = new ScoreRequest { UserIds = { "a", "bc" }, ProductIds = { "P1" } }.ToByteArray();
        for (var i = 0; i < 20_000; i++)
        {
            var bytes = good.ToArray();
            for (var change = random.Next(1, 4); change > 0; change--)
            {
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            }

            var counted = MessageScan.Count(new(bytes), ScoreRequest.Descriptor, 1_000);
            try
            {
                var read = ScoreRequest.Parser.ParseFrom(bytes);
                Assert.InRange(read.UserIds.Count + read.ProductIds.Count, 0, counted ?? -1);
            }
            catch (InvalidProtocolBufferException)
            {
                // What the decoder refuses may be counted or not.
            }
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
        (long)MessageScan.Count(new ReadOnlySequence<byte>(message.ToByteArray()), message.Descriptor, 1_000_000)!;

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

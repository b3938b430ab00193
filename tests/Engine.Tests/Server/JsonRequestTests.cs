using System.Buffers;
using System.Text;
using Engine.Protos.V1;
using Engine.Server.Errors;
using Engine.Server.Json;
using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace Engine.Tests.Server;

/// <summary>
/// The JSON form of requests: every form that proto3 allows is read, everything else is an error that names the field.
/// </summary>
public sealed class JsonRequestTests
{
    [Theory]
    [InlineData("""{"topK":3}""")]
    [InlineData("""{"topK":"3"}""")]
    [InlineData("""{"topK":3.0}""")]
    [InlineData("""{"topK":3e0}""")]
    [InlineData("""{"top_k":"0.3e1"}""")]
    [InlineData("""{"topK":3,"userId":null,"recent":null}""")]
    public void Whole_numbers_have_many_forms(string json) =>
        Assert.Equal(new RecommendRequest { TopK = 3 }, Read(json));

    [Fact]
    public void Every_kind_of_value_is_read()
    {
        const string Json =
            """{ "user_id" """
            + """: "a\"\u00e9\n茶", "recent":[{"ageDays":"1.5","count":"2","type":"BEHAVIOR_TYPE_CART"},"""
            + """{"age_days":2}], "pool":{"inline":true,"product_ids":["x"]}, "purchased":2 }""";
        Assert.Equal(
            new RecommendRequest
            {
                UserId = "a\"é\n茶",
                Recent =
                {
                    new RecentBehavior { AgeDays = 1.5, Count = 2, Type = BehaviorType.Cart },
                    new RecentBehavior { AgeDays = 2 },
                },
                Pool = new PoolFilter { Inline = true, ProductIds = { "x" } },
                Purchased = PurchasedPolicy.Exclude,
            },
            Read(Json));
    }

    [Theory]
    [InlineData("""{"topk":3}""", "topk", "did you mean top_k?")]
    [InlineData(
        """{"recent":[{"productId":"P"},{"produktId":"P"}]}""", "recent[1].produktId", "did you mean product_id?")]
    [InlineData("""{"pool":{"rules":"x"}}""", "pool.rules", "did you mean rule?")]
    [InlineData("""{"frobnicate":1}""", "frobnicate", "RecommendRequest has: workspace, snapshot_id, user_id")]
    [InlineData(
        """{"topK":"three"}""", "top_k", "found top_k = 'three', expected a whole number -2147483648..2147483647")]
    [InlineData("""{"topK":3.5}""", "top_k", "found top_k = 3.5")]
    [InlineData("""{"topK":2147483648}""", "top_k", "found top_k = 2147483648")]
    [InlineData("""{"topK":true}""", "top_k", "found top_k = true")]
    [InlineData("""{"topK":{}}""", "top_k", "found top_k = an object")]
    [InlineData("""{"topK":1,"top_k":2}""", "top_k", "found top_k twice")]
    [InlineData("""{"userId":5}""", "user_id", "found user_id = 5, expected text")]
    [InlineData("""{"userId":"\ud800"}""", "user_id", "paired surrogates")]
    [InlineData("""{"topK":"3\u0000"}""", "top_k", "expected a whole number")]
    [InlineData("""{"recent":[{"ageDays":"3\u0000"}]}""", "recent[0].age_days", "expected a number")]
    [InlineData("""{"explain":"yes"}""", "explain", "found explain = 'yes', expected true or false")]
    [InlineData(
        """{"excludeProductIds":["a",null]}""",
        "exclude_product_ids[1]",
        "found exclude_product_ids[1] = null, expected text")]
    [InlineData("""{"excludeProductIds":"a"}""", "exclude_product_ids", "expected an array")]
    [InlineData("""{"recent":[{"ageDays":"1e999"}]}""", "recent[0].age_days", "expected a number")]
    [InlineData("""{"recent":[null]}""", "recent[0]", "expected an object")]
    [InlineData(
        """{"purchased":"exclude"}""",
        "purchased",
        "expected one of PURCHASED_POLICY_UNSPECIFIED, PURCHASED_POLICY_INCLUDE, PURCHASED_POLICY_EXCLUDE, "
        + "PURCHASED_POLICY_ONLY: use PURCHASED_POLICY_EXCLUDE")]
    public void A_wrong_field_is_named(string json, string field, string words)
    {
        var error = Assert.Throws<FieldException>(() => Read(json));
        Assert.Equal(field, error.Field);
        Assert.Contains(words, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("System.", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "not valid JSON")]
    [InlineData("[]", "expected a JSON object")]
    [InlineData("null", "expected a JSON object")]
    [InlineData("{\"topK\":1", "not valid JSON")]
    [InlineData("{\"topK\":1}x", "not valid JSON")]
    [InlineData("{\n\"topK\":1,}", "line 2")]
    [InlineData("""{"\ud800":1}""", "field name that is not valid Unicode")]
    public void A_body_that_is_no_object_is_an_error(string json, string words) =>
        Assert.Contains(words, Assert.Throws<InputException>(() => Read(json)).Message, StringComparison.Ordinal);

    [Fact]
    public void Only_one_field_of_a_oneof_is_accepted()
    {
        var error = Assert.Throws<FieldException>(
            () => Read("""{"include":{"condition":{"values":[{"text":"a","number":1}]}}}""", PoolRule.Descriptor));
        Assert.Equal("include.condition.values[0].number", error.Field);
        Assert.Contains("only one of text, number, date, days_after_last_day", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Deep_nesting_is_an_error_of_its_own()
    {
        var json = string.Concat(Enumerable.Repeat("""{"group":{"nodes":[""", 40));
        Assert.Contains(
            "nests more than 64",
            Assert.Throws<InputException>(() => Read(json, RuleNode.Descriptor)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_body_in_pieces_is_read_like_one()
    {
        var json = Encoding.UTF8.GetBytes("""{"userId":"user-é","topK":"12"}""");
        for (var cut = 1; cut < json.Length; cut++)
        {
            var first = new Piece(json.AsMemory(0, cut));
            var last = first.Then(json.AsMemory(cut));
            var body = new ReadOnlySequence<byte>(first, 0, last, last.Memory.Length);
            Assert.Equal(
                new RecommendRequest { UserId = "user-é", TopK = 12 },
                JsonRequest.Read(body, RecommendRequest.Descriptor));
        }
    }

    [Fact]
    public void Requests_stay_within_what_the_reader_knows()
    {
        var requests = new[]
        {
            RecommenderReflection.Descriptor,
            CatalogReflection.Descriptor,
            TasksReflection.Descriptor,
            SnapshotsReflection.Descriptor,
        }
            .SelectMany(file => file.Services)
                .SelectMany(service => service.Methods)
                .Select(method => method.InputType);
        var reached = new HashSet<MessageDescriptor>();
        var next = new Stack<MessageDescriptor>(requests);
        while (next.TryPop(out var message))
        {
            if (reached.Add(message))
            {
                var fields = message.Fields.InDeclarationOrder();
                Assert.InRange(fields.Count, 0, 64);
                Assert.All(
                    fields,
                    field => Assert.True(
                        !field.IsMap && field.FieldType is not (FieldType.Bytes or FieldType.Group), field.FullName));
                fields.Where(field => field.FieldType == FieldType.Message).Select(field => field.MessageType).ToList()
                    .ForEach(next.Push);
            }
        }

        Assert.True(reached.Count > 20);
        Assert.All(reached, message => Assert.StartsWith("engine.v1.", message.FullName, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("""{"user_id":"茶","top_k":3}""", true)]
    [InlineData(""" { "topK" : -3 , "userId" : "u" , "workspace" : "w" } """, true)]
    [InlineData("""{"recent":[{"productId":"P"},{"product_id":"Q"}],"excludeProductIds":["a","b"]}""", true)]
    [InlineData("{}", true)]
    [InlineData("""{"userId":"a","userId":"b"}""", false)]
    [InlineData("""{"topK":3,"top_k":3}""", false)]
    [InlineData("""{"topK":"3"}""", false)]
    [InlineData("""{"userId":"\u0041"}""", false)]
    [InlineData("""{"userId":null}""", false)]
    [InlineData("""{"recent":[],"recent":[]}""", false)]
    [InlineData("""{"recent":[{"productId":"P","count":2}]}""", false)]
    [InlineData("""{"recent":[{"productId":"P","productId":"Q"}]}""", false)]
    [InlineData("""{"excludeProductIds":["a",null]}""", false)]
    [InlineData("""{"explain":true}""", false)]
    [InlineData("""{"userId":"a"} x""", false)]
    [InlineData("{\"userId\":\"a\"", false)]
    [InlineData("""["userId"]""", false)]
    public void The_usual_body_is_read_as_every_body_is(string json, bool isUsual)
    {
        var bytes = Encoding.UTF8.GetBytes(json);
        var request = RecommendJsonReader.TryRead(new ReadOnlySequence<byte>(bytes), bytes.Length);
        Assert.Equal(isUsual, request is not null);
        if (isUsual)
        {
            Assert.Equal(Read(json), request);
            Assert.Null(RecommendJsonReader.TryRead(new ReadOnlySequence<byte>(bytes), bytes.Length - 1));
        }
    }

    [Fact]
    public void A_body_that_is_no_utf8_is_not_usual() =>
        Assert.Null(
            RecommendJsonReader.TryRead(
                new ReadOnlySequence<byte>([.. "{\"userId\":\""u8, 0xFF, .. "\"}"u8]), mostElements: 100));

    private static IMessage Read(string json, MessageDescriptor? type = null) =>
        JsonRequest.Read(new ReadOnlySequence<byte>(Encoding.UTF8.GetBytes(json)), type ?? RecommendRequest.Descriptor);

    private sealed class Piece : ReadOnlySequenceSegment<byte>
    {
        public Piece(ReadOnlyMemory<byte> memory) => Memory = memory;

        public Piece Then(ReadOnlyMemory<byte> memory)
        {
            var next = new Piece(memory) { RunningIndex = RunningIndex + Memory.Length };
            Next = next;
            return next;
        }
    }
}

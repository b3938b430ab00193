using System.Buffers;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Engine.Protos.V1;
using Engine.Scoring.Models;
using Engine.Scoring.Placements;
using Engine.Server.Contract;
using Engine.Server.Errors;
using Engine.Server.Json;
using Google.Rpc;
using Grpc.Core;
using Tests.Shared;

namespace Engine.Tests.Server;

public partial class PlacementFuzzTests
{
    private const string Valid =
        """
        {"name":"home","pool":"","rule":"price < 50","purchased":"PURCHASED_POLICY_EXCLUDE","topK":5,"minimumCount":2,
        "sources":["PLACEMENT_SOURCE_USER","PLACEMENT_SOURCE_POPULAR"],"excludeProductIds":["P1"],"rules":[
        {"pin":{"productId":"P2","place":1},"from":"2026-05-01T00:00:00Z","to":"2026-06-01T00:00:00Z"},
        {"boost":{"rule":"category = 'Tea'","addend":1.5}},{"cap":{"tag":"category","most":2}},
        {"minimum":{"rule":"price < 20","least":1}},{"diversity":{"weight":0.5}},{"explore":{"most":1,"addend":0.5}}]}
        """;

    private static readonly string[] Odd =
    [
        "null", "true", "-1", "0", "1e39", "2147483648", "\"NaN\"", "\"\"", "\"category =\"", "\"no such\"", "[]", "{}",
        "[null]", "[[]]", "\"\\u0000\"", "1.5", "\"2026-13-01\"", "\"PLACEMENT_SOURCE_USER\"", "9", "1000", "1001",
    ];

    [Fact]
    public void Ten_thousand_malformed_placements_never_crash_and_name_what_is_wrong()
    {
        using var folder = new TemporaryFolder();
        using var model = new ScoringModel(RandomSnapshot.Open(RandomSnapshot.Content(3), folder));
        var (random, refused) = (new Random(18), 0);
        for (var i = 0; i < 10_000; i++)
        {
            var (text, spoiled, isCut) = Spoil(random);
            try
            {
                var placement = (Placement)JsonRequest.Read(
                    new ReadOnlySequence<byte>(Encoding.UTF8.GetBytes(text)), Placement.Descriptor);
                var definition = PlacementAnswers.ToDefinition(placement);
                PlacementRecommender.Validate(model, definition, pool: null);
                // What is accepted is kept as it was meant, and can be asked.
                var kept = PlacementAnswers.Describe(model, null!, definition with { Pool = "" });
                Assert.Equal(definition.Rules.Count, kept.Rules.Count);
                var query = new PlacementQuery { Definition = definition };
                PlacementRecommender.Recommend(model, query, new PlacementAnswer());
            }
            catch (InputException e)
            {
                refused++;
                var status = CallStatus.Of(e, StatusCode.InvalidArgument, "r");
                var field = Snake(status.Details[0].Unpack<BadRequest>().FieldViolations[0].Field);
                Assert.True(
                    spoiled.Any(path => Concerns(path, field))
                        || (isCut && e.Message.Contains("JSON", StringComparison.Ordinal)),
                    $"found field '{field}' for {string.Join(", ", spoiled)}: {e.Message}\n{text}");
            }
        }

        Assert.InRange(refused, 5_000, 9_999);
    }

    // The field itself, one around it or in it, its name with a letter too many, or one whose range it sets.
    private static bool Concerns(string path, string field) =>
        IsWithin(path, field) || IsWithin(field, path) || IsWithin(field, path + "s")
        || (path == "top_k" && Ranged().IsMatch(field))
        || (path.EndsWith(".from", StringComparison.Ordinal) && field == path[..^"from".Length] + "to");

    private static bool IsWithin(string path, string outer) =>
        outer.Length > 0 && path.StartsWith(outer, StringComparison.Ordinal)
        && (path.Length == outer.Length || path[outer.Length] is '.' or '[');

    [GeneratedRegex("^(minimum_count|rules\\[[0-9]\\].(pin.place|minimum.least|explore.most))$")]
    private static partial Regex Ranged();

    // One to three values anywhere are replaced, removed or given other names; or the text itself is cut, too.
    private static (string Text, List<string> Paths, bool IsCut) Spoil(Random random)
    {
        var root = JsonNode.Parse(Valid)!;
        var paths = new List<string>();
        for (var n = random.Next(1, 4); n > 0; n--)
        {
            var nodes = All(root).Where(node => node.Parent is not null).ToArray();
            var node = nodes[random.Next(nodes.Length)];
            var value = JsonNode.Parse(Odd[random.Next(Odd.Length)]);
            paths.Add(PathOf(node));
            if (node.Parent is JsonArray list)
            {
                list[list.IndexOf(node)] = value;
            }
            else
            {
                var owner = node.Parent!.AsObject();
                var name = node.GetPropertyName();
                owner.Remove(name);
                owner[random.Next(10) == 0 ? name + "s" : name] = value;
            }
        }

        var text = root.ToJsonString();
        return random.Next(20) == 0 ? (text[..random.Next(text.Length)], paths, true) : (text, paths, false);
    }

    // As errors name it: a.b_c[2].
    private static string PathOf(JsonNode node) => Snake(node.GetPath()["$.".Length..]);

    private static string Snake(string path) =>
        Capital().Replace(path, letter => "_" + letter.Value.ToLowerInvariant());

    [GeneratedRegex("[A-Z]")]
    private static partial Regex Capital();

    private static IEnumerable<JsonNode> All(JsonNode node) => node switch
    {
        JsonObject one => one.Where(pair => pair.Value is not null).SelectMany(pair => All(pair.Value!)).Prepend(one),
        JsonArray many => many.OfType<JsonNode>().SelectMany(All).Prepend(many),
        _ => [node],
    };
}

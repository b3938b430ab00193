using System.Text;
using Engine;
using Tests.Shared;
using Engine.Datasets.Mapping;

namespace Trainer.Tests.Data;

public class DatasetFileTests
{
    private const string Whole = """
        {
          // a comment
          "behavior": { "files": ["b.csv"], "user_id": "u", "product_id": "p", "type": "t", "time": "z", "types": { "buy": "purchase", "x": "ignored" } },
          "product": { "files": ["p.csv"], "product_id": "p", "product_name": "n", "tags": [ { "column": "c", "type": "multi", "separator": "/" } ] },
        }
        """;

    [Fact]
    public void A_file_is_read_with_its_paths_made_absolute_and_written_back()
    {
        using var folder = new TemporaryFolder();
        var definition = DatasetFile.Read(folder.Write("dataset.json", Whole));
        Assert.Equal([folder.File("b.csv")], definition.Behavior.Files);
        Assert.Equal(BehaviorKind.Purchase, definition.Behavior.Types["buy"]);
        Assert.Equal(TagType.Multi, definition.Product.Tags.Single().Type);
        var again = DatasetFile.Read(folder.Write("again.json", DatasetFile.Text(definition)));
        Assert.Equal(DatasetFile.Text(definition), DatasetFile.Text(again));
    }

    [Theory]
    [InlineData("\"user_id\": \"u\"", "\"userid\": \"u\"", "unknown key 'userid'")]
    [InlineData("\"user_id\": \"u\"", "\"userid\": \"u\"", "user_id, product_id, type, time")]
    [InlineData("\"separator\"", "\"seperator\"", "column, alias, type, separator, statistical")]
    [InlineData("\"behavior\":", "\"behaviour\":", "identity_type, item, source, behavior, product")]
    [InlineData("\"user_id\": \"u\", ", "", "user_id")]
    [InlineData("\"purchase\"", "\"view\"", "no value of 't' is mapped to purchase")]
    [InlineData("\"purchase\"", "\"bought\"", "$.behavior.types")]
    [InlineData("\"type\": \"multi\", ", "", "has a separator but is not of the type multi")]
    [InlineData("\"time\": \"z\"", "\"time\": \"z\", \"time_format\": \"nonsense\"", "is no time format")]
    [InlineData("\"p.csv\"]", "\"p.csv\"", "LineNumber")]
    [InlineData("[\"b.csv\"]", "null", "$.behavior.files is null, expected a value")]
    [InlineData("\"multi\"", "\"mult\"", "$.product.tags[0].type: expected one of text, multi, number, date")]
    [InlineData("\"multi\"", "5", "expected one of text, multi, number, date")]
    [InlineData("[\"b.csv\"]", "[null]", "files")]
    [InlineData("[\"b.csv\"]", "\"b.csv\"", "$.behavior.files is of another kind, expected a list in brackets")]
    [InlineData("\"user_id\": \"u\"", "\"user_id\": \"u\", \"user_id\": \"v\"", "$.behavior.user_id comes twice")]
    [InlineData("\"x\": \"ignored\"", "\"buy\": \"ignored\"", "behavior.types.buy comes twice")]
    [InlineData("\"z\"", "\"z\", \"header\": \"no\"", "$.behavior.header is of another kind, expected true or false")]
    [InlineData("\"z\"", "\"z\", \"latest_time\": 2024", "latest_time is of another kind, expected a text in quotes")]
    [InlineData("\"z\"", "\"z\", \"duplicates\": \"dropp\"", "$.behavior.duplicates: expected one of keep, drop")]
    [InlineData("\"user_id\": \"u\"", "\"user_id\": null", "user_id")]
    [InlineData("{ \"buy\": \"purchase\", \"x\": \"ignored\" }", "null", "types")]
    [InlineData("{ \"column\": \"c\", \"type\": \"multi\", \"separator\": \"/\" }", "null", "tags")]
    [InlineData("\"product_id\": \"p\", \"type\"", "\"product_id\": \"u\", \"type\"", "are both the column 'u'")]
    [InlineData("\"z\"", "\"z\", \"count\": \"u\"", "behavior.user_id and behavior.count are both the column 'u'")]
    [InlineData("\"time\": \"z\"", "\"time\": \"t\"", "behavior.type and behavior.time are both the column 't'")]
    [InlineData("\"column\": \"c\"", "\"column\": \"product_id\"", "rules take for that of the column 'p'")]
    [InlineData(
        "\"column\": \"c\"", "\"column\": \"c\", \"alias\": \"product_name\"", "give it an alias of its own")]
    public void Mistakes_are_named(string good, string bad, string message)
    {
        using var folder = new TemporaryFolder();
        Assert.Contains(good, Whole, StringComparison.Ordinal);
        var path = folder.Write("dataset.json", Whole.Replace(good, bad, StringComparison.Ordinal));
        var e = Assert.Throws<InputException>(() => DatasetFile.Read(path));
        Assert.Contains(message, e.Message, StringComparison.Ordinal);
        Assert.True(e.Message.Contains(path, StringComparison.Ordinal) || message == "is no time format");
    }

    [Theory]
    [InlineData("utf-8")]
    [InlineData("utf-16")]
    public void A_byte_order_mark_of_an_editor_is_no_mistake(string encoding)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("dataset.json"), Whole, Encoding.GetEncoding(encoding));
        Assert.Equal("u", DatasetFile.Read(folder.File("dataset.json")).Behavior.UserId);
    }

    [Fact]
    public void An_absent_file_points_to_init()
    {
        var e = Assert.Throws<InputException>(() => DatasetFile.Read("/nowhere/dataset.json"));
        Assert.Contains("init", e.Message, StringComparison.Ordinal);
    }
}

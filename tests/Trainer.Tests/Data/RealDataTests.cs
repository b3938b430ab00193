using Engine;
using Spectre.Console;
using Tests.Shared;
using Trainer.Commands;
using Engine.Datasets.Mapping;
using Trainer.Data.Progress;
using Trainer.Data.Reading;
using Trainer.Data.Scoping;

namespace Trainer.Tests.Data;

public class RealDataTests
{
    [DataFact("retail-2010")]
    public void Retail_is_mapped_by_init_and_read_whole()
    {
        using var folder = new TemporaryFolder();
        var (definition, said) = Init(folder, "retail-2010");
        Assert.Equal(BehaviorKind.Purchase, definition.Behavior.Types["buy"]);
        Assert.Equal(("count", "order_id"), (definition.Behavior.Count, definition.Behavior.OrderId));
        Assert.Equal("description", definition.Product.ProductName);
        Assert.Contains("a known word", said, StringComparison.Ordinal);

        var dataset = DatasetReader.Read(definition, NoProgress.Instance, CancellationToken.None);
        Assert.Equal((391_850L, 391_850L), (dataset.Report.Behaviors.RowsRead, dataset.Report.Behaviors.Accepted));
        Assert.Equal((4_239, 3_998), (dataset.UserIds.Length, dataset.Products.Count));
        Assert.Equal(new DateOnly(2010, 11, 30), dataset.LastBehaviorDay);
        Assert.DoesNotContain(
            dataset.Report.Warnings, w => w.StartsWith("Less than one year", StringComparison.Ordinal));
        // Rows of one user, product, type, order and day are one event.
        Assert.Equal(375_581, Scope.Of(dataset, 30).EventCount);
    }

    [DataFact("alibaba-four-behaviors")]
    public void Alibaba_is_mapped_by_init_and_the_id_stands_in_for_the_name()
    {
        using var folder = new TemporaryFolder();
        var (definition, said) = Init(folder, "alibaba-four-behaviors");
        Assert.Equal(
            new Dictionary<string, BehaviorKind>
            {
                ["pv"] = BehaviorKind.View,
                ["fav"] = BehaviorKind.Favorite,
                ["cart"] = BehaviorKind.Cart,
                ["buy"] = BehaviorKind.Purchase,
            },
            definition.Behavior.Types);
        Assert.Equal("product_id", definition.Product.ProductName);
        Assert.Contains("the product id stands in", said, StringComparison.Ordinal);
        Assert.Equal([
            ("cate1", TagType.Text),
            ("cate", TagType.Text),
            ("brand", TagType.Text),
            ("price", TagType.Number),
        ],
            definition.Product.Tags.Select(tag => (tag.Column, tag.Type)));

        var dataset = DatasetReader.Read(definition, NoProgress.Instance, CancellationToken.None);
        Assert.Equal(80_943, dataset.Report.Behaviors.Accepted);
        Assert.Equal(1_476, dataset.UserIds.Length);
        Assert.Contains(dataset.Report.Warnings, w => w.StartsWith("Less than one year", StringComparison.Ordinal));
    }

    [DataFact("retail-2010")]
    public void A_mapping_that_may_hold_corrections_is_not_replaced_unasked()
    {
        using var folder = new TemporaryFolder();
        folder.Write("dataset.json", "corrected");
        Assert.Throws<InputException>(() => Init(folder, "retail-2010"));
        Assert.Equal("corrected", File.ReadAllText(folder.File("dataset.json")));
    }

    private static (DatasetDefinition Definition, string Said) Init(TemporaryFolder folder, string set)
    {
        using var said = new StringWriter();
        var console =
            AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(said), Ansi = AnsiSupport.No });
        console.Profile.Width = 200;
        var source = TestData.Folder(set);
        Assert.Empty(InitCommand.Run(
            new InitPlaces(null, Path.Combine(source, "behavior.csv.gz"), Path.Combine(source, "product.csv.gz")),
            folder.File("dataset.json"),
            force: false, console, CancellationToken.None).Open);
        return (DatasetFile.Read(folder.File("dataset.json")), said.ToString());
    }
}

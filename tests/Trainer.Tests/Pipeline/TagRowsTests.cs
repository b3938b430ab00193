using System.Numerics.Tensors;
using Engine;
using Tests.Shared;
using Engine.Datasets.Mapping;
using Trainer.Data.Progress;
using Trainer.Data.Reading;
using Trainer.Data.Running;
using Trainer.Data.Scoping;
using Trainer.Models.Factors;
using Trainer.Pipeline.Fitting;
using Trainer.Pipeline.Settings;

namespace Trainer.Tests.Pipeline;

public class TagRowsTests
{
    private const int Products = 40;

    [Fact]
    public void Values_of_one_product_or_of_most_products_or_statistical_ones_give_no_row()
    {
        using var folder = new TemporaryFolder();
        var scoped = Read(folder, product => (
            Name: product < 2 ? "Rare 250g" : "Plain",
            Color: product == 5 ? "unique" : product < 10 ? "quarter" : product < 21 ? "most" : "",
            Sizes: product is 3 or 4 ? "S/M" : "",
            Sales: product < 4 ? "few" : ""));
        var rows = TagRows.Of(scoped, 0.5);
        // "rare" of the name, S, M and the colour of nine of 40; not "plain", "g" of 250g, "most", "unique", "few".
        Assert.Equal([2, 2, 2, 9], Enumerable.Range(0, rows.RowCount).Select(rows.RowLength));
        int[][] expected = [[3, 4], [3, 4], [0, 1]];
        Assert.Equal(
            expected,
            Enumerable.Range(0, 3).Select(
                row => rows.RowColumns(row).ToArray().Select(column => Number(scoped, column)).Order().ToArray()));
        Assert.All(rows.Weights, weight => Assert.Equal(0.5f, weight));
        Assert.Equal(0, TagRows.Of(scoped, 0).RowCount);
    }

    [Fact]
    public void A_product_is_in_the_rows_of_its_rarest_values_alone()
    {
        using var folder = new TemporaryFolder();
        // Product 0 has ten values: of 2 products, of 3, .. of 11.
        var scoped =
            Read(
                folder,
                product =>
                    (
                        "",
                        "",
                        string.Join(
                            '/', Enumerable.Range(1, 10).Where(value => product <= value).Select(value => $"V{value}")),
                        ""),
                share: 80);
        var rows = TagRows.Of(scoped, 1);
        var zero = Enumerable.Range(0, scoped.ProductCount).Single(product => Number(scoped, product) == 0);
        var lengths = Enumerable.Range(0, rows.RowCount).Where(row => rows.RowColumns(row).Contains(zero))
            .Select(rows.RowLength).ToArray();
        Assert.Equal(TagRows.MostPerProduct, lengths.Length);
        Assert.Equal(Enumerable.Range(2, TagRows.MostPerProduct), lengths);
    }

    [Fact]
    public void Tags_move_a_product_that_few_purchased_to_its_like_and_hardly_one_that_many_purchased()
    {
        using var folder = new TemporaryFolder();
        // Product 1 has one purchaser, of the wrong taste, and product 3 all of its own and the wrong tag.
        var scoped = Read(
            folder,
            product => ("", product is 0 or 2 or 3 or 4 ? "even" : product is 1 or 5 or 7 or 9 ? "odd" : "", "", ""),
            share: 60);
        var (without, with) = (Fit(scoped, 0), Fit(scoped, 3));
        Assert.Equal(scoped.UserCount, with.Als.Users.RowCount);
        Assert.Equal(
            0,
            with.Als.Users.Values.Length - without.Als.Users.Values.Length
            - (TagRows.Of(scoped, 1).RowCount * with.Als.Users.Stride));
        Assert.True(Preference(without, 1) < 0, "its only purchaser decides");
        Assert.True(Preference(with, 1) > 0, "its tag outweighs one purchaser");
        Assert.True(Preference(with, 3) > 0.5 * Preference(without, 3), "many purchasers outweigh a tag");
    }

    [Fact]
    public void Without_weight_the_factors_are_those_of_the_users_alone()
    {
        using var folder = new TemporaryFolder();
        var scoped = Read(folder, product => ("", product < 9 ? "low" : "", "", ""), share: 60);
        var model = Fit(scoped, 0);
        var plain = Als.Train(Interactions.Of(model.Profiles.Weights, scoped.ProductCount), Options("", 0).Als, new());
        Assert.Equal(plain.Items.Values, model.Als.Items.Values);
        Assert.Equal(plain.Users.Values, model.Als.Users.Values);
        Assert.NotEqual(plain.Items.Values, Fit(scoped, 0.1).Als.Items.Values);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(double.NaN)]
    public void A_weight_that_is_none_is_refused(double weight) =>
        Assert.Contains(
            "give 0",
            Assert.Throws<InputException>(() => Options("", weight).Validate()).Message,
            StringComparison.Ordinal);

    // How much more the odd users' factors favour an odd product than the even users' do.
    private static double Preference(ScopeModel model, int number)
    {
        var product = Enumerable
            .Range(0, model.Scoped.ProductCount)
            .Single(product => Number(model.Scoped, product) == number);
        return Enumerable.Range(0, model.Scoped.UserCount).Sum(user =>
            (int.Parse(model.Scoped.UserIds[user][1..], System.Globalization.CultureInfo.InvariantCulture) % 2 == 0
                ? -1
                : 1)
            * TensorPrimitives.Dot<float>(model.Als.Users.Row(user), model.Als.Items.Row(product)));
    }

    private static int Number(ScopedDataset scoped, int product) =>
        int.Parse(scoped.ProductIds[product][1..], System.Globalization.CultureInfo.InvariantCulture);

    private static ScopeModel Fit(ScopedDataset scoped, double weight) =>
        ScopeModel.Fit(scoped, Options("", weight), supervised: false, "fit", new RunContext());

    private static TrainOptions Options(string dataset, double weight) => new()
    {
        Dataset = dataset,
        Out = "",
        TagWeight = weight,
        Als = new AlsOptions { Factors = 2 },
    };

    // Users of even numbers purchase even products, the others odd ones: a share of the products of the taste each.
    private static ScopedDataset Read(
        TemporaryFolder folder,
        Func<int, (string Name, string Color, string Sizes, string Sales)> tags,
        int share = 100)
    {
        var random = new Random(7);
        var rows = from user in Enumerable.Range(0, 60)
                   from product in Enumerable.Range(0, Products)
                   where product == 1 ? user == 0 : product % 2 == user % 2 && random.Next(100) < share
                   select $"U{user},P{product},buy,2021-07-{1 + random.Next(28):00}";
        folder.Write("behavior.csv", "user,product,type,time\n" + string.Join('\n', rows));
        folder.Write("product.csv", "product,name,color,sizes,sales\n"
            + string.Join('\n', Enumerable.Range(0, Products).Select(product => (product, Tags: tags(product)))
                .Select(row => $"P{row.product},{row.Tags.Name},{row.Tags.Color},{row.Tags.Sizes},{row.Tags.Sales}")));
        var path = folder.Write("dataset.json", """
            { "behavior": { "files": ["behavior.csv"], "user_id": "user", "product_id": "product", "type": "type", "time": "time", "types": { "buy": "purchase" } },
              "product": { "files": ["product.csv"], "product_id": "product", "product_name": "name",
                           "tags": [ { "column": "color", "type": "text" }, { "column": "sizes", "type": "multi", "separator": "/" },
                                     { "column": "sales", "type": "text", "statistical": true } ] } }
            """);
        return Scope.Of(DatasetReader.Read(DatasetFile.Read(path), NoProgress.Instance, CancellationToken.None), 30);
    }
}

using Engine.Snapshots.Manifest;
using Tests.Shared;
using Engine.Datasets.Mapping;
using Trainer.Data.Progress;
using Trainer.Data.Reading;
using Trainer.Data.Rows;
using Trainer.Data.Scoping;
using Trainer.Evaluation.Splits;
using Trainer.Models.Matrices;
using Trainer.Models.Regression;
using Trainer.Pipeline.Fitting;
using Trainer.Pipeline.Scoring;

namespace Trainer.Tests.Pipeline;

public class HoldoutTests
{
    internal static readonly DateOnly Cut = new(2021, 6, 1);

    [Theory]
    [InlineData(99_999, false)]
    [InlineData(100_000, true)]
    public void A_hundred_thousand_purchasers_are_enough(int users, bool enough) =>
        Assert.Equal(
            enough, new Holdout(default, default, new InteractionMatrix(0, 0, [0], [], []), new int[users]).IsEnough);

    [Fact]
    public void The_window_begins_the_day_after_the_cut_and_ends_with_the_horizon()
    {
        using var folder = new TemporaryFolder();
        var scoped = Scope.At(Read(folder, (0, 1), (1, 2), (30, 3), (31, 4)), Cut, 30);
        var holdout = Holdout.After(scoped);
        Assert.Equal((Cut.AddDays(1), Cut.AddDays(30)), (holdout.FirstDay, holdout.LastDay));
        Assert.Equal(["P2", "P3"], holdout.Truth.RowColumns(0).ToArray().Select(p => scoped.ProductIds[p]));
    }

    [Fact]
    public void Nothing_after_the_cut_reaches_the_fitted_interactions()
    {
        using var folder = new TemporaryFolder();
        var late = Scope.At(Read(folder, (0, 1), (1, 2), (2, 2), (30, 3)), Cut, 30);
        var nothingLate = Scope.At(Read(folder, (0, 1)), Cut, 30);
        Assert.Equal(Profiles(nothingLate).Weights.Values, Profiles(late).Weights.Values);
        Assert.Equal(Profiles(nothingLate).Weights.Indices, Profiles(late).Weights.Indices);
        Assert.Equal(Profiles(nothingLate).Own, Profiles(late).Own);
        Assert.Equal(Profiles(nothingLate).Rates, Profiles(late).Rates);
        Assert.Equal(Interactions.PurchaseCounts(nothingLate).Weights, Interactions.PurchaseCounts(late).Weights);
    }

    [Fact]
    public void A_behavior_weighs_half_after_a_half_life()
    {
        using var folder = new TemporaryFolder();
        var scoped = Scope.At(Read(folder, (0, 1), (-90, 2)), Cut, 30);
        var row = Profiles(scoped).Weights.Row(scoped.UserIds.ToList().IndexOf("U"));
        var weights = row.Indices.ToArray().Zip(row.Values.ToArray())
            .ToDictionary(pair => scoped.ProductIds[pair.First], pair => pair.Second);
        Assert.Equal(1f, weights["P1"]);
        Assert.Equal(0.5f, weights["P2"]);
    }

    [Fact]
    public void Repeat_rates_are_shares_shrunk_to_the_catalog()
    {
        // Two purchasers of product 0, one of them twice; one purchaser of product 1: the catalog's share is 1 / 3.
        var counts = new Trainer.Models.Matrices.InteractionMatrix(2, 2, [0, 2, 3], [0, 1, 0], [2, 1, 1]);
        var rates = RepeatRate.Estimate(counts);
        Assert.Equal((1 + (20 / 3.0)) / 22, rates[0], 6);
        Assert.Equal(20 / 3.0 / 21, rates[1], 6);
    }

    private static UserProfiles Profiles(ScopedDataset scoped)
    {
        var terms = LearnedScore.Frequency(FeatureLayout.Of(scoped.Dataset), 1).Terms(30);
        return UserProfiles.Build(
            UserProfiles.HistoryOf(scoped),
            scoped.LastDay,
            new Engine.Scoring.Profiles.ProfileTables(Weights, terms),
            new float[scoped.ProductCount],
            new());
    }

    private static BehaviorWeights Weights =>
        new() { View = 0.1f, Favorite = 0.4f, Cart = 0.6f, Purchase = 1, HalfLifeDays = 90 };

    /// <summary>
    /// User U's purchases as (days after the cut, product), among products that another user has purchased before.
    /// </summary>
    internal static Dataset Read(TemporaryFolder folder, params (int Day, int Product)[] purchases)
    {
        var rows = Enumerable.Range(0, 12).Select(p => $"other,P{p},buy,{Cut.AddDays(-5):yyyy-MM-dd}")
            .Concat(purchases.Select(purchase => $"U,P{purchase.Product},buy,{Cut.AddDays(purchase.Day):yyyy-MM-dd}"));
        folder.Write(
            "behavior.csv", "user_id,product_id,behavior_type,behavior_time\n" + string.Join('\n', rows) + "\n");
        folder.Write(
            "product.csv",
            "product_id,product_name\n" + string.Concat(Enumerable.Range(0, 12).Select(p => $"P{p},Product {p}\n")));
        var path = folder.Write("dataset.json", """
            { "behavior": { "files": ["behavior.csv"], "user_id": "user_id", "product_id": "product_id", "type": "behavior_type",
                            "time": "behavior_time", "types": { "buy": "purchase" } },
              "product": { "files": ["product.csv"], "product_id": "product_id", "product_name": "product_name" } }
            """);
        return DatasetReader.Read(DatasetFile.Read(path), NoProgress.Instance, CancellationToken.None);
    }
}

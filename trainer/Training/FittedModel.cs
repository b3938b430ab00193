using Engine.Model;
using Trainer.Data;
using Trainer.Models;

namespace Trainer.Training;

/// <summary>The parts of the score, fitted on one scope and not yet weighted. Users and products as in the scope.</summary>
public sealed record FittedModel
{
    /// <summary>Fewer eligible products are refused (rule 4).</summary>
    public const int MinimumProducts = 10;

    /// <summary>What it was fitted on.</summary>
    public required ScopedDataset Scoped { get; init; }

    /// <summary>Users by products: the weight of their behaviour.</summary>
    public required InteractionMatrix Profile { get; init; }

    /// <summary>Factors of users and products.</summary>
    public required AlsResult Als { get; init; }

    /// <summary>B: what one unit of profile weight on j adds to i.</summary>
    public required SimilarityMatrix Similarity { get; init; }

    /// <summary>Shrunk cosine of purchasers: for people to read.</summary>
    public required SimilarityMatrix Related { get; init; }

    /// <summary>r: how likely a purchaser of a product purchases it again, 0..1.</summary>
    public required float[] RepeatRates { get; init; }

    /// <summary>log(1 + profile weight of all users) over its maximum, 0..1.</summary>
    public required float[] ProductRates { get; init; }

    /// <summary>Users who purchased each product.</summary>
    public required int[] Buyers { get; init; }

    /// <summary>Fits all parts.</summary>
    /// <exception cref="InputException">Fewer than 10 eligible products, or settings that make the loss overflow.</exception>
    public static FittedModel Fit(ScopedDataset scoped, TrainOptions options, string stage, IProgressReporter progress, CancellationToken cancel)
    {
        if (scoped.ProductCount < MinimumProducts)
        {
            throw new InputException($"found {scoped.ProductCount} products with a purchase in the scope {scoped.Scope}, expected at least {MinimumProducts}: give more products or check the mapping of ids");
        }

        var steps = options.Als.Epochs + 2.0;
        var profile = Interactions.Weighted(scoped, options.Weights);
        var purchases = Interactions.Purchases(scoped);
        progress.Report(stage, 0, steps);
        var als = Models.Als.Train(profile, options.Als, epoch => progress.Report(stage, epoch.Number, steps), cancel);
        var similarity = ItemSimilarity.Compute(purchases, options.Similarity, cancellation: cancel);
        progress.Report(stage, steps - 1, steps);
        var cosine = new SimilarityOptions { Neighbors = options.Similarity.Neighbors, UserExponent = 0, Threads = options.Threads };
        var related = ItemSimilarity.Compute(purchases, cosine, cancellation: cancel);
        progress.Report(stage, steps, steps);
        return new FittedModel
        {
            Scoped = scoped,
            Profile = profile,
            Als = als,
            Similarity = similarity,
            Related = related,
            RepeatRates = RepeatRate.Estimate(Interactions.PurchaseCounts(scoped)),
            ProductRates = LogRates(profile),
            Buyers = CountColumns(purchases),
        };
    }

    private static float[] LogRates(InteractionMatrix profile)
    {
        var sums = new double[profile.ColumnCount];
        for (var e = 0; e < profile.Count; e++)
        {
            sums[profile.Columns[e]] += profile.Weights[e];
        }

        var most = Math.Log(1 + sums.Max());
        return [.. sums.Select(sum => (float)(Math.Log(1 + sum) / most))];
    }

    private static int[] CountColumns(InteractionMatrix matrix)
    {
        var counts = new int[matrix.ColumnCount];
        foreach (var column in matrix.Columns)
        {
            counts[column]++;
        }

        return counts;
    }
}

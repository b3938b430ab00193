using Engine.Snapshots;
using Trainer.Data.Scoping;
using Trainer.Models.Factors;
using Trainer.Models.Matrices;
using Trainer.Pipeline.Settings;

namespace Trainer.Pipeline.Fitting;

/// <summary>Starts ALS from the products of an earlier model instead of from random factors.</summary>
internal static class WarmStart
{
    /// <summary>
    /// Epochs that suffice after a warm start: each solves all rows exactly, and the old factors are close to the
    /// solution.
    /// </summary>
    public const int Epochs = 4;

    /// <summary>
    /// First product factors for a scope: from a snapshot, else from a model of an earlier scope, else none.
    /// </summary>
    public static FactorMatrix? Items(
        Snapshot? previous, ScopeModel? earlier, ScopedDataset scoped, AlsOptions options) =>
        previous is not null
            ? Items(previous, scoped, options)
            : earlier is not null ? Items(earlier, scoped, options) : null;

    /// <summary>
    /// The factors of the snapshot for the products that it has, random ones for new products. Null when the snapshot
    /// has other dimensions.
    /// </summary>
    public static FactorMatrix? Items(Snapshot previous, ScopedDataset scoped, AlsOptions options) =>
        previous.Manifest.FactorCount != options.Factors ? null : Items(scoped, options, (product, row) =>
        {
            if (previous.ProductIds.Find(scoped.ProductIds[product]) is >= 0 and var ordinal)
            {
                previous.ProductFactors[ordinal][..options.Factors].CopyTo(row);
            }
        });

    /// <summary>The same from a model fitted on an earlier scope of the same data, with the same dimensions.</summary>
    public static FactorMatrix Items(ScopeModel previous, ScopedDataset scoped, AlsOptions options)
    {
        var rows = previous.Scoped.ProductSource
            .Select((source, row) => (source, row))
            .ToDictionary(pair => pair.source, pair => pair.row);
        return Items(scoped, options, (product, row) =>
        {
            if (rows.TryGetValue(scoped.ProductSource[product], out var known))
            {
                previous.Als.Items.Row(known).CopyTo(row);
            }
        });
    }

    /// <summary>
    /// The settings of a fit that begins with <paramref name="items"/>: fewer epochs than from a random start.
    /// </summary>
    public static TrainOptions Options(TrainOptions options, FactorMatrix? items) => items is null
        ? options
        : options with { Als = options.Als with { Epochs = Math.Min(Epochs, options.Als.Epochs) } };

    private static FactorMatrix Items(ScopedDataset scoped, AlsOptions options, Action<int, Span<float>> copy)
    {
        var items = new FactorMatrix(scoped.ProductCount, options.Factors);
        items.Randomize(options.Seed, options.InitialDeviation / Math.Sqrt(options.Factors));
        for (var product = 0; product < items.RowCount; product++)
        {
            copy(product, items.Row(product));
        }

        return items;
    }
}

using Engine.Model;
using Trainer.Data;
using Trainer.Models;

namespace Trainer.Training;

/// <summary>Lets ALS go on from a published snapshot instead of from chance.</summary>
internal static class WarmStart
{
    /// <summary>Epochs that suffice from there: each solves all rows exactly, and the old products are near their place.</summary>
    public const int Epochs = 4;

    /// <summary>
    /// First product factors for a scope: those of the snapshot for the products that it has, random ones for new products.
    /// Null when the snapshot has other dimensions.
    /// </summary>
    public static FactorMatrix? Items(Snapshot previous, ScopedDataset scoped, AlsOptions options)
    {
        if (previous.Manifest.FactorCount != options.Factors)
        {
            return null;
        }

        var items = new FactorMatrix(scoped.ProductCount, options.Factors);
        items.Randomize(options.Seed, options.InitialDeviation / Math.Sqrt(options.Factors));
        for (var product = 0; product < items.RowCount; product++)
        {
            if (previous.ProductIds.Find(scoped.ProductIds[product]) is >= 0 and var ordinal)
            {
                previous.ProductFactors[ordinal][..options.Factors].CopyTo(items.Row(product));
            }
        }

        return items;
    }
}

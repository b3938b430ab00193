using Engine.Tables.Rows;
using Engine;
using Engine.Snapshots.Manifest;
using Trainer.Data.Mapping;
using Trainer.Data.Progress;
using Trainer.Data.Rows;

namespace Trainer.Data.Reading;

/// <summary>Reads both tables of a definition into a validated <see cref="Dataset"/>.</summary>
public static class DatasetReader
{
    /// <summary>
    /// Reads in a stream; memory grows by 12 bytes per kept behaviour, the ids, and the products. Errors:
    /// <see cref="InputException"/> for too few products or no purchases, <see cref="TableException"/> for a
    /// file that cannot be read or lacks a column.
    /// </summary>
    /// <param name="definition">The mapping, with absolute paths (<see cref="DatasetFile.Read"/>).</param>
    /// <param name="progress">Where to say how far it is.</param>
    /// <param name="cancel">Ends the work with an <see cref="OperationCanceledException"/>.</param>
    public static Dataset Read(DatasetDefinition definition, IProgressReporter progress, CancellationToken cancel)
    {
        var (catalog, ids, products) = ProductTableReader.Read(definition, progress, cancel);
        var reader = new BehaviorTableReader(definition.Behavior, ids, progress, cancel);
        var behaviors = reader.Read();
        if (reader.Last is not { } last || !HasPurchase(reader.Log))
        {
            throw new InputException(
                $"there is no purchase among {behaviors.Accepted} usable of {behaviors.RowsRead} rows of the behavior table. " +
                $"Rejected: {reader.RejectionSummary()}. Check the mapping of columns and types.");
        }

        return new Dataset
        {
            IdentityType = definition.IdentityType,
            UserIds = reader.Users.ToArray(),
            Products = catalog,
            Behaviors = reader.Log,
            LastBehaviorTime = last,
            Report = new ReadReport
            {
                Products = products,
                Behaviors = behaviors,
                Kinds = Enum.GetValues<BehaviorKind>().ToDictionary(kind => kind, kind => reader.RowsOfKind[(int)kind]),
                Refunds = reader.Refunds,
                Warnings = DatasetWarnings.Find(reader.Log, last, reader.RowsOfDay, behaviors, products),
            },
        };
    }

    private static bool HasPurchase(BehaviorLog log)
    {
        for (long i = 0; i < log.Count; i++)
        {
            if (log[i] is { Type: BehaviorType.Purchase, Count: > 0 })
            {
                return true;
            }
        }

        return false;
    }
}

using Engine;
using Engine.Snapshots.Forgetting;
using Engine.Snapshots.Manifest;
using Engine.Tables.Rows;
using Engine.Datasets.Mapping;
using Trainer.Data.Progress;
using Trainer.Data.Rows;

namespace Trainer.Data.Reading;

/// <summary>Reads both tables of a definition into a validated <see cref="Dataset"/>.</summary>
public static class DatasetReader
{
    /// <summary>
    /// The share of rows, of a table or of one behavior type, that may be rejected unless another is asked for.
    /// </summary>
    public const double AllowedRejected = 0.05;

    /// <summary>
    /// Reads in a stream; memory grows by 12 bytes per kept behavior, the ids, and the products. Errors:
    /// <see cref="InputException"/> for too many rejected rows, too few products or no purchases,
    /// <see cref="TableException"/> for a file that cannot be read or lacks a column.
    /// </summary>
    /// <param name="definition">The mapping, with absolute paths (<see cref="DatasetFile.Read"/>).</param>
    /// <param name="progress">Where to say how far it is.</param>
    /// <param name="cancel">Ends the work with an <see cref="OperationCanceledException"/>.</param>
    /// <param name="allowedRejected">
    /// The share of rows, of a table or of one behavior type, that may be rejected, 0..1.
    /// </param>
    /// <param name="forgotten">People whose rows are passed over and counted; null for nobody.</param>
    /// <param name="buckets">The buckets whose users are read; null for all. Other rows are passed over.</param>
    /// <param name="check">
    /// Called with the size that the dataset will have at least, as far as the rows read so far tell, and with its size
    /// at the end: its exception ends the reading. Null for nothing.
    /// </param>
    public static Dataset Read(
        DatasetDefinition definition,
        IProgressReporter progress,
        CancellationToken cancel,
        double allowedRejected = AllowedRejected,
        ForgottenUsers? forgotten = null,
        BucketRange? buckets = null,
        Action<DatasetSize>? check = null)
    {
        var (catalog, ids, products, tags) = ProductTableReader.Read(definition, progress, cancel, allowedRejected);
        var reader =
            new BehaviorTableReader(
                definition.Behavior, ids, forgotten ?? ForgottenUsers.None, buckets, check, progress, cancel);
        var behaviors = reader.Read();
        RejectionLimit.CheckBehaviors(
            behaviors, reader.Dropped, reader.RowsOfKind, reader.RejectedOfKind, allowedRejected, ids);
        if (behaviors.RowsRead == 0)
        {
            throw new InputException(
                $"{string.Join(" and ", definition.Behavior.Files)} has no rows; at least one purchase is needed. "
                + "Write the behavior table again");
        }

        if (reader.Last is not { } last || !HasPurchase(reader.Log))
        {
            throw new InputException(
                $"there is no purchase among {behaviors.Accepted} usable of {behaviors.RowsRead} "
                + "rows of the behavior table. " +
                $"Rejected: {reader.RejectionSummary()}. Check the mapping of columns and types.");
        }

        check?.Invoke(new DatasetSize(reader.Log.Count, reader.Users.Count, catalog.Count));
        DatasetWarnings.RefuseFirstYear(last, reader.LastPlace);
        DatasetWarnings.RefuseFarLatest(last, reader.LastPlace, reader.RowsOfDay);

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
                RepeatedRows = reader.Repeated.Count,
                RepeatedIsEstimate = reader.Repeated.IsEstimate,
                Warnings =
                [
                    .. DatasetWarnings.Repeated(reader.FirstRepeated, reader.Dropped, reader.Repeated, behaviors),
                    .. DatasetWarnings.Find(reader.Log, last, reader.RowsOfDay, behaviors, products, reader.Offsets),
                    .. DatasetWarnings.OtherOrder(behaviors, definition.Behavior.TimeFormat),
                    .. DatasetWarnings.Refunds(reader.Refunds, definition.Behavior),
                    .. StandIns.Users(reader.Log, reader.Users),
                    .. StandIns.Tags(catalog.Tags),
                    .. AlikeIds.Warn("users", reader.Users),
                    .. AlikeIds.Warn("products", ids),
                    .. tags.Select(tag => tag.Warning()).OfType<string>(),
                    .. reader.ForgottenRows == 0
                        ? Array.Empty<string>()
                        : [$"{reader.ForgottenRows} behavior rows of forgotten people were left out."],
                ],
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

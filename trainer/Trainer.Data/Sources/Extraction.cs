using Engine.Datasets.Extracts;
using System.Globalization;
using Engine;
using Engine.Tables;
using Engine.Tables.Rows;
using Engine.Tables.Sql;
using Engine.Datasets.Mapping;
using Trainer.Data.Progress;

namespace Trainer.Data.Sources;

/// <summary>
/// Copies both tables of a dataset out of its source: slices by time over several connections, each slice one file,
/// read again whole when its connection breaks. At the end the source counts once more; slices that differ are read
/// again.
/// </summary>
internal sealed class Extraction(
    SqlSource source,
    DatasetDefinition dataset,
    ExtractFolder folder,
    ExtractOptions options,
    IProgressReporter progress)
{
    private const int MostReadings = 3;

    private readonly Retry _retry = new(options.Time, options.Attempts);
    private long _rows;

    /// <summary>Extracts. Errors: <see cref="InputException"/>, <see cref="TableException"/>.</summary>
    public static (ExtractManifest Manifest, int Repeats) Run(
        string dataset, string output, ExtractOptions options, IProgressReporter progress, CancellationToken cancel)
    {
        options.Validate();
        var definition = DatasetFile.Read(dataset);
        if (definition.Source is null)
        {
            throw new InputException(
                $"{dataset} names files, not a source: there is nothing to extract. Train from it as it is.");
        }

        using var source = new SqlSource(DataSourceFile.Read(definition.Source));
        return new Extraction(source, definition, new ExtractFolder(output), options, progress).Run(cancel);
    }

    /// <summary>Extracts, or goes on with what was begun.</summary>
    /// <returns>The manifest, and how often a slice had to be read again.</returns>
    public (ExtractManifest Manifest, int Repeats) Run(CancellationToken cancel)
    {
        if (folder.ReadManifest() is not null)
        {
            throw new InputException(
                $"{folder.Path} holds a whole extract already: choose another folder, or train from it.");
        }

        var plan = folder.ReadPlan() ?? Begin(cancel);
        if (!plan.IsFor(source.Settings, dataset, options.Aggregate))
        {
            throw new InputException(
                $"{folder.Path} holds an extract that was begun from another source or mapping, "
                + "or with another --aggregate: choose another folder, or remove it.");
        }

        if (plan.Aggregated && plan.CountsRows != (dataset.Behavior.Count is null))
        {
            throw new InputException(
                $"{folder.Path} holds an extract that an older version began, whose sums do not count their rows: "
                + "remove it and extract again.");
        }

        using var held = folder.Hold();
        var product = ReadProducts(cancel);
        var behavior = ReadBehaviors(plan, cancel);
        var manifest = new ExtractManifest
        {
            Format = ExtractFolder.Format,
            Plan = plan,
            Finished = options.Time.GetUtcNow(),
            BehaviorRows = behavior.Sum(file => file.Rows),
            ProductRows = product.Rows,
            Behavior = behavior,
            Product = [product],
        };
        folder.Complete(manifest);
        return (manifest, _retry.Repeats);
    }

    private ExtractPlan Begin(CancellationToken cancel) => _retry.Run(
        () =>
        {
            var table = dataset.Behavior.Table!;
            var columns = Columns(
                MappedColumns.Roles(dataset.Behavior), table, dataset.Behavior.DecimalComma);
            var key = TimeKey.Of(dataset.Behavior, columns[dataset.Behavior.Time]);
            Columns(
                MappedColumns.Roles(dataset.Product), dataset.Product.Table!, dataset.Product.DecimalComma);
            if (options.Aggregate)
            {
                Aggregation.Of(
                    dataset.Behavior, key, source.Dialect, dataset.Behavior.Count is { } count ? columns[count] : null);
            }

            progress.Report("count behaviors", 0, 1);
            var (bound, slices) = SlicePlanner.Plan(source, table, key, options.SliceRows);
            progress.Report("count behaviors", 1, 1);
            var plan = new ExtractPlan
            {
                Started = options.Time.GetUtcNow(),
                Origin = ExtractOrigin.Of(source.Settings),
                Key = key,
                Bound = bound,
                Slices = slices,
                Aggregated = options.Aggregate,
                CountsRows = options.Aggregate && dataset.Behavior.Count is null,
                Dataset = dataset with { Source = null },
            };
            folder.Begin(plan);
            return plan;
        },
        cancel);

    private IReadOnlyDictionary<string, ColumnType> Columns(
        IReadOnlyList<(string Role, string Column)> roles, string table, bool? decimalComma)
    {
        using var rows = source.Read(table, MappedColumns.Distinct(roles), "1 = 0");
        // Decimals are stored as text, in which a point would be taken for a thousands separator.
        return decimalComma is true
            && rows.Shape.FirstOrDefault(
                one => one.Type == ColumnType.Text && rows.Compared[one.Name] == ColumnType.Number) is { } column
                ? throw new InputException(
                    $"the column '{column.Name}' of {table} has the type DECIMAL, which has no decimal comma. Remove "
                    + "decimal_comma from the mapping; make a view in which columns of text are cast to DECIMAL")
                : rows.Compared;
    }

    private ExtractFile ReadProducts(CancellationToken cancel)
    {
        var table = dataset.Product.Table!;
        var whole = new Slice(0, null, null, null, false, 0);
        for (var reading = 1; ; reading++)
        {
            var file = folder.FindFinished(ExtractFolder.Product, 0)
                ?? Read(ExtractFolder.Product, table, MappedColumns.Roles(dataset.Product), whole, null, cancel);
            if (Count(table, whole, null, cancel) is var rows && rows == file.Rows)
            {
                return file;
            }

            Refuse(reading, table, rows, file.Rows);
            folder.Reopen(ExtractFolder.Product, 0);
        }
    }

    private ExtractFile[] ReadBehaviors(ExtractPlan plan, CancellationToken cancel)
    {
        var table = dataset.Behavior.Table!;
        var roles = MappedColumns.Roles(dataset.Behavior);
        var expected = Math.Max(1, plan.Slices.Sum(slice => slice.Rows));
        var files = new ExtractFile[plan.Slices.Count];
        for (var reading = 1; ; reading++)
        {
            Interlocked.Exchange(ref _rows, 0);
            Each(plan.Slices, slice =>
            {
                files[slice.Number] = folder.FindFinished(ExtractFolder.Behavior, slice.Number)
                    ?? Read(ExtractFolder.Behavior, table, roles, slice, plan.Key, cancel);
                var done = Interlocked.Add(ref _rows, files[slice.Number].Rows);
                lock (progress)
                {
                    progress.Report("extract behaviors", Math.Min(done, expected), expected);
                }
            }, cancel);
            if (FindChanged(plan, files, cancel) is not { Count: > 0 } changed)
            {
                return files;
            }

            Refuse(reading, table, changed.Sum(slice => slice.Rows), changed.Sum(slice => files[slice.Number].Rows));
            changed.ForEach(slice => folder.Reopen(ExtractFolder.Behavior, slice.Number));
        }
    }

    /// <summary>
    /// Counts all slices at once; only when the sum differs, one by one. Sums of a day that two slices share are two
    /// rows: aggregated slices are counted one by one in any case.
    /// </summary>
    /// <returns>The slices whose rows changed, with their present counts.</returns>
    private List<Slice> FindChanged(ExtractPlan plan, ExtractFile[] files, CancellationToken cancel)
    {
        var table = dataset.Behavior.Table!;
        if (options.Aggregate)
        {
            return OneByOne();
        }

        var timed = new Slice(0, null, null, plan.Bound, false, 0);
        var rows = Count(table, timed, plan.Key, cancel);
        rows += plan.Slices.Where(slice => slice.Untimed).Sum(slice => Count(table, slice, plan.Key, cancel));
        return rows == files.Sum(file => file.Rows) ? [] : OneByOne();

        List<Slice> OneByOne() =>
            [.. plan.Slices
                .Select(slice => slice with { Rows = Count(table, slice, plan.Key, cancel) })
                .Where(slice => slice.Rows != files[slice.Number].Rows)];
    }

    private ExtractFile Read(
        string part,
        string table,
        IReadOnlyList<(string Role, string Column)> roles,
        Slice slice,
        TimeKey? key,
        CancellationToken cancel)
    {
        var (where, parameters) = slice.Condition(key);
        var sql = Aggregated(key)?.Select(where) ?? SqlDialect.Select(table, MappedColumns.Distinct(roles), where);
        var rows = _retry.Run(
            () =>
            {
                using var reader = source.ReadQuery(table, sql, slice.Rows, parameters);
                using var writer = TableFile.Create(folder.FileOf(part, slice.Number), reader.Shape);
                while (reader.Read())
                {
                    reader.CopyRow(writer);
                    if ((writer.Rows & 0xFFF) == 0)
                    {
                        cancel.ThrowIfCancellationRequested();
                    }
                }

                writer.Complete();
                return writer.Rows;
            },
            cancel);
        return folder.Finish(part, slice.Number, rows);
    }

    private long Count(string table, Slice slice, TimeKey? key, CancellationToken cancel)
    {
        var (where, parameters) = slice.Condition(key);
        var count = Aggregated(key)?.Count(where) ?? SqlDialect.Count(table, where);
        var sql = source.Dialect.WithTimeout(count, TimeSpan.FromSeconds(source.Settings.QuerySeconds));
        return _retry.Run(
            () => long.Parse(source.Query($"counting {table}", sql, parameters)[0][0]!, CultureInfo.InvariantCulture),
            cancel);
    }

    /// <summary>How behaviors are added up, or null when they are not; products have no key.</summary>
    private Aggregation? Aggregated(TimeKey? key) =>
        options.Aggregate && key is not null
            ? Aggregation.Of(dataset.Behavior, key, source.Dialect, count: null)
            : null;

    private void Each(IReadOnlyList<Slice> slices, Action<Slice> work, CancellationToken cancel)
    {
        try
        {
            Parallel.ForEach(
                slices,
                new ParallelOptions { MaxDegreeOfParallelism = options.Streams, CancellationToken = cancel },
                work);
        }
        catch (AggregateException e)
        {
            var first = e.Flatten().InnerExceptions.FirstOrDefault(one => one is TableException or InputException)
                ?? e.Flatten().InnerExceptions[0];
            throw first is TableException ? new TableException(first.Message, first) : first;
        }
    }

    private static void Refuse(int reading, string table, long counted, long read)
    {
        if (reading == MostReadings)
        {
            throw new SourceException(
                SourceFault.Changed,
                $"{table} changes while it is read: {read} rows were read where the source now counts {counted}, "
                + $"after {MostReadings} readings. " +
                "Extract again when nothing is being loaded into it; the finished slices are kept.");
        }
    }
}

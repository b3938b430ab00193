using Engine.Datasets.Extracts;
using Engine.Datasets.Behaviors;
using System.Globalization;
using Engine.Tables.Rows;
using Engine.Tables.Sql;
using Spectre.Console;
using Engine.Datasets.Mapping;
using Trainer.Data.Reading;
using Trainer.Data.Rows;

namespace Trainer.Checks;

/// <summary>
/// Checks the data of both tables: counts, time range, values of the type column, the first bad rows.
/// </summary>
internal sealed class DataCheck(SqlSource source, CheckReport report, DatasetDefinition definition)
{
    private const int SampleRows = 10_000;
    private const int MostTypes = 50;

    private readonly string _behavior = definition.Behavior.Table!;
    private readonly string _product = definition.Product.Table!;

    /// <summary>Runs all of it; a failed query is one failure.</summary>
    public void Run(ColumnType timeType)
    {
        try
        {
            CheckProducts();
            CheckRange(TimeKey.Of(definition.Behavior, timeType));
            CheckBehaviorTypes();
            CheckSample();
        }
        catch (SourceException e)
        {
            report.Fail(e.Message);
        }
    }

    private void CheckProducts()
    {
        var id = SqlDialect.Name(definition.Product.ProductId);
        var row =
            source.Query(
                $"counting {_product}",
                $"SELECT COUNT(*), COUNT(DISTINCT {id}), SUM(CASE WHEN {id} IS NULL OR {id} = '' THEN 1 ELSE 0 END) "
                + $"FROM {SqlDialect.Name(_product)}")[0];
        var (rows, ids, empty) = (Number(row[0]), Number(row[1]), Number(row[2]));
        if (ids < ProductTableReader.MinProducts)
        {
            report.Fail(
                $"{_product} has {ids:N0} product ids in {rows:N0} rows: at least {ProductTableReader.MinProducts} are "
                + "needed. Check the mapping of product_id.");
            return;
        }

        report.Good($"{_product}: {rows:N0} rows");
        if (empty > 0 || rows - empty > ids)
        {
            report.Warn(
                $"{_product}: {empty:N0} rows without a {definition.Product.ProductId}, {rows - empty - ids:N0} rows "
                + "repeat one; the first row of an id is used.");
        }
    }

    private void CheckRange(TimeKey key)
    {
        var row = source.Query($"reading the time range of {_behavior}", key.Range(_behavior))[0];
        if (row[3] is null)
        {
            report.Fail(
                $"{_behavior} has {Number(row[0]):N0} rows and none with a {key.Column}: "
                + "rows with times were expected. Load the table, or map another column.");
            return;
        }

        report.Good($"{_behavior}: {Number(row[0]):N0} rows, {key.Column} from {row[2]} to {row[3]}");
        if (Number(row[0]) - Number(row[1]) is var untimed and > 0)
        {
            report.Warn($"{_behavior}: {untimed:N0} rows have no {key.Column}; they will be rejected.");
        }
    }

    private void CheckBehaviorTypes()
    {
        if (definition.Behavior.Type is not { } column)
        {
            return; // all rows are of one type, or each type has its column
        }

        var type = SqlDialect.Name(column);
        var found = source
            .Query(
                $"counting {_behavior} by type",
                $"SELECT {type}, COUNT(*) FROM {SqlDialect.Name(_behavior)} GROUP BY {type} ORDER BY "
                + $"COUNT(*) DESC LIMIT {MostTypes}")
            .Select(
                row =>
                    (
                        Value: row[0] ?? "",
                        Rows: Number(row[1]),
                        Mapped: definition.Behavior.Types.TryGetValue(row[0] ?? "", out var kind)
                            ? kind
                            : (BehaviorKind?)null))
            .ToList();
        var mapped = found.Where(row => row.Mapped is not null)
            .Select(row => $"{row.Value} = {row.Mapped} {row.Rows:N0}");
        report.Good($"values of {definition.Behavior.Type}: {string.Join(", ", mapped)}");
        var unknown = found.Where(row => row.Mapped is null).ToList();
        if (unknown.Count > 0)
        {
            report.Warn(
                "not in behavior.types, so rejected: "
                + $"{string.Join(", ", unknown.Select(row => $"'{row.Value}' {row.Rows:N0}"))}");
        }

        if (!found.Any(row => row.Mapped == BehaviorKind.Purchase))
        {
            report.Fail("no row is a purchase: map the value that means purchase in behavior.types.");
        }
    }

    private void CheckSample()
    {
        var ids = new IdTable();
        using (var products = source.Read(_product, [definition.Product.ProductId]))
        {
            while (products.Read())
            {
                if (ids.Find(products.Text(0)) < 0)
                {
                    ids.Add(products.Text(0));
                }
            }
        }

        var table = definition.Behavior;
        if (table.TypeColumns is not null)
        {
            return; // read from the extract only
        }

        var parser = new BehaviorRowParser(table, ids);
        var bad = new RejectionLog();
        var repeated = new RepeatedRows();
        RejectedRow? first = null;
        long read = 0;
        using var rows = source.Read(_behavior, parser.Columns, $"1 = 1 LIMIT {SampleRows}");
        while (rows.Read())
        {
            read++;
            if (parser.Parse(rows) is { } reason)
            {
                bad.Add(reason, rows);
            }
            else if (repeated.Add(rows.RowHash()))
            {
                first ??= new RejectedRow(rows.File, rows.Line, rows.RowText(200));
            }
        }

        report.Good($"of the first {read:N0} rows of {_behavior}, {read - bad.Total:N0} are usable");
        if (first is not null)
        {
            report.Warn(
                $"{repeated.Count:N0} of these rows repeat an earlier one in every mapped column; the first: "
                + $"{first.Text}. They are "
                + (table.Duplicates == DuplicateRows.Drop
                    ? "dropped."
                    : "kept; if they are copies, set behavior.duplicates to drop."));
        }

        foreach (var kind in bad.ToList())
        {
            report.Warn(
                $"{kind.Reason}, {kind.Count:N0} of them; first: "
                + $"{string.Join(" | ", kind.First.Take(3).Select(row => row.Text))}");
        }
    }

    private static long Number(string? text) =>
        text is null ? 0 : (long)decimal.Parse(text, CultureInfo.InvariantCulture);
}

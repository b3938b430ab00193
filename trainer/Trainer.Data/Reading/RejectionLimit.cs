using Engine.Datasets.Behaviors;
using System.Globalization;
using Engine;
using Engine.Tables.Csv;
using Engine.Datasets.Mapping;
using Trainer.Data.Rows;

namespace Trainer.Data.Reading;

/// <summary>Refuses tables of which too many rows are rejected, and says which causes to remove.</summary>
internal static class RejectionLimit
{
    private const int MostCauses = 4;

    /// <summary>
    /// Checks the behavior table: all rows, and the rows of each behavior type. Rows that are dropped on purpose are no
    /// rejected ones.
    /// </summary>
    /// <exception cref="InputException">More than the allowed share of rows is rejected.</exception>
    public static void CheckBehaviors(
        TableReport report, long dropped, long[] accepted, long[] rejected, double allowed, IdTable products)
    {
        Check(
            "rows of the behavior table",
            report.RowsRead - report.Accepted - dropped,
            report.RowsRead - dropped,
            report,
            "behavior",
            allowed,
            products);
        foreach (var kind in Enum.GetValues<BehaviorKind>())
        {
            Check(
                $"'{kind.ToString().ToLowerInvariant()}' rows of the behavior table",
                rejected[(int)kind],
                accepted[(int)kind] + rejected[(int)kind],
                report,
                "behavior",
                allowed,
                products);
        }
    }

    /// <summary>
    /// Checks the product table; a repeated id loses no product, and a name or tag that is not text counts as a
    /// rejected row.
    /// </summary>
    /// <exception cref="InputException">More than the allowed share of rows is rejected.</exception>
    public static void CheckProducts(TableReport report, double allowed)
    {
        Check(
            "rows of the product table",
            report.Rejections
                .Where(rejection => rejection.Reason != RejectReason.DuplicateProduct)
                .Sum(rejection => rejection.Count),
            report.RowsRead, report, "product", allowed);
        var garbled = report.Notes.Where(note => note.Reason == RejectReason.BadEncoding).ToArray();
        Check(
            "names and tags of the product table",
            garbled.Sum(note => note.Count),
            report.RowsRead,
            report with { Rejections = garbled },
            "product",
            allowed);
    }

    private static void Check(
        string what,
        long rejected,
        long rows,
        TableReport report,
        string table,
        double allowed,
        IdTable? products = null)
    {
        if (rejected <= allowed * rows)
        {
            return;
        }

        var causes = report.Rejections
            .Where(rejection => rejection.Reason is not (RejectReason.DuplicateProduct or RejectReason.Duplicate))
            .OrderByDescending(rejection => rejection.Count)
                .Take(MostCauses)
                .Select(rejection => Explain(rejection, table, rows, products));
        var all = rejected == rows;
        throw new InputException(string.Create(
            CultureInfo.InvariantCulture,
            $"{(all ? $"all {rows:N0}" : $"{rejected:N0} of {rows:N0}")} {what} are "
            + $"rejected{(all ? "" : $", {100.0 * rejected / rows:F1} %")}; at most {100 * allowed:0.##} % may be. ") +
            $"{string.Join(" ", causes)} Nothing was published. "
            + $"Correct the mapping or the data{(all ? "" : ", or allow more with --allow-rejected SHARE")}.");
    }

    private static string Explain(Rejection rejection, string table, long rows, IdTable? products)
    {
        var first = rejection.First[0];
        var value = first.Value ?? "";
        var place = $"{Path.GetFileName(first.File)}, line {first.Line}";
        var (found, remedy) = rejection.Reason switch
        {
            RejectReason.BrokenQuotes =>
                ("have a quoted cell that is not closed", "quote cells that hold quotes or line ends"),
            RejectReason.WrongCellCount =>
                ("have more or fewer cells than the header", $"check {table}.separator and quotes"),
            RejectReason.UnknownType =>
                ($"have a type that is not mapped, for example '{value}'", "map it in behavior.types"),
            RejectReason.MissingTime => ("have no time", "map another column as behavior.time"),
            RejectReason.BadTime =>
                ($"have an unreadable time, for example '{value}'", $"set behavior.time_format{TimeFormat(rejection)}"),
            RejectReason.TimeOutOfRange =>
                ($"have a time outside 1970-01-01 .. 2149-06-06, for example '{value}'", "check behavior.time_format"),
            RejectReason.TimeTooLate =>
                ($"are later than behavior.latest_time, for example '{value}'", "check behavior.latest_time"),
            RejectReason.MissingUser => ("have no user id", "map another column as behavior.user_id"),
            RejectReason.MissingProduct => ("have no product id", $"map another column as {table}.product_id"),
            RejectReason.BadEncoding =>
                ($"hold bytes that are not text, for example '{value}'", $"set {table}.encoding{Encoding(first.File)}"),
            RejectReason.UnknownProduct when products is not null
                && AlikeIds.Find([.. rejection.First.Select(row => row.Value ?? "")], products) is var (id, other) =>
                (
                    $"have a product that is not in the product table, for example '{id}', but '{other}' is there",
                    "make the ids equal in every character: spaces, leading zeros, upper and lower case count"),
            RejectReason.UnknownProduct =>
                (
                    $"have a product that is not in the product table, for example '{value}'",
                    "check the mapping of product_id in both tables, or complete the product table"),
            RejectReason.BadCount =>
                (
                    $"have a count that is not a whole number, for example '{value}'",
                    "check behavior.count and behavior.decimal_comma"),
            RejectReason.CountNotPositive =>
                (
                    $"have a count of 0 or less, for example '{value}'",
                    "if negative counts are refunds, set behavior.negative_count to refund"),
            _ => ($"are rejected as {rejection.Reason}", "look at the first one"),
        };
        var count = rejection.Count == rows
            ? $"All {rows.ToString("N0", CultureInfo.InvariantCulture)}"
            : rejection.Count.ToString("N0", CultureInfo.InvariantCulture);
        return $"{count} {found} ({place}): {remedy}.";
    }

    private static string TimeFormat(Rejection rejection) =>
        TimeFormatGuesser.Find([.. rejection.First.Select(row => row.Value ?? "")]) is { Format: { } format }
            ? $" to {format}"
            : "";

    private static string Encoding(string file)
    {
        try
        {
            return File.Exists(file) && CsvSniffer.Inspect(file).Encoding is { } encoding
                ? $"; the file looks like {encoding}"
                : "";
        }
        catch (IOException)
        {
            return "";
        }
    }
}

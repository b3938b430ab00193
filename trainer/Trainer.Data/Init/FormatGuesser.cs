using Engine.Datasets.Behaviors;
using Engine.Tables.Csv;

namespace Trainer.Data.Init;

/// <summary>Says what a table's files are like when they are not plain CSV.</summary>
internal static class FormatGuesser
{
    private const double Mostly = 0.95;

    /// <summary>Adds a line for each setting of the format, and for what had to be passed over.</summary>
    public static void Say(TableProfile table, OpenPoints points)
    {
        if (table.Csv.Encoding is { } encoding)
        {
            points.Add("encoding", encoding, $"the text is not UTF-8 and looks like that. CHECK THIS: {Sample(table)}");
        }

        if (table.Csv.Separator is { } separator)
        {
            points.Add("separator", CsvSniffer.Describe(separator), "it cuts all lines into the same number of cells");
        }

        if (!table.Csv.Header)
        {
            points.Add(
                "header",
                "false",
                $"the first line is a row, not a header: columns are named {CsvFormat.ColumnName(0)}, "
                + $"{CsvFormat.ColumnName(1)}, ... CHECK THIS");
        }

        if (table.Repeated.Count > 0)
        {
            points.Add(
                "header",
                "CHECK THIS",
                "two columns have the same name and cannot be mapped: "
                + $"{string.Join(", ", table.Repeated)}. Rename one of each");
        }

        if (table.Broken > 0)
        {
            points.Add(
                "rows",
                "CHECK THIS",
                $"{table.Broken} of {table.Rows + table.Broken} rows have more or fewer cells than the header, "
                + "or broken quotes: they will be rejected");
        }
    }

    /// <summary>Whether a column's numbers have a decimal comma: most are numbers only so.</summary>
    public static bool HasCommas(ColumnProfile column) =>
        column.Share(NumberText.IsCommaNumber) >= Mostly && column.Share(NumberText.IsNumber) < Mostly;

    private static string Sample(TableProfile table) =>
        table.Columns.Select(c => c.Name).Concat(table.Columns.SelectMany(c => c.Values.Keys.Take(100)))
            .FirstOrDefault(text => text.Any(c => !char.IsAscii(c))) is { } odd
            ? $"is '{odd}' a word?"
            : "no such text in the first rows";
}

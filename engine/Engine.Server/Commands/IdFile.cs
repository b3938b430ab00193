using Engine.Snapshots.Ids;
using Engine.Tables;
using Engine.Tables.Csv;
using Engine.Tables.Rows;

namespace Engine.Server.Commands;

/// <summary>Ids in one column of a table file (.csv, .csv.gz, .parquet). Ids are opaque: nothing is trimmed.</summary>
internal static class IdFile
{
    /// <summary>
    /// The ids in the order of the file, without empty cells and without the marks of downloads
    /// (<see cref="SpreadsheetText"/>).
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="known">The ids of the snapshot: a file without a header must not lose its first id.</param>
    /// <param name="column">Its column; empty takes that of the name <paramref name="usual"/>, or the first.</param>
    /// <param name="usual">How such a column is called.</param>
    /// <exception cref="InputException">
    /// The file cannot be read, has no such column, has an id where its header should be, or another separator.
    /// </exception>
    public static IEnumerable<string> Read(string path, IdTable known, string column = "", string usual = "user_id")
    {
        using var reader = Open(path, column);
        var header = reader.Columns[0];
        if (column.Length == 0 && header.AsSpan().ContainsAny(";\t|") && reader.Columns.Count == 1)
        {
            throw new InputException(
                $"the first line of {path} is '{header}'; expected commas between columns. Write it with commas");
        }

        if (column.Length == 0 && !path.EndsWith(".parquet", StringComparison.OrdinalIgnoreCase)
            && (known.Find(header) >= 0 || header.Any(char.IsDigit)))
        {
            throw new InputException(
                $"the first line of {path} is '{header}', which looks like an id; expected a header. "
                + "Add a header line, for example user_id or product_id");
        }

        var place = column.Length > 0 ? 0 : Math.Max(0, reader.Columns.ToList().IndexOf(usual));
        while (reader.Read())
        {
            if (reader.Fault != RowFault.None)
            {
                throw new InputException(
                    $"{path}, line {reader.Line}: cannot read the row ({reader.Fault}): "
                    + $"{reader.RowText(80)}. Expected one id per row");
            }

            if (!reader.Text(place).IsEmpty)
            {
                yield return SpreadsheetText.Read(reader.Text(place));
            }
        }
    }

    private static TableReader Open(string path, string column)
    {
        try
        {
            return TableFile.Open(path, column.Length > 0 ? [column] : null);
        }
        catch (TableException e)
        {
            throw new InputException(e.Message, e);
        }
    }
}

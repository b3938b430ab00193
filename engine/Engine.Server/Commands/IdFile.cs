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
    /// <param name="column">Its column; empty takes the first.</param>
    /// <exception cref="InputException">
    /// The file cannot be read, has no such column, or has an id where its header should be.
    /// </exception>
    public static IEnumerable<string> Read(string path, IdTable known, string column = "")
    {
        using var reader = Open(path, column);
        var header = reader.Columns[0];
        if (column.Length == 0 && !path.EndsWith(".parquet", StringComparison.OrdinalIgnoreCase)
            && (known.Find(header) >= 0 || header.Any(char.IsDigit)))
        {
            throw new InputException(
                $"the first line of {path} is '{header}', which looks like an id; expected a header. "
                + "Add a header line, for example user_id or product_id");
        }

        while (reader.Read())
        {
            if (reader.Fault != RowFault.None)
            {
                throw new InputException(
                    $"{path}, line {reader.Line}: cannot read the row ({reader.Fault}): "
                    + $"{reader.RowText(80)}. Expected one id per row");
            }

            if (!reader.Text(0).IsEmpty)
            {
                yield return SpreadsheetText.Read(reader.Text(0));
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

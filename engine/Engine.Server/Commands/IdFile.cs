using Engine.Tables;
using Engine.Tables.Rows;

namespace Engine.Server.Commands;

/// <summary>Ids in one column of a table file (.csv, .csv.gz, .parquet). Ids are opaque: nothing is trimmed.</summary>
internal static class IdFile
{
    /// <summary>The ids in the order of the file, empty cells left out.</summary>
    /// <param name="path">The file.</param>
    /// <param name="column">Its column; empty takes the first.</param>
    /// <exception cref="InputException">The file cannot be read or has no such column.</exception>
    public static IEnumerable<string> Read(string path, string column = "")
    {
        using var reader = Open(path, column);
        while (reader.Read())
        {
            if (reader.Fault != RowFault.None)
            {
                throw new InputException($"{path} line {reader.Line} has no cells ({reader.Fault}), expected one id a row: {reader.RowText(80)}");
            }

            if (!reader.Text(0).IsEmpty)
            {
                yield return reader.Text(0).ToString();
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

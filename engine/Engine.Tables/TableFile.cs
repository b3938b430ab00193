using Engine.Tables.Csv;
using Engine.Tables.Parquet.Reading;
using Engine.Tables.Parquet.Writing;
using Engine.Tables.Rows;

namespace Engine.Tables;

/// <summary>Opens and creates tables that are files, by the ending of their names.</summary>
public static class TableFile
{
    /// <summary>
    /// Opens a table. Errors: <see cref="TableException"/> when nothing is there, a file cannot be read, or a column is
    /// missing from one of the files.
    /// </summary>
    /// <param name="path">A file or a folder.</param>
    /// <param name="columns">The columns to read; null for all columns of the (first) file.</param>
    /// <param name="csv">How CSV files are written.</param>
    public static TableReader Open(string path, IReadOnlyList<string>? columns = null, CsvFormat? csv = null) =>
        Open([path], columns, csv);

    /// <summary>Opens several files or folders as one table.</summary>
    public static TableReader Open(
        IReadOnlyList<string> paths, IReadOnlyList<string>? columns = null, CsvFormat? csv = null)
    {
        var files = TableFiles.Resolve(paths);
        RepeatedFiles.Refuse(files);
        csv ??= CsvFormat.Default;
        return files.Count == 1 ? OpenFile(files[0], columns, csv) : new ConcatenatedTableReader(files, columns, csv);
    }

    /// <summary>Starts a file in the format that its name ends in.</summary>
    public static TableWriter Create(string path, IReadOnlyList<TableColumn> columns)
    {
        if (TableFiles.IsParquet(path))
        {
            return new ParquetTableWriter(path, columns);
        }

        return path.EndsWith(".csv", StringComparison.OrdinalIgnoreCase)
            || path.EndsWith(".csv.gz", StringComparison.OrdinalIgnoreCase)
            ? new CsvTableWriter(path, columns)
            : throw new TableException($"{path} does not end in .csv, .csv.gz or .parquet: choose one of these.");
    }

    /// <summary>Opens one file by the ending of its name.</summary>
    internal static TableReader OpenFile(string file, IReadOnlyList<string>? columns, CsvFormat csv)
    {
        try
        {
            return TableFiles.IsParquet(file)
                ? new ParquetTableReader(file, columns)
                : new CsvTableReader(file, columns, csv);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new TableException($"{file} cannot be read: {e.Message}", e);
        }
    }
}

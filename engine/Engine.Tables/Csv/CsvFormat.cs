namespace Engine.Tables.Csv;

/// <summary>How the CSV files of a table are written. Parquet files say it themselves and ignore it.</summary>
public sealed record CsvFormat
{
    /// <summary>Commas, a header line, UTF-8 or what the byte order mark says.</summary>
    public static CsvFormat Default { get; } = new();

    /// <summary>
    /// What stands between two cells; null for a comma, or for what a first line such as <c>sep=;</c> says.
    /// </summary>
    public char? Separator { get; init; }

    /// <summary>
    /// The encoding of the text, such as <c>gb18030</c>; null for UTF-8. A byte order mark goes before it.
    /// </summary>
    public string? Encoding { get; init; }

    /// <summary>
    /// Whether the first line names the columns; without one they are named <c>column1</c>, <c>column2</c>, ...
    /// </summary>
    public bool Header { get; init; } = true;

    /// <summary>The name of a column of a file without a header line.</summary>
    /// <param name="index">Counted from 0.</param>
    public static string ColumnName(int index) =>
        string.Create(System.Globalization.CultureInfo.InvariantCulture, $"column{index + 1}");
}

using System.Globalization;
using Engine.Tables;
using Engine.Tables.Rows;
using Engine.Tables.Sql;

namespace Engine.Server.Results;

/// <summary>
/// A table of a data source that holds the results of tasks: (task_id, user_id, item_rank, item_id, score, probability,
/// percentile, item_name), without item_rank for tasks of a single product. A table that an earlier version made ends
/// with the score and is written as it is. Takes finished result files, one task at a time.
/// </summary>
/// <param name="source">Where to; must outlive the table.</param>
/// <param name="table">The table; created if it does not exist.</param>
/// <param name="task">The task's id, the first column of its rows.</param>
internal sealed class ResultTable(SqlSource source, string table, string task)
{
    private const string Task = "task_id";
    private const string User = "user_id";
    private const string Rank = "item_rank";
    private const string Item = "item_id";
    private const string Score = "score";

    /// <summary>
    /// Checks before hours of work whether results can be written: creates the staging table and drops it again.
    /// Errors: <see cref="TableException"/> with the problem to fix.
    /// </summary>
    /// <param name="ranked">Whether results have ranks; those of a single product have none.</param>
    public void Check(bool ranked)
    {
        using var writer =
            new SqlTableWriter(source, table, Shape(ranked), new SqlWriteOptions { Streams = 1, Attempts = 1 });
    }

    /// <summary>
    /// Replaces the task's rows by those of a file; readers of the table see the old ones or the new ones. The rows are
    /// counted afterwards. Errors: <see cref="TableException"/>; the old rows stay.
    /// </summary>
    /// <param name="file">A finished result, .csv or .parquet, of this version or an earlier one.</param>
    /// <param name="options">How.</param>
    /// <param name="progress">Called with the rows so far, now and then; may be null.</param>
    /// <returns>The rows published.</returns>
    public long Publish(string file, SqlWriteOptions options, Action<long>? progress = null)
    {
        var columns = ColumnsOf(file);
        var shape = Shape(columns.Contains(Rank));
        // Cells that the file has; the others stay empty.
        int[] cells = [.. shape.Columns.Skip(1).Select(column => Array.IndexOf(columns, column.Name))];
        using var rows = TableFile.Open(file, columns);
        using var writer = new SqlTableWriter(source, table, shape, options);
        while (rows.Read())
        {
            if ((writer.Rows & 0xFFFF) == 0)
            {
                options.Cancel.ThrowIfCancellationRequested();
                progress?.Invoke(writer.Rows);
            }

            Copy(rows, writer, cells);
        }

        writer.Complete();
        return writer.Rows;
    }

    private static string[] ColumnsOf(string file)
    {
        using var header = TableFile.Open(file);
        string[] needed = header.Columns.Contains(Rank) ? [User, Rank, Item, Score] : [User, Item, Score];
        return [
            .. needed,
            .. ((string[])[ResultColumns.Probability, ResultColumns.Percentile, ResultColumns.ItemName]).Where(
                header.Columns.Contains),
        ];
    }

    private void Copy(TableReader rows, TableWriter writer, int[] cells)
    {
        writer.Write(task);
        for (var i = 0; i < cells.Length; i++)
        {
            var column = writer.Columns[i + 1];
            var text = cells[i] < 0 ? default : rows.Text(cells[i]);
            if (rows.Fault != RowFault.None || !TryCopy(writer, column, text))
            {
                throw new InputException(
                    $"{rows.File}, line {rows.Line}: '{rows.RowText(200)}' is not a row of a result; "
                    + $"expected {string.Join(',', rows.Columns)}. Give the file that `engine batch` wrote. "
                    + "Nothing was published");
            }
        }

        writer.EndRow();
    }

    private static bool TryCopy(TableWriter writer, TableColumn column, ReadOnlySpan<char> text)
    {
        var culture = CultureInfo.InvariantCulture;
        if (text.IsEmpty
            && column.Name is ResultColumns.Probability or ResultColumns.Percentile or ResultColumns.ItemName)
        {
            writer.WriteNull();
            return true;
        }

        switch (column.Type)
        {
            case ColumnType.WholeNumber when long.TryParse(text, NumberStyles.Integer, culture, out var rank):
                writer.Write(rank);
                return true;
            case ColumnType.Number when double.TryParse(text, NumberStyles.Float, culture, out var number)
                && double.IsFinite(number):
                writer.Write(number);
                return true;
            case ColumnType.Text:
                writer.Write(text);
                return true;
            default:
                return false;
        }
    }

    private ResultShape Shape(bool ranked)
    {
        var rank = ranked ? [new TableColumn(Rank, ColumnType.WholeNumber)] : Array.Empty<TableColumn>();
        TableColumn[] details = EndsWithScore()
            ? []
            : [
                new(ResultColumns.Probability, ColumnType.Number),
                new(ResultColumns.Percentile, ColumnType.Number),
                new(ResultColumns.ItemName, ColumnType.Text),
            ];
        return new ResultShape(
            [
                new(Task, ColumnType.Text),
                new(User, ColumnType.Text),
                .. rank,
                new(Item, ColumnType.Text),
                new(Score, ColumnType.Number),
                .. details,
            ],
            [Task, User, ranked ? Rank : Item],
            new ResultPartition(Task, [task]));
    }

    // A table of an earlier version: its readers know its columns, so it keeps them.
    private bool EndsWithScore()
    {
        try
        {
            var columns = source.Describe(table).Select(column => column.Name).ToList();
            return columns.Contains(Score) && !columns.Contains(ResultColumns.Probability);
        }
        catch (SourceException e) when (e.Fault == SourceFault.NoTable)
        {
            return false;
        }
    }
}

using System.Globalization;
using Engine.Tables;
using Engine.Tables.Rows;
using Engine.Tables.Sql;

namespace Engine.Server.Results;

/// <summary>
/// A table of a data source that holds the results of tasks: (task_id, user_id, item_rank, item_id, score), or
/// (task_id, user_id, item_id, score) for tasks of a single product. Takes finished result files, one task at a time.
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
        using var writer = new SqlTableWriter(source, table, Shape(ranked), new SqlWriteOptions { Streams = 1, Attempts = 1 });
    }

    /// <summary>
    /// Replaces the task's rows by those of a file; readers of the table see the old ones or the new ones. The rows are
    /// counted afterwards. Errors: <see cref="TableException"/>; the old rows stay.
    /// </summary>
    /// <param name="file">A finished result, .csv or .parquet.</param>
    /// <param name="options">How.</param>
    /// <param name="progress">Called with the rows so far, now and then; may be null.</param>
    /// <returns>The rows published.</returns>
    public long Publish(string file, SqlWriteOptions options, Action<long>? progress = null)
    {
        using var rows = Open(file);
        var ranked = rows.Columns.Count == 4;
        using var writer = new SqlTableWriter(source, table, Shape(ranked), options);
        while (rows.Read())
        {
            if ((writer.Rows & 0xFFFF) == 0)
            {
                options.Cancel.ThrowIfCancellationRequested();
                progress?.Invoke(writer.Rows);
            }

            Copy(rows, writer, ranked);
        }

        writer.Complete();
        return writer.Rows;
    }

    private static TableReader Open(string file)
    {
        using var header = TableFile.Open(file);
        string[] columns = header.Columns.Contains(Rank) ? [User, Rank, Item, Score] : [User, Item, Score];
        return TableFile.Open(file, columns);
    }

    private void Copy(TableReader rows, TableWriter writer, bool ranked)
    {
        var culture = CultureInfo.InvariantCulture;
        var (rank, score) = (0L, 0.0);
        if (rows.Fault != RowFault.None
            || (ranked && !long.TryParse(rows.Text(1), NumberStyles.Integer, culture, out rank))
            || !double.TryParse(rows.Text(rows.Columns.Count - 1), NumberStyles.Float, culture, out score) || !double.IsFinite(score))
        {
            throw new InputException($"{rows.File}, line {rows.Line}: '{rows.RowText(200)}' is not a row of a result; expected {string.Join(',', rows.Columns)}. Give the file that `engine batch` wrote. Nothing was published");
        }

        writer.Write(task);
        writer.Write(rows.Text(0));
        if (ranked)
        {
            writer.Write(rank);
        }

        writer.Write(rows.Text(rows.Columns.Count - 2));
        writer.Write(score);
        writer.EndRow();
    }

    private ResultShape Shape(bool ranked)
    {
        var rank = ranked ? [new TableColumn(Rank, ColumnType.WholeNumber)] : Array.Empty<TableColumn>();
        return new ResultShape(
            [new(Task, ColumnType.Text), new(User, ColumnType.Text), .. rank, new(Item, ColumnType.Text), new(Score, ColumnType.Number)],
            [Task, User, ranked ? Rank : Item],
            new ResultPartition(Task, [task]));
    }
}

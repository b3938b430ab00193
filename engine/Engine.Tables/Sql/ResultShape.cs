using Engine.Tables.Rows;

namespace Engine.Tables.Sql;

/// <summary>What a table of results looks like.</summary>
/// <param name="Columns">The columns, left to right.</param>
/// <param name="Key">
/// The columns that tell rows apart, the primary key. Without any, a lost connection ends the writing.
/// </param>
/// <param name="Partition">The part of the table that the rows replace; null for the whole table.</param>
public sealed record ResultShape(
    IReadOnlyList<TableColumn> Columns, IReadOnlyList<string> Key, ResultPartition? Partition = null)
{
    /// <summary>The collation of a new table, as the server has it; null for one that every server has.</summary>
    public string? Collation { get; init; }

    /// <summary>Throws <see cref="TableException"/> when the parts do not fit together.</summary>
    public void Validate()
    {
        var names = Columns.Select(column => column.Name).ToHashSet(StringComparer.Ordinal);
        if (Columns.Count is 0 or > SqlDialect.MaxColumns || names.Count != Columns.Count)
        {
            throw new TableException(
                $"the table has {Columns.Count} columns of {names.Count} names: "
                + "1 to 1024 columns of different names were expected.");
        }

        foreach (var key in Key.Where(key => !names.Contains(key)))
        {
            throw new TableException(
                $"the key column '{key}' is none of the columns {string.Join(", ", names)}: name one of these.");
        }

        if (Partition is { } partition && (!Key.Contains(partition.Column) || partition.Values.Count == 0
            || Columns.First(column => column.Name == partition.Column).Type != ColumnType.Text))
        {
            throw new TableException(
                $"the partition column '{partition.Column}' must be a text column of the key "
                + $"({string.Join(", ", Key)}) with at least one value.");
        }
    }
}

/// <summary>The part of a table that a publication replaces: all rows with one of the values in the column.</summary>
/// <param name="Column">A text column of the key, such as <c>task_id</c>.</param>
/// <param name="Values">Its values; written rows have one of them.</param>
public sealed record ResultPartition(string Column, IReadOnlyList<string> Values);

/// <summary>One replacement of a table's rows.</summary>
/// <param name="Final">The table that people read.</param>
/// <param name="Staging">The table that receives the rows first; a name of this run alone.</param>
/// <param name="Retired">The name that the old table gets for a moment, where tables change places.</param>
/// <param name="FinalExists">Whether there is a final table yet.</param>
/// <param name="Rows">How many rows were staged.</param>
/// <param name="Shape">The columns, key and partition.</param>
public sealed record Publication(
    string Final, string Staging, string Retired, bool FinalExists, long Rows, ResultShape Shape);

using Engine.Tables;
using Engine.Tables.Rows;
using Engine.Datasets.Mapping;

namespace Engine.Datasets.Behaviors;

/// <summary>
/// Reads a table with one column per behavior type as if it had a type column and a count column: a row comes once for
/// each type whose cell is a flag that is set or a count that is not 0, and once with an empty type when there is none.
/// </summary>
internal sealed class TypeColumnsReader : TableReader
{
    private static readonly string[] Unset = ["0", "FALSE", "F", "NO", "N", "否", "无"];
    private static readonly string[] Set = ["TRUE", "T", "YES", "Y", "X", "是", "有", "√", "✓"];

    private readonly TableReader _rows;
    private readonly string[] _types;
    private readonly int _countColumn;
    private int _at;
    private bool _any;

    /// <summary>Opens the table.</summary>
    /// <param name="table">The mapping; it has type columns.</param>
    /// <param name="columns">The columns asked for, of which the first is the type.</param>
    /// <param name="countColumn">The place of the count among them.</param>
    public TypeColumnsReader(BehaviorTable table, IReadOnlyList<string> columns, int countColumn)
    {
        _types = [.. table.TypeColumns!.Keys];
        _countColumn = countColumn;
        Columns = columns;
        // The two made columns are read as any column that is there, so that all places stay as they are.
        var real = columns.Select((column, i) => i == 0 || i == countColumn ? _types[0] : column);
        _rows = TableFile.Open(table.Files, [.. real, .. _types], table.Csv());
        _at = _types.Length;
    }

    public override string File => _rows.File;

    public override long Line => _rows.Line;

    public override IReadOnlyList<string> Columns { get; }

    public override RowFault Fault => _rows.Fault;

    public override (long Done, long Total) Bytes => _rows.Bytes;

    public override bool Read()
    {
        while (true)
        {
            if (_at >= _types.Length)
            {
                if (!_rows.Read())
                {
                    return false;
                }

                (_at, _any) = (-1, false);
                if (_rows.Fault != RowFault.None)
                {
                    _at = _types.Length;
                    return true;
                }
            }

            for (_at++; _at < _types.Length; _at++)
            {
                if (!IsUnset(Cell))
                {
                    _any = true;
                    return true;
                }
            }

            if (!_any)
            {
                return true;
            }
        }
    }

    public override ReadOnlySpan<char> Text(int column) =>
        column == 0 ? _at < _types.Length ? _types[_at] : ""
        : column == _countColumn ? _at >= _types.Length || IsOneOf(Cell, Set) ? "1" : Cell
        : _rows.Text(column);

    public override bool IsText(int column) =>
        _rows.IsText(column == _countColumn && _at < _types.Length ? Columns.Count + _at : column);

    public override string RowText(int limit) => _rows.RowText(limit);

    public override ulong RowHash() => _rows.RowHash() + (ulong)(_at + 1);

    protected override void Dispose(bool disposing) => _rows.Dispose();

    /// <summary>Whether a cell says that the row is not of its type.</summary>
    internal static bool IsUnset(ReadOnlySpan<char> cell) =>
        cell.IsEmpty || IsOneOf(cell, Unset) || (cell.IndexOfAnyExcept("0.") < 0 && cell.Contains('0'));

    /// <summary>Whether a cell is a flag that is set.</summary>
    internal static bool IsSet(ReadOnlySpan<char> cell) => IsOneOf(cell, Set);

    private ReadOnlySpan<char> Cell => _rows.Text(Columns.Count + _at);

    private static bool IsOneOf(ReadOnlySpan<char> cell, string[] words)
    {
        foreach (var word in words)
        {
            if (cell.Equals(word, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }
}

using Engine.Tables.Rows;

namespace Engine.Tables.Parquet.Writing;

/// <summary>
/// Parquet with nullable columns, dictionaries where values repeat, no compression, and row groups of at most
/// <see cref="GroupRows"/> rows. Encoded by our own columns: a general library took four times the time of reading the
/// rows.
/// </summary>
internal sealed class ParquetTableWriter : FileTableWriter
{
    /// <summary>Rows held in memory before they are written as one row group.</summary>
    public const int GroupRows = 1 << 17;

    /// <summary>Characters of text after which a row group ends early: long texts must not pile up.</summary>
    private const int GroupCharacters = 1 << 24;

    private readonly ColumnEncoder[] _columns;
    private readonly List<ParquetRowGroup> _groups = [];
    private int _rows;
    private long _characters;

    public ParquetTableWriter(string path, IReadOnlyList<TableColumn> columns)
        : base(path, columns)
    {
        _columns = [.. columns.Select(Encoder)];
        File.Write("PAR1"u8);
    }

    private protected override void WriteText(int column, ReadOnlySpan<char> value)
    {
        if (value.IsEmpty)
        {
            _columns[column].AddNull();
            return;
        }

        ((TextEncoder)_columns[column]).Add(value);
        _characters += value.Length;
    }

    private protected override void WriteInteger(int column, long value) => Add(column, (ulong)value);

    private protected override void WriteNumber(int column, double value) =>
        Add(column, BitConverter.DoubleToUInt64Bits(value));

    private protected override void WriteTime(int column, DateTime value) =>
        Add(
            column,
            (ulong)Math.DivRem(value.Ticks - DateTime.UnixEpoch.Ticks, TimeSpan.TicksPerMillisecond, out var rest)
            - (rest < 0 ? 1UL : 0));

    private protected override void WriteNull(int column) => _columns[column].AddNull();

    private protected override void FinishRow()
    {
        if (++_rows == GroupRows || _characters >= GroupCharacters)
        {
            WriteGroup();
        }
    }

    private protected override void FinishFile()
    {
        WriteGroup();
        File.Write(ParquetFooter.Write([.. _columns.Select(column => column.Field)], _groups, start: 4));
    }

    private static ColumnEncoder Encoder(TableColumn column) => column.Type switch
    {
        ColumnType.WholeNumber => new WordEncoder(column.Name, ParquetType.Whole64, GroupRows),
        ColumnType.Number => new WordEncoder(column.Name, ParquetType.Number64, GroupRows),
        ColumnType.Time => new WordEncoder(column.Name, ParquetType.LocalMilliseconds, GroupRows),
        _ => new TextEncoder(column.Name, GroupRows),
    };

    private void Add(int column, ulong word) => ((WordEncoder)_columns[column]).Add(word);

    private void WriteGroup()
    {
        if (_rows == 0)
        {
            return;
        }

        foreach (var column in _columns)
        {
            column.Finish();
            File.Write(column.Chunk.Bytes.Span);
        }

        _groups.Add(new ParquetRowGroup(_rows, [.. _columns.Select(column => column.Chunk.Extent)]));
        (_rows, _characters) = (0, 0);
    }
}

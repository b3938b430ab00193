using Parquet;
using Parquet.Schema;

namespace Engine.Tables;

/// <summary>Parquet with nullable columns, Snappy pages and row groups of at most <see cref="GroupRows"/> rows.</summary>
internal sealed class ParquetTableWriter : FileTableWriter
{
    /// <summary>Rows held in memory before they are written as one row group.</summary>
    public const int GroupRows = 1 << 17;

    /// <summary>Characters of text after which a row group ends early: long texts must not pile up.</summary>
    private const int GroupCharacters = 1 << 26;

    private readonly DataField[] _fields;
    private readonly Array[] _cells;
    private readonly ParquetWriter _writer;
    private int _row;
    private long _characters;

    public ParquetTableWriter(string path, IReadOnlyList<TableColumn> columns)
        : base(path, columns)
    {
        _fields = columns.Select(Field).ToArray();
        _cells = columns.Select(Buffer).ToArray();
        _writer = ParquetWriter.CreateAsync(new ParquetSchema(_fields), File).GetAwaiter().GetResult();
    }

    private protected override void WriteText(int column, ReadOnlySpan<char> value) => WriteString(column, value.ToString());

    private protected override void WriteString(int column, string value)
    {
        ((string?[])_cells[column])[_row] = value.Length == 0 ? null : value;
        _characters += value.Length;
    }

    private protected override void WriteInteger(int column, long value) => ((long?[])_cells[column])[_row] = value;

    private protected override void WriteNumber(int column, double value) => ((double?[])_cells[column])[_row] = value;

    private protected override void WriteTime(int column, DateTime value) =>
        ((DateTime?[])_cells[column])[_row] = new DateTime(value.Ticks, DateTimeKind.Unspecified);

    private protected override void WriteNull(int column) => _cells[column].SetValue(null, _row);

    private protected override void FinishRow()
    {
        if (++_row == GroupRows || _characters >= GroupCharacters)
        {
            WriteGroup();
        }
    }

    private protected override void FinishFile()
    {
        WriteGroup();
        _writer.DisposeAsync().AsTask().GetAwaiter().GetResult();
    }

    private static DataField Field(TableColumn column) => column.Type switch
    {
        ColumnType.WholeNumber => new DataField(column.Name, typeof(long), isNullable: true),
        ColumnType.Number => new DataField(column.Name, typeof(double), isNullable: true),
        ColumnType.Time => new DateTimeDataField(
            column.Name, DateTimeFormat.Timestamp, isAdjustedToUTC: false, DateTimeTimeUnit.Millis, isNullable: true),
        _ => new DataField(column.Name, typeof(string), isNullable: true),
    };

    private static Array Buffer(TableColumn column) => column.Type switch
    {
        ColumnType.WholeNumber => new long?[GroupRows],
        ColumnType.Number => new double?[GroupRows],
        ColumnType.Time => new DateTime?[GroupRows],
        _ => new string?[GroupRows],
    };

    private void WriteGroup()
    {
        if (_row == 0)
        {
            return;
        }

        using var group = _writer.CreateRowGroup();
        for (var i = 0; i < _fields.Length; i++)
        {
            var write = _cells[i] switch
            {
                long?[] integers => group.WriteAsync<long>(_fields[i], integers.AsMemory(0, _row)),
                double?[] numbers => group.WriteAsync<double>(_fields[i], numbers.AsMemory(0, _row)),
                DateTime?[] times => group.WriteAsync<DateTime>(_fields[i], times.AsMemory(0, _row)),
                var texts => group.WriteAsync(_fields[i], new ArraySegment<string>((string[])texts, 0, _row)),
            };
            write.GetAwaiter().GetResult();
        }

        group.CompleteValidate();
        _row = 0;
        _characters = 0;
    }
}

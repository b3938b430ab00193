using System.Globalization;
using Engine.Tables.Rows;
using Parquet.Data;
using Parquet.Schema;

namespace Engine.Tables.Parquet;

/// <summary>One column of one row group, walked row by row; the library stores the values without the nulls between them.</summary>
internal abstract class ParquetColumn : IDisposable
{
    private readonly RawColumnData _data;
    private readonly bool _nullable;
    private int _row = -1;
    private int _values = -1;
    private bool _present;

    private ParquetColumn(DataField field, RawColumnData data)
    {
        _data = data;
        _nullable = field.MaxDefinitionLevel > 0;
    }

    /// <summary>Wraps what was read for one column. Errors: <see cref="TableException"/> for a type that is not text-like.</summary>
    public static ParquetColumn Create(string file, DataField field, RawColumnData data) => data switch
    {
        RawColumnData<ReadOnlyMemory<char>> text => new Characters(field, text),
        RawColumnData<DateTime> times => new Times(field, times),
        RawColumnData<DateOnly> dates => new Formatted<DateOnly>(field, dates, "yyyy-MM-dd"),
        RawColumnData<bool> flags => new Flags(field, flags),
        RawColumnData<sbyte> numbers => new Formatted<sbyte>(field, numbers),
        RawColumnData<byte> numbers => new Formatted<byte>(field, numbers),
        RawColumnData<short> numbers => new Formatted<short>(field, numbers),
        RawColumnData<ushort> numbers => new Formatted<ushort>(field, numbers),
        RawColumnData<int> numbers => new Formatted<int>(field, numbers),
        RawColumnData<uint> numbers => new Formatted<uint>(field, numbers),
        RawColumnData<long> numbers => new Formatted<long>(field, numbers),
        RawColumnData<ulong> numbers => new Formatted<ulong>(field, numbers),
        RawColumnData<float> numbers => new Formatted<float>(field, numbers),
        RawColumnData<double> numbers => new Formatted<double>(field, numbers),
        RawColumnData<decimal> numbers => new Formatted<decimal>(field, numbers),
        _ => throw new TableException(
            $"{file}: the column '{field.Name}' has the type {field.ClrType.Name}; text, a number, a date or a time was " +
            "expected. Convert it."),
    };

    /// <summary>Steps to the next row.</summary>
    public void Step()
    {
        _row++;
        _present = !_nullable || _data.DefinitionLevels[_row] > 0;
        _values += _present ? 1 : 0;
    }

    /// <summary>The current row's cell; empty for null.</summary>
    public ReadOnlySpan<char> Text() => _present ? Value(_values) : default;

    public void Dispose() => _data.Dispose();

    /// <summary>The value at an index that does not count nulls.</summary>
    protected abstract ReadOnlySpan<char> Value(int index);

    private sealed class Characters(DataField field, RawColumnData<ReadOnlyMemory<char>> data) : ParquetColumn(field, data)
    {
        protected override ReadOnlySpan<char> Value(int index) => data.Values[index].Span;
    }

    private sealed class Flags(DataField field, RawColumnData<bool> data) : ParquetColumn(field, data)
    {
        protected override ReadOnlySpan<char> Value(int index) => data.Values[index] ? "true" : "false";
    }

    private sealed class Times(DataField field, RawColumnData<DateTime> data) : ParquetColumn(field, data)
    {
        private readonly char[] _text = new char[40];

        protected override ReadOnlySpan<char> Value(int index)
        {
            var time = DateTime.SpecifyKind(data.Values[index], DateTimeKind.Unspecified);
            var format = time.Ticks % TimeSpan.TicksPerSecond == 0 ? "s" : "O";
            time.TryFormat(_text, out var length, format, CultureInfo.InvariantCulture);
            return _text.AsSpan(0, length);
        }
    }

    private sealed class Formatted<T>(DataField field, RawColumnData<T> data, string? format = null)
        : ParquetColumn(field, data)
        where T : struct, ISpanFormattable
    {
        private readonly char[] _text = new char[64];

        protected override ReadOnlySpan<char> Value(int index)
        {
            data.Values[index].TryFormat(_text, out var length, format, CultureInfo.InvariantCulture);
            return _text.AsSpan(0, length);
        }
    }
}

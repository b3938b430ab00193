using ParquetSharp;

namespace Engine.Tables.Parquet.Reading;

/// <summary>Writes a value into a buffer and returns how many characters it took.</summary>
internal delegate int CellFormat<T>(T value, Span<char> text);

/// <summary>A column of numbers, kept as they are stored and written as text when a cell is asked for.</summary>
/// <param name="field">The column.</param>
/// <param name="format">How a value is written.</param>
/// <param name="order">How the file's minimum and maximum compare; null when that is unknown.</param>
/// <param name="isOrdered">Whether a value counts for minimum and maximum; null when all do.</param>
internal sealed class ParquetFixedColumn<T>(
    ParquetField field, CellFormat<T> format, Comparison<T>? order, Func<T, bool>? isOrdered = null)
    : ParquetColumn(field)
    where T : unmanaged
{
    private readonly char[] _text = new char[80];
    private T[] _values = [];

    protected override ReadOnlySpan<char> Value(int index) => _text.AsSpan(0, format(_values[index], _text));

    protected override (long Levels, long Values) ReadBatch(
        ColumnReader reader, Span<short> definitions, Span<short> repetitions)
    {
        _values = Grow(_values, Count);
        var levels = ((ColumnReader<T>)reader).ReadBatch(
            BatchSize, definitions, repetitions, _values.AsSpan(Count), out var values);
        return (levels, values);
    }

    protected override void CheckRange(Statistics statistics)
    {
        if (order is null)
        {
            return;
        }

        var (least, greatest) = ((Statistics<T>)statistics is { } typed) ? (typed.Min, typed.Max) : default;
        if (isOrdered is not null && !(isOrdered(least) && isOrdered(greatest)))
        {
            return;
        }

        var (any, min, max) = (false, least, greatest);
        foreach (var value in _values.AsSpan(0, Count))
        {
            if (isOrdered is not null && !isOrdered(value))
            {
                continue;
            }

            min = !any || order(value, min) < 0 ? value : min;
            max = !any || order(value, max) > 0 ? value : max;
            any = true;
        }

        if (order(min, least) != 0 || order(max, greatest) != 0)
        {
            throw new ParquetMismatchException(
                $"has values from {Show(min)} to {Show(max)}; the file says {Show(least)} to {Show(greatest)}");
        }
    }

    private string Show(T value) => new(_text.AsSpan(0, format(value, _text)));
}

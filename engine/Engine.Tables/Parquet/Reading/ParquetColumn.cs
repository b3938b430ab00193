using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Engine.Tables.Rows;
using ParquetSharp;

namespace Engine.Tables.Parquet.Reading;

/// <summary>
/// One column of one row group, decoded and checked against what the file says of it. Its memory is used again for the
/// next row group.
/// </summary>
internal abstract class ParquetColumn(ParquetField field)
{
    /// <summary>Values that are decoded in one call.</summary>
    protected const int BatchSize = 1 << 14;

    private readonly short[] _definitions = field.MaxDefinition > 0 ? new short[BatchSize] : [];
    private readonly short[] _repetitions = field.IsList ? new short[BatchSize] : [];
    private readonly StringBuilder _list = new();
    private int[] _ends = [];
    private int _rows;
    private char[] _listText = [];

    protected ParquetField Field { get; } = field;

    /// <summary>Values that are present, over all rows so far.</summary>
    protected int Count { get; private set; }

    /// <summary>Decodes the column of a row group. Errors: <see cref="TableException"/>.</summary>
    /// <param name="group">The row group.</param>
    /// <param name="number">Its number in messages, from 1.</param>
    public void Decode(RowGroupReader group, int number)
    {
        (Count, _rows) = (0, 0);
        using var description = group.MetaData.GetColumnChunkMetaData(Field.Leaf);
        try
        {
            using var reader = group.Column(Field.Leaf);
            var levels = Read(reader, description.NumValues);
            Check(group.MetaData.NumRows, description, levels, number);
        }
        catch (ParquetMismatchException e)
        {
            throw new TableException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{Field.File}: row group {number} of the column '{Field.Name}' {e.Message}. "
                    + $"The file is damaged: write it again."),
                e);
        }
#pragma warning disable CA1031 // the library answers damaged bytes with many kinds of exception
        catch (Exception e) when (e is not TableException)
#pragma warning restore CA1031
        {
            throw ParquetFault.Explain(e, Field, description, number);
        }
    }

    /// <summary>
    /// The cell of a row; empty for null, a JSON array for a list. The span is valid until the next call.
    /// </summary>
    public ReadOnlySpan<char> Text(int row)
    {
        if (Field.MaxDefinition == 0)
        {
            return Value(row);
        }

        var (first, end) = (row == 0 ? 0 : _ends[row - 1], _ends[row]);
        return first == end ? default : Field.IsList ? List(first, end) : Value(first);
    }

    /// <summary>One value, by its number among those present.</summary>
    protected abstract ReadOnlySpan<char> Value(int index);

    /// <summary>Decodes at most <see cref="BatchSize"/> values behind the first <see cref="Count"/>.</summary>
    /// <returns>Levels, and values among them.</returns>
    protected abstract (long Levels, long Values) ReadBatch(
        ColumnReader reader, Span<short> definitions, Span<short> repetitions);

    /// <summary>Compares the values with the least and the greatest that the file names.</summary>
    protected abstract void CheckRange(Statistics statistics);

    /// <summary>The array with room for one more batch behind the first <paramref name="used"/> values.</summary>
    protected static T[] Grow<T>(T[] array, int used)
    {
        if (array.Length - used < BatchSize)
        {
            Array.Resize(
                ref array, (int)Math.Min(Array.MaxLength, Math.Max(used + (long)BatchSize, array.Length * 2L)));
        }

        return array;
    }

    private long Read(ColumnReader reader, long expected)
    {
        if (expected is < 0 or > int.MaxValue)
        {
            throw new ParquetMismatchException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"has {expected:N0} values according to the file; at most {int.MaxValue:N0} can be read"));
        }

        long levels = 0;
        while (reader.HasNext)
        {
            var (read, values) = ReadBatch(reader, _definitions, _repetitions);
            levels += read;
            if (read <= 0 || levels > expected)
            {
                break;
            }

            if (Field.MaxDefinition > 0)
            {
                TakeLevels((int)read, values);
            }
            else if (values != read)
            {
                throw new ParquetMismatchException(string.Create(
                    CultureInfo.InvariantCulture,
                    $"has {values:N0} values where {read:N0} were announced"));
            }

            Count += (int)values;
        }

        return levels;
    }

    private void TakeLevels(int read, long values)
    {
        _ends = Grow(_ends, _rows);
        var end = Count;
        for (var i = 0; i < read; i++)
        {
            var level = _definitions[i];
            end += level == Field.MaxDefinition ? 1 : 0;
            if (!Field.IsList || _repetitions[i] == 0)
            {
                _ends[_rows++] = end;
            }
            else if (_rows == 0 || level < Field.ElementLevel)
            {
                throw new ParquetMismatchException("begins a list without a row");
            }
            else
            {
                _ends[_rows - 1] = end;
            }
        }

        if (end - Count != values)
        {
            throw new ParquetMismatchException(string.Create(
                CultureInfo.InvariantCulture,
                $"has {values:N0} values where its levels announce {end - Count:N0}"));
        }
    }

    private void Check(long rows, ColumnChunkMetaData description, long levels, int group)
    {
        var found = Field.MaxDefinition > 0 ? _rows : levels;
        if (levels != description.NumValues || found != rows)
        {
            throw new ParquetMismatchException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"holds {found:N0} rows and {levels:N0} values with nulls; "
                    + $"the file says {rows:N0} and {description.NumValues:N0}"));
        }

        using var statistics = description.Statistics;
        if (statistics is null)
        {
            return;
        }

        // The library gives 0 for an unknown number of nulls, too.
        var nulls = levels - Count;
        if (statistics.NullCount != nulls
            && (statistics.NullCount != 0 || FooterNullCount.Find(Field.File, group - 1, Field.Leaf) is not null))
        {
            throw new ParquetMismatchException(string.Create(
                CultureInfo.InvariantCulture,
                $"has {nulls:N0} nulls; the file says {statistics.NullCount:N0}"));
        }

        if (statistics.HasMinMax && Count > 0)
        {
            CheckRange(statistics);
        }
    }

    private ReadOnlySpan<char> List(int first, int end)
    {
        _list.Clear().Append('[');
        for (var i = first; i < end; i++)
        {
            _list.Append(i > first ? ",\"" : "\"");
            _list.Append(JsonEncodedText.Encode(Value(i), JavaScriptEncoder.UnsafeRelaxedJsonEscaping).Value)
                .Append('"');
        }

        _list.Append(']');
        if (_listText.Length < _list.Length)
        {
            _listText = new char[Math.Max(256, _list.Length * 2)];
        }

        _list.CopyTo(0, _listText, _list.Length);
        return _listText.AsSpan(0, _list.Length);
    }
}

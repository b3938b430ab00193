using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Engine.Tables.Rows;

namespace Trainer.Data.Sources;

/// <summary>
/// A checksum of a row's values that does not depend on how a file or a server writes them: 1, 1.0 and 1E0 are the same
/// number, times are compared to the millisecond, an empty cell is null. Texts count byte by byte.
/// </summary>
internal sealed class RowDigest(IReadOnlyList<TableColumn> columns)
{
    private byte[] _bytes = new byte[256];
    private int _length;

    /// <summary>128 bits of the SHA-256 of the current row's values.</summary>
    /// <exception cref="Engine.InputException">A cell is not of its column's type.</exception>
    public UInt128 Of(TableReader rows)
    {
        _length = 0;
        for (var i = 0; i < columns.Count; i++)
        {
            Append(rows, i);
        }

        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(_bytes.AsSpan(0, _length), hash);
        return BinaryPrimitives.ReadUInt128LittleEndian(hash);
    }

    private void Append(TableReader rows, int i)
    {
        var text = rows.Text(i);
        if (text.IsEmpty)
        {
            Take(1)[0] = 0;
            return;
        }

        Take(1)[0] = 1;
        switch (columns[i].Type)
        {
            case ColumnType.Text:
                var room = Encoding.UTF8.GetByteCount(text);
                BinaryPrimitives.WriteInt32LittleEndian(Take(sizeof(int)), room);
                Encoding.UTF8.GetBytes(text, Take(room));
                return;
            case ColumnType.WholeNumber when decimal.TryParse(
                text, NumberStyles.Float, CultureInfo.InvariantCulture, out var whole)
                && whole == decimal.Truncate(whole) && whole is >= long.MinValue and <= long.MaxValue:
                BinaryPrimitives.WriteInt64LittleEndian(Take(sizeof(long)), (long)whole);
                return;
            case ColumnType.Number when double.TryParse(
                text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number):
                BinaryPrimitives.WriteDoubleLittleEndian(Take(sizeof(double)), number);
                return;
            case ColumnType.Time when ColumnTypes.TryTime(text, out var time):
                BinaryPrimitives.WriteInt64LittleEndian(Take(sizeof(long)), time.Ticks / TimeSpan.TicksPerMillisecond);
                return;
            default:
                throw new Engine.InputException(
                    $"{rows.File}, row {rows.Line}: {columns[i].Name} is '{text}', a {columns[i].Type} was expected, "
                    + "as the table has it: compare with the table that the file was written to.");
        }
    }

    private Span<byte> Take(int count)
    {
        if (_bytes.Length - _length < count)
        {
            Array.Resize(ref _bytes, Math.Max(_length + count, _bytes.Length * 2));
        }

        _length += count;
        return _bytes.AsSpan(_length - count, count);
    }
}

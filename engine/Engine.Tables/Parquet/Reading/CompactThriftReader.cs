using System.Globalization;

namespace Engine.Tables.Parquet.Reading;

/// <summary>
/// Walks a structure in the compact Thrift protocol that has been read whole by somebody else: a damaged one ends with
/// an exception of array bounds.
/// </summary>
internal ref struct CompactThriftReader(ReadOnlySpan<byte> bytes)
{
    private const int I8Type = 3;
    private const int I64Type = 6;
    private const int DoubleType = 7;
    private const int BinaryType = 8;
    private const int ListType = 9;
    private const int SetType = 10;
    private const int StructType = 12;

    private ReadOnlySpan<byte> _rest = bytes;

    /// <summary>Goes from the start of a structure to the value of a field; false when it is absent.</summary>
    public bool Enter(int field)
    {
        var last = 0;
        for (var head = Byte(); head != 0; head = Byte())
        {
            last = head >> 4 == 0 ? (int)Number() : last + (head >> 4);
            if (last == field)
            {
                return true;
            }

            Skip(head & 15, isElement: false);
        }

        return false;
    }

    /// <summary>Goes from the start of a list to one of its elements, from 0; false when there are fewer.</summary>
    public bool EnterElement(int index)
    {
        var (type, count) = List();
        for (var i = 0; i < index && i < count; i++)
        {
            Skip(type, isElement: true);
        }

        return index < count;
    }

    /// <summary>Reads a whole number.</summary>
    public long Number()
    {
        var value = Varint();
        return (long)(value >> 1) ^ -(long)(value & 1);
    }

    private void Skip(int type, bool isElement)
    {
        switch (type)
        {
            case 1 or 2:
                // The value of a field is in its head.
                Take(isElement ? 1 : 0);
                break;
            case I8Type:
                Take(1);
                break;
            case > I8Type and <= I64Type:
                Varint();
                break;
            case DoubleType:
                Take(sizeof(double));
                break;
            case BinaryType:
                Take((int)Varint());
                break;
            case ListType or SetType:
                var (element, count) = List();
                for (var i = 0; i < count; i++)
                {
                    Skip(element, isElement: true);
                }

                break;
            case StructType:
                Enter(0);
                break;
            default:
                throw new InvalidDataException(string.Create(
                    CultureInfo.InvariantCulture,
                    $"found the type {type}, expected one of the compact protocol"));
        }
    }

    private (int Type, int Count) List()
    {
        var head = Byte();
        return (head & 15, head >> 4 == 15 ? (int)Varint() : head >> 4);
    }

    private ulong Varint()
    {
        ulong value = 0;
        for (var shift = 0; ; shift += 7)
        {
            var part = Byte();
            value |= (ulong)(part & 0x7F) << shift;
            if (part < 0x80)
            {
                return value;
            }
        }
    }

    private byte Byte()
    {
        var value = _rest[0];
        Take(1);
        return value;
    }

    private void Take(int length) => _rest = _rest[length..];
}

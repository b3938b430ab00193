using System.Buffers;
using Google.Protobuf.Reflection;

namespace Engine.Server.Admission;

/// <summary>
/// Counts the elements of an encoded message before it is decoded: two bytes can become an object of fifty, so the size
/// of a message does not bound its memory.
/// </summary>
internal ref struct MessageScan
{
    private const int LengthDelimited = 2;
    private const int GroupStart = 3;
    private const int GroupEnd = 4;

    // Deeper than the decoder reads: it refuses such a message by itself.
    private const int MaximumDepth = 100;

    private readonly long _most;
    private SequenceReader<byte> _reader;
    private long _elements;

    private MessageScan(in ReadOnlySequence<byte> message, long most)
    {
        _reader = new SequenceReader<byte>(message);
        _most = most;
    }

    /// <summary>
    /// Fields and elements of packed fields, messages within included; stops counting past <paramref name="most"/>.
    /// </summary>
    /// <param name="message">As it came.</param>
    /// <param name="type">Its type.</param>
    /// <param name="most">Counting further is of no use.</param>
    /// <returns>null: it is malformed, and what the decoder would make of it cannot be counted.</returns>
    public static long? Count(in ReadOnlySequence<byte> message, MessageDescriptor type, long most)
    {
        var scan = new MessageScan(message, most);
        return scan.Message(type, message.Length, 0) || scan._elements > most ? scan._elements : null;
    }

    private bool Message(MessageDescriptor? type, long end, int depth)
    {
        var (last, field) = (0u, (FieldDescriptor?)null);
        while (_reader.Consumed < end)
        {
            if (++_elements > _most || !Try32(out var tag))
            {
                return false;
            }

            // The elements of a list follow each other: their field is looked up once.
            (last, field) = (tag, tag == last ? field : type?.FindFieldByNumber((int)(tag >> 3)));
            if (!Field(field, tag, depth))
            {
                return false;
            }
        }

        return _reader.Consumed == end;
    }

    // This contract has no groups: the decoder keeps one as an unknown field, whatever is in it.
    private bool Group(uint number, int depth)
    {
        while (++_elements <= _most && depth < MaximumDepth && Try32(out var tag))
        {
            if ((tag & 7) == GroupEnd)
            {
                return tag >> 3 == number;
            }

            if (!Field(null, tag, depth))
            {
                break;
            }
        }

        return false;
    }

    private bool Field(FieldDescriptor? field, uint tag, int depth)
    {
        switch (tag & 7)
        {
            case 0:
                return TryVarint(out _);
            case 1:
                return TrySkip(8);
            case 5:
                return TrySkip(4);
            case GroupStart:
                return Group(tag >> 3, depth + 1);
            case LengthDelimited:
                break;
            default:
                return false;
        }

        if (!Try32(out var length) || length > _reader.Remaining)
        {
            return false;
        }

        if (field is { FieldType: FieldType.Message } && depth < MaximumDepth)
        {
            return Message(field.MessageType, _reader.Consumed + length, depth + 1);
        }

        // A packed number takes one byte at least.
        _elements += field is { IsRepeated: true }
            and not { FieldType: FieldType.String or FieldType.Bytes or FieldType.Message }
            ? length
            : 0;
        return _elements <= _most && TrySkip(length);
    }

    private bool TrySkip(long bytes)
    {
        if (bytes > _reader.Remaining)
        {
            return false;
        }

        _reader.Advance(bytes);
        return true;
    }

    // Tags and lengths have 32 bits; the decoder drops what a longer number has above them.
    private bool Try32(out uint value)
    {
        var isRead = TryVarint(out var number);
        value = (uint)number;
        return isRead;
    }

    private bool TryVarint(out ulong value)
    {
        value = 0;
        for (var shift = 0; shift < 70; shift += 7)
        {
            if (!_reader.TryRead(out var part))
            {
                return false;
            }

            value |= shift < 64 ? (ulong)(part & 0x7F) << shift : 0;
            if (part < 0x80)
            {
                return true;
            }
        }

        return false;
    }
}

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
    /// <param name="message">As it came; where it is malformed the count ends.</param>
    /// <param name="type">Its type.</param>
    /// <param name="most">Counting further is of no use.</param>
    public static long Count(in ReadOnlySequence<byte> message, MessageDescriptor type, long most)
    {
        var scan = new MessageScan(message, most);
        scan.Message(type, message.Length, 0);
        return scan._elements;
    }

    private bool Message(MessageDescriptor? type, long end, int depth)
    {
        while (_reader.Consumed < end)
        {
            if (++_elements > _most || !TryVarint(out var tag)
                || !Field(type?.FindFieldByNumber((int)(tag >> 3)), (int)(tag & 7), depth))
            {
                return false;
            }
        }

        return true;
    }

    private bool Field(FieldDescriptor? field, int wire, int depth)
    {
        switch (wire)
        {
            case 0:
                return TryVarint(out _);
            case 1:
                return TrySkip(8);
            case 5:
                return TrySkip(4);
            case LengthDelimited:
                break;
            default:
                // The ends of groups, which this contract does not have.
                return wire is 3 or 4;
        }

        if (!TryVarint(out var length) || length > (ulong)_reader.Remaining)
        {
            return false;
        }

        if (field is { FieldType: FieldType.Message } && depth < MaximumDepth)
        {
            return Message(field.MessageType, _reader.Consumed + (long)length, depth + 1);
        }

        // A packed number takes one byte at least.
        _elements += field is { IsRepeated: true }
            and not { FieldType: FieldType.String or FieldType.Bytes or FieldType.Message }
            ? (long)length
            : 0;
        return _elements <= _most && TrySkip((long)length);
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

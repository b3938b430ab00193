using System.Buffers.Binary;
using System.Numerics;
using System.Text;

namespace Engine.Server.Replies;

/// <summary>
/// Writes the protobuf wire format into a span that is large enough: fields that hold their default are left out, as
/// the generated classes do. The sizes of messages are computed before, since a nested message begins with its length.
/// Source: protobuf.dev, "Encoding".
/// </summary>
internal ref struct WireSpan(Span<byte> target)
{
    /// <summary>Bytes of a message's tag and length at most, for field numbers below 16.</summary>
    public const int HeaderBytes = 1 + 10;

    private readonly Span<byte> _target = target;

    /// <summary>Bytes written.</summary>
    public int Position { get; private set; }

    /// <summary>Bytes of a varint.</summary>
    public static int VarintBytes(ulong value) => 1 + (BitOperations.Log2(value | 1) / 7);

    /// <summary>Bytes of a field with a varint; none for 0. A negative number takes ten bytes.</summary>
    public static int VarintField(long value) => value == 0 ? 0 : 1 + VarintBytes((ulong)value);

    /// <summary>Bytes of a field with a text or a message of this length; none for 0.</summary>
    public static int TextField(int length) => length == 0 ? 0 : MessageField(length);

    /// <summary>Bytes of a field with a message of this length, also of length 0.</summary>
    public static int MessageField(int length) => 1 + VarintBytes((ulong)length) + length;

    /// <summary>Bytes of a field with an fp32 number; none for 0.</summary>
    public static int FloatField(float value) => value == 0 ? 0 : 1 + sizeof(float);

    /// <summary>Bytes of a field with an fp64 number; none for 0.</summary>
    public static int DoubleField(double value) => value == 0 ? 0 : 1 + sizeof(double);

    /// <summary>A whole number or an enum.</summary>
    public void Varint(int field, long value)
    {
        if (value != 0)
        {
            _target[Position++] = (byte)(field << 3);
            Varint((ulong)value);
        }
    }

    /// <summary>UTF-8 text.</summary>
    public void Text(int field, ReadOnlySpan<byte> utf8)
    {
        if (!utf8.IsEmpty)
        {
            Message(field, utf8.Length);
            utf8.CopyTo(_target[Position..]);
            Position += utf8.Length;
        }
    }

    /// <summary>Text.</summary>
    public void Text(int field, string text)
    {
        if (text.Length > 0)
        {
            Message(field, Encoding.UTF8.GetByteCount(text));
            Position += Encoding.UTF8.GetBytes(text, _target[Position..]);
        }
    }

    /// <summary>A repeated text, which is written also when it is empty.</summary>
    public void Element(int field, string text)
    {
        Message(field, Encoding.UTF8.GetByteCount(text));
        Position += Encoding.UTF8.GetBytes(text, _target[Position..]);
    }

    /// <summary>Begins a message; its fields follow.</summary>
    public void Message(int field, int length)
    {
        _target[Position++] = (byte)((field << 3) | 2);
        Varint((ulong)length);
    }

    /// <summary>An fp32 number; <paramref name="isSet"/> of an optional field writes 0 too.</summary>
    public void Float(int field, float value, bool isSet = false)
    {
        if (value != 0 || isSet)
        {
            _target[Position] = (byte)((field << 3) | 5);
            BinaryPrimitives.WriteSingleLittleEndian(_target[(Position + 1)..], value);
            Position += 1 + sizeof(float);
        }
    }

    /// <summary>An fp64 number; <paramref name="isSet"/> of an optional field writes 0 too.</summary>
    public void Double(int field, double value, bool isSet = false)
    {
        if (value != 0 || isSet)
        {
            _target[Position] = (byte)((field << 3) | 1);
            BinaryPrimitives.WriteDoubleLittleEndian(_target[(Position + 1)..], value);
            Position += 1 + sizeof(double);
        }
    }

    private void Varint(ulong value)
    {
        for (; value > 0x7F; value >>= 7)
        {
            _target[Position++] = (byte)(value | 0x80);
        }

        _target[Position++] = (byte)value;
    }
}

using System.Text;

namespace Engine.Tables.Parquet.Writing;

/// <summary>Writes the compact Thrift protocol, as far as Parquet metadata need it.</summary>
public sealed class CompactThrift(ByteBuffer output)
{
    private const int TrueType = 1;
    private const int FalseType = 2;
    private const int I32Type = 5;
    private const int I64Type = 6;
    private const int BinaryType = 8;
    private const int ListType = 9;
    private const int StructType = 12;

    private readonly Stack<int> _outer = new();
    private int _last;

    /// <summary>A truth value.</summary>
    public void Bool(int field, bool value) => Field(field, value ? TrueType : FalseType);

    /// <summary>A 32-bit field.</summary>
    public void I32(int field, int value)
    {
        Field(field, I32Type);
        Varint(ZigZag(value));
    }

    /// <summary>A 64-bit field.</summary>
    public void I64(int field, long value)
    {
        Field(field, I64Type);
        Varint(ZigZag(value));
    }

    /// <summary>A text field.</summary>
    public void Text(int field, string value)
    {
        Field(field, BinaryType);
        Text(value);
    }

    /// <summary>A list of 32-bit numbers.</summary>
    public void I32List(int field, params ReadOnlySpan<int> values)
    {
        List(field, I32Type, values.Length);
        foreach (var value in values)
        {
            Varint(ZigZag(value));
        }
    }

    /// <summary>A list of one text.</summary>
    public void TextList(int field, string value)
    {
        List(field, BinaryType, 1);
        Text(value);
    }

    /// <summary>The head of a list of structs; each of them then begins and ends.</summary>
    public void StructList(int field, int count) => List(field, StructType, count);

    /// <summary>Begins a struct field.</summary>
    public void Begin(int field)
    {
        Field(field, StructType);
        Begin();
    }

    /// <summary>Begins a struct in a list.</summary>
    public void Begin()
    {
        _outer.Push(_last);
        _last = 0;
    }

    /// <summary>Ends a struct.</summary>
    public void End()
    {
        output.Add(0);
        _last = _outer.Count > 0 ? _outer.Pop() : 0;
    }

    private static ulong ZigZag(long value) => (ulong)((value << 1) ^ (value >> 63));

    // Field numbers ascend by less than 16 in all that is written here.
    private void Field(int field, int type)
    {
        output.Add((byte)(((field - _last) << 4) | type));
        _last = field;
    }

    private void List(int field, int type, int count)
    {
        Field(field, ListType);
        if (count < 15)
        {
            output.Add((byte)((count << 4) | type));
            return;
        }

        output.Add((byte)(0xF0 | type));
        Varint((ulong)count);
    }

    private void Text(string value)
    {
        var bytes = Encoding.UTF8.GetBytes(value);
        Varint((ulong)bytes.Length);
        output.Add(bytes);
    }

    private void Varint(ulong value) => Varint(output, value);

    /// <summary>Seven bits a byte, the lowest first.</summary>
    public static void Varint(ByteBuffer output, ulong value)
    {
        for (; value >= 0x80; value >>= 7)
        {
            output.Add((byte)(value | 0x80));
        }

        output.Add((byte)value);
    }
}

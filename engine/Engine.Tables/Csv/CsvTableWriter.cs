using System.Buffers;
using System.Globalization;
using System.IO.Compression;
using System.Text;
using Engine.Tables.Rows;

namespace Engine.Tables.Csv;

/// <summary>CSV in UTF-8 with a header line, LF line ends and quotes only where they are needed.</summary>
internal sealed class CsvTableWriter : FileTableWriter
{
    private static readonly SearchValues<char> NeedQuotes = SearchValues.Create(",\"\r\n");

    private readonly StreamWriter _text;
    private readonly char[] _number = new char[40];

    public CsvTableWriter(string path, IReadOnlyList<TableColumn> columns)
        : base(path, columns)
    {
        Stream bytes = TableFiles.IsCompressed(path)
            ? new GZipStream(File, CompressionLevel.Optimal, leaveOpen: true)
            : File;
        var utf8 = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
        _text = new StreamWriter(bytes, utf8, 1 << 16, leaveOpen: bytes == File);
        for (var i = 0; i < columns.Count; i++)
        {
            WriteText(i, columns[i].Name);
        }

        _text.Write('\n');
    }

    private protected override void WriteText(int column, ReadOnlySpan<char> value)
    {
        if (value.IsEmpty)
        {
            WriteNull(column);
            return;
        }

        Separate(column);
        if (!value.ContainsAny(NeedQuotes))
        {
            _text.Write(value);
            return;
        }

        _text.Write('"');
        while (value.IndexOf('"') is var quote and >= 0)
        {
            _text.Write(value[..(quote + 1)]);
            _text.Write('"');
            value = value[(quote + 1)..];
        }

        _text.Write(value);
        _text.Write('"');
    }

    private protected override void WriteInteger(int column, long value)
    {
        value.TryFormat(_number, out var length, default, CultureInfo.InvariantCulture);
        Separate(column);
        _text.Write(_number.AsSpan(0, length));
    }

    private protected override void WriteNumber(int column, double value)
    {
        value.TryFormat(_number, out var length, default, CultureInfo.InvariantCulture);
        Separate(column);
        _text.Write(_number.AsSpan(0, length));
    }

    private protected override void WriteTime(int column, DateTime value)
    {
        var format = value.Ticks % TimeSpan.TicksPerSecond < TimeSpan.TicksPerMillisecond
            ? "s"
            : "yyyy-MM-ddTHH:mm:ss.fff";
        value.TryFormat(_number, out var length, format, CultureInfo.InvariantCulture);
        Separate(column);
        _text.Write(_number.AsSpan(0, length));
    }

    private protected override void WriteNull(int column)
    {
        Separate(column);
        if (Columns.Count == 1)
        {
            _text.Write("\"\""); // a blank line would be no row
        }
    }

    private protected override void FinishRow() => _text.Write('\n');

    private void Separate(int column)
    {
        if (column > 0)
        {
            _text.Write(',');
        }
    }

    private protected override void FinishFile() => _text.Dispose();
}

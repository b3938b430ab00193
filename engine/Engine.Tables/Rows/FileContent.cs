using System.Buffers;
using System.Text;

namespace Engine.Tables.Rows;

/// <summary>Refuses a text file that holds something else than its name says, by its first bytes.</summary>
internal static class FileContent
{
    private const int ShownBytes = 8;
    private const int ShownText = 40;

    // A header may begin with the letters of another kind of file.
    private static readonly SearchValues<byte> Text =
        SearchValues.Create([.. "\t\r\n"u8, .. Enumerable.Range(' ', 256 - ' ').Select(code => (byte)code)]);

    private static readonly (byte[] Start, string What, string Remedy)[] Known =
    [
        ([0x1F, 0x8B], "gzip data", "Let its name end in .gz, for example .csv.gz"),
        ([.. "PAR1"u8], "a Parquet file", "Let its name end in .parquet"),
        ([0x50, 0x4B, 0x03, 0x04], "a ZIP archive or an Excel file",
            "Unpack it, or save it as CSV in the spreadsheet program"),
        ([0xD0, 0xCF, 0x11, 0xE0], "an old Excel file", "Save it as CSV in the spreadsheet program"),
        ([0x28, 0xB5, 0x2F, 0xFD], "Zstandard data", "Unpack it, or compress it with gzip"),
        ([0xFD, 0x37, 0x7A, 0x58, 0x5A], "xz data", "Unpack it, or compress it with gzip"),
        ([.. "BZh91AY&SY"u8], "bzip2 data", "Unpack it, or compress it with gzip"),
    ];

    /// <summary>Looks at the beginning of an open file and goes back to it.</summary>
    /// <exception cref="TableException">It is not what its name says.</exception>
    public static void Check(FileStream file, string path)
    {
        Span<byte> start = stackalloc byte[ShownText];
        start = start[..file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false)];
        file.Position = 0;
        var isGzip = TableFiles.IsCompressed(path);
        if (!isGzip && !start.ContainsAnyExcept(Text))
        {
            return;
        }

        foreach (var (bytes, what, remedy) in Known)
        {
            if (start.StartsWith(bytes))
            {
                if (isGzip && bytes.Length == 2)
                {
                    return;
                }

                throw new TableException(
                    $"{path} cannot be read: found {what}; expected {(isGzip ? "gzip data" : "text")}. {remedy}.");
            }
        }

        if (isGzip)
        {
            throw new TableException(start.Length == 0
                ? $"{path} cannot be read: found a file of 0 bytes; expected gzip data. Write or copy it again."
                : $"{path} cannot be read: found {Describe(start)} at its beginning; expected gzip data (the bytes "
                    + "1F 8B). If it is plain text, take .gz off its name; else write or copy it again.");
        }
    }

    // Text as text, up to the end of its first line; else the bytes.
    private static string Describe(ReadOnlySpan<byte> start)
    {
        var line = start.IndexOfAny((byte)'\r', (byte)'\n') is var end and > 0 ? start[..end] : start;
        return line.ContainsAnyExceptInRange((byte)' ', (byte)'~')
            ? $"the bytes {Convert.ToHexString(start[..Math.Min(start.Length, ShownBytes)])}"
            : $"the text '{Encoding.ASCII.GetString(line)}'";
    }
}

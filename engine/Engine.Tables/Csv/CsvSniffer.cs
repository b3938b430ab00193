using System.Text;
using System.Text.Unicode;
using Engine.Tables.Rows;
using UtfUnknown;

namespace Engine.Tables.Csv;

/// <summary>
/// Guesses how a CSV file is written from its bytes: for a person to confirm, never to read by in silence.
/// </summary>
public static class CsvSniffer
{
    private const int BlockLength = 1 << 20;
    private const int MostBlocks = 64;
    private const int MostOdd = 1 << 16;
    private const int SampleLines = 50;
    private const int FewLetters = 16;

    // More certain than that is a detector of bytes in pairs only for long text.
    private const float Sure = 0.9f;

    private static readonly HashSet<string> Wide = new(StringComparer.OrdinalIgnoreCase)
    {
        "big5", "shift_jis", "shift-jis", "euc-kr", "euc-jp", "euc-tw", "uhc", "cp949",
    };
    private static readonly HashSet<string> Legacy = new(StringComparer.OrdinalIgnoreCase)
    {
        "ascii", "utf-8", "utf-16le", "utf-16be", "utf-7", "hz-gb-2312",
    };
    private static readonly char[] Separators = [',', ';', '\t', '|'];

    /// <summary>
    /// What differs from <see cref="CsvFormat.Default"/>; a byte order mark and a <c>sep=</c> line need no setting.
    /// </summary>
    /// <param name="file">A CSV file, plain or compressed with gzip.</param>
    public static CsvFormat Inspect(string file)
    {
        using var bytes = File.OpenRead(file);
        using var text = GzipFile.Open(bytes, file);
        try
        {
            return Inspect(text);
        }
        catch (TableException e)
        {
            throw new TableException($"{file} cannot be read: {e.Message}", e);
        }
    }

    private static CsvFormat Inspect(Stream text)
    {
        var block = new byte[BlockLength];
        var length = text.ReadAtLeast(block, block.Length, throwOnEndOfStream: false);
        var first = block.AsSpan(0, length).ToArray();
        var encoding = HasMark(first) ? null : FindEncoding(first, text);
        using var reader = new StreamReader(
            new MemoryStream(first),
            encoding is null ? Encoding.UTF8 : TextEncodings.Find(encoding),
            detectEncodingFromByteOrderMarks: true);
        return new CsvFormat { Encoding = encoding, Separator = FindSeparator(reader.ReadToEnd()) };
    }

    /// <summary>The same for a table of files or folders: its first CSV file is looked at.</summary>
    /// <param name="path">A file or a folder.</param>
    public static CsvFormat InspectTable(string path) =>
        TableFiles.Resolve([path]).Find(file => !TableFiles.IsParquet(file)) is { } file
            ? Inspect(file)
            : CsvFormat.Default;

    /// <summary>A separator for a person: <c>a tab</c>, <c>';'</c>.</summary>
    public static string Describe(char separator) => separator == '\t' ? "a tab (\"\\t\")" : $"'{separator}'";

    private static bool HasMark(ReadOnlySpan<byte> bytes) =>
        bytes is [0xEF, 0xBB, 0xBF, ..] or [0xFF, 0xFE, ..] or [0xFE, 0xFF, ..] or [0, 0, 0xFE, 0xFF, ..];

    private static string? FindEncoding(byte[] first, Stream rest)
    {
        if (FindUtf16(first) is { } wide)
        {
            return wide;
        }

        // Most tables that are not UTF-8 show it in the first lines; names may come late.
        var odd = new MemoryStream();
        var block = first;
        for (var blocks = 0; block.Length > 0 && blocks < MostBlocks && odd.Length < MostOdd; blocks++)
        {
            AddOddLines(block, odd);
            var next = new byte[BlockLength];
            block = next[..rest.ReadAtLeast(next, next.Length, throwOnEndOfStream: false)];
        }

        return odd.Length == 0 ? null : Detect(odd.ToArray());
    }

    /// <summary>UTF-16 without a mark: nearly every second byte of a table of ASCII words and digits is zero.</summary>
    private static string? FindUtf16(ReadOnlySpan<byte> bytes)
    {
        var (even, odd) = (0, 0);
        for (var i = 0; i + 1 < bytes.Length; i += 2)
        {
            even += bytes[i] == 0 ? 1 : 0;
            odd += bytes[i + 1] == 0 ? 1 : 0;
        }

        return odd * 4 > bytes.Length ? "utf-16" : even * 4 > bytes.Length ? "utf-16be" : null;
    }

    /// <summary>
    /// Collects the lines that are not UTF-8; the block's last line may be cut and is left out unless it is alone.
    /// </summary>
    private static void AddOddLines(ReadOnlySpan<byte> block, MemoryStream odd)
    {
        var whole = block.LastIndexOfAny((byte)'\n', (byte)'\r') is var end and >= 0 ? block[..end] : block;
        if (Utf8.IsValid(whole))
        {
            return;
        }

        foreach (var range in whole.SplitAny((byte)'\n', (byte)'\r'))
        {
            if (odd.Length < MostOdd && !Utf8.IsValid(whole[range]))
            {
                odd.Write(whole[range]);
                odd.WriteByte((byte)'\n');
            }
        }
    }

    private static string Detect(byte[] odd)
    {
        var found = CharsetDetector.DetectFromBytes(odd).Details?
            .Where(detail => detail.Encoding is not null && !Legacy.Contains(detail.EncodingName))
            .MaxBy(detail => detail.Confidence);
        var name = found?.EncodingName ?? "";
        if (IsWestern(odd))
        {
            return "windows-1252";
        }

        return name.StartsWith("gb", StringComparison.OrdinalIgnoreCase) ? "gb18030"
            : Wide.Contains(name) && found!.Confidence >= Sure ? name
            : IsChinese(odd) ? "gb18030"
            : name.Length == 0 || name.StartsWith("iso-8859-1", StringComparison.OrdinalIgnoreCase)
                || Wide.Contains(name) ? "windows-1252"
            : name;
    }

    /// <summary>
    /// Few letters, each among ASCII: too few for statistics, and Western European names are the likeliest.
    /// </summary>
    private static bool IsWestern(ReadOnlySpan<byte> odd)
    {
        var (high, run) = (0, 0);
        foreach (var b in odd)
        {
            run = b < 0x80 ? 0 : run + 1;
            high += b < 0x80 ? 0 : 1;
            if (run > 1 || high > FewLetters)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>
    /// Whether bytes read as GB18030 are Chinese: they decode whole, and most are pairs of the first level of GB 2312,
    /// the 3,755 everyday characters, next to each other. Ten product names are too short for a detector's statistics.
    /// Latin-1 letters stand alone and swallow the ASCII letter behind them; Cyrillic and Big5 pairs lie outside that
    /// level.
    /// </summary>
    private static bool IsChinese(ReadOnlySpan<byte> odd)
    {
        if (TextEncodings.Find("gb18030").GetString(odd).Contains('\uFFFD'))
        {
            return false;
        }

        var (pairs, everyday, runs) = (0, 0, 0);
        var before = -2;
        for (var i = 0; i + 1 < odd.Length; i++)
        {
            if (odd[i] < 0x80)
            {
                continue;
            }

            pairs++;
            everyday += odd[i] is (>= 0xB0 and <= 0xD7) or 0xA1 or 0xA3 && odd[i + 1] >= 0xA1 ? 1 : 0;
            runs += before == i - 2 ? 1 : 0;
            before = i++;
        }

        return everyday * 10 >= pairs * 7 && runs * 3 >= pairs;
    }

    /// <summary>
    /// The separator that cuts the first lines into the same number of cells; null for a comma, and when none does.
    /// </summary>
    private static char? FindSeparator(string text)
    {
        var lines = text.Split(["\r\n", "\n", "\r"], SampleLines + 2, StringSplitOptions.RemoveEmptyEntries)
            .Take(SampleLines).ToArray();
        if (lines.Length == 0 || lines[0].StartsWith("sep=", StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        var best = Separators
            .Select(separator => (Separator: separator, Cells: lines.Select(line => Cells(line, separator)).ToArray()))
            .Where(candidate => candidate.Cells[0] > 1)
            .OrderByDescending(candidate => candidate.Cells.Count(cells => cells == candidate.Cells[0]))
            .ThenByDescending(candidate => candidate.Cells[0])
            .FirstOrDefault();
        return best.Separator is '\0' or ',' ? null : best.Separator;
    }

    private static int Cells(string line, char separator)
    {
        var (cells, quoted) = (1, false);
        foreach (var c in line)
        {
            quoted ^= c == '"';
            cells += c == separator && !quoted ? 1 : 0;
        }

        return cells;
    }
}

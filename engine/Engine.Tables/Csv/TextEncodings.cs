using System.Text;
using Engine.Tables.Rows;

namespace Engine.Tables.Csv;

/// <summary>Finds encodings by name, the legacy ones of Windows and of East Asia among them.</summary>
public static class TextEncodings
{
    private const string Known =
        "utf-8, gb18030, big5, shift_jis, euc-kr, windows-1252, iso-8859-1, utf-16 and utf-16be are known";

    /// <summary>The encoding of a name; bytes that are not text in it are read as U+FFFD.</summary>
    /// <exception cref="TableException">There is no such encoding.</exception>
    public static Encoding Find(string name)
    {
        var plain = name.Trim().ToUpperInvariant() switch
        {
            "UTF8" => "utf-8",
            "GBK" or "GB2312" or "CP936" => "gb18030", // the superset of both
            "LATIN1" or "LATIN-1" => "iso-8859-1",
            "CP1252" or "ANSI" => "windows-1252",
            "UTF16" or "UTF-16LE" => "utf-16",
            _ => name.Trim(),
        };
        try
        {
            return CodePagesEncodingProvider.Instance.GetEncoding(
                plain, EncoderFallback.ReplacementFallback, DecoderFallback.ReplacementFallback)
                ?? Encoding.GetEncoding(
                    plain, EncoderFallback.ReplacementFallback, new DecoderReplacementFallback("\uFFFD"));
        }
        catch (ArgumentException e)
        {
            throw new TableException(
                $"found the encoding '{name}'; expected the name of one: {Known}. Correct 'encoding' in the mapping.",
                e);
        }
    }
}

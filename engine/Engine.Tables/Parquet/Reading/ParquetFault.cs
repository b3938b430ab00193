using System.Globalization;
using Engine.Tables.Rows;
using ParquetSharp;

namespace Engine.Tables.Parquet.Reading;

/// <summary>Names the cause of an error of the library: something it does not read, or damage.</summary>
internal static class ParquetFault
{
    private const int LongestCause = 200;

    private static readonly string[] NotRead = [
        "not supported", "unsupported", "not implemented", "not yet implemented", "NotImplemented", "unknown encoding",
    ];

    public static TableException Explain(
        Exception error, ParquetField field, ColumnChunkMetaData description, int group)
    {
        var how = $"({field.Type}; encodings {string.Join(", ", description.Encodings.Distinct())}; "
            + $"compression {description.Compression})";
        var cause = Cause(error);
        return NotRead.Any(words => error.Message.Contains(words, StringComparison.OrdinalIgnoreCase))
            ? field.Refuse(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{how} cannot be decoded in row group {group}: {cause}. Write it with plain or dictionary "
                    + $"encoding "
                    + $"and snappy or no compression"),
                error)
            : new TableException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{field.File} cannot be read as Parquet: row group {group} of the column '{field.Name}' {how} is "
                    + $"damaged, or is written in an unusual form: {cause}. Copy the file again, or write it with "
                    + $"plain or dictionary encoding{(error is OutOfMemoryException ? ", or give more memory" : "")}."),
                error);
    }

    /// <summary>The library's words in one short line, without the name of its exception.</summary>
    public static string Cause(Exception error)
    {
        const string Before = "(message: '";
        var text = error is OutOfMemoryException
            ? "not enough memory for one of its pages, whose size may be wrong"
            : error.Message;
        var start = text.IndexOf(Before, StringComparison.Ordinal);
        text = start < 0 ? text : text[(start + Before.Length)..].TrimEnd('\'', ')');
        text = string.Concat(text.Select(c => char.IsControl(c) || c == '\uFFFD' ? ' ' : c)).Trim().TrimEnd('.');
        return text.Length <= LongestCause ? text : text[..LongestCause] + "...";
    }
}

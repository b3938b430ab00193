namespace Engine.Tables.Csv;

/// <summary>
/// Ids, names and other texts in CSV that people open. A spreadsheet computes a cell that begins with = + - @, also in
/// their wide East Asian forms, a tab or a line end, so such a text gets an apostrophe in front; a plain number (+4912,
/// -5.1) does not need one. A text that has apostrophes before such a beginning gets one more, so that
/// <see cref="Read"/> gives back every text as it was.
/// </summary>
public static class SpreadsheetText
{
    private const byte Mark = (byte)'\'';

    /// <summary>The cell of a text: UTF-8 that no spreadsheet computes.</summary>
    public static ReadOnlySpan<byte> Write(ReadOnlySpan<byte> text) =>
        IsFormula(text.TrimStart(Mark)) ? (byte[])[Mark, .. text] : text;

    /// <summary>The text of a cell that <see cref="Write"/> wrote.</summary>
    public static string Read(ReadOnlySpan<char> cell) =>
        cell is ['\'', ..] && IsFormula(System.Text.Encoding.UTF8.GetBytes(cell.TrimStart('\'').ToString()))
            ? cell[1..].ToString()
            : cell.ToString();

    private static bool IsFormula(ReadOnlySpan<byte> text) =>
        text is [(byte)'=' or (byte)'@' or (byte)'\t' or (byte)'\r' or (byte)'\n', ..]
            || text.StartsWith("\uFF1D"u8) || text.StartsWith("\uFF0B"u8)
            || text.StartsWith("\uFF0D"u8) || text.StartsWith("\uFF20"u8)
            || (text is [(byte)'+' or (byte)'-', ..] && !IsNumber(text[1..]));

    private static bool IsNumber(ReadOnlySpan<byte> text)
    {
        foreach (var letter in text)
        {
            if (letter is not ((>= (byte)'0' and <= (byte)'9') or (byte)'.'))
            {
                return false;
            }
        }

        return text.Length > 0;
    }
}

namespace Trainer.Data.Rows;

/// <summary>
/// Orders strings as their UTF-8 bytes, without encoding them. UTF-16 order differs only where a surrogate (a character
/// beyond U+FFFF, the last in UTF-8) meets a character of U+E000 .. U+FFFF: surrogates are lifted above those.
/// </summary>
public sealed class Utf8Order : IComparer<string>
{
    /// <summary>The one instance.</summary>
    public static Utf8Order Instance { get; } = new();

    /// <inheritdoc/>
    public int Compare(string? x, string? y)
    {
        var a = x.AsSpan();
        var b = y.AsSpan();
        var same = a.CommonPrefixLength(b);
        return same == a.Length || same == b.Length ? a.Length.CompareTo(b.Length) : Lift(a[same]) - Lift(b[same]);
    }

    private static int Lift(char c) => char.IsSurrogate(c) ? c + 0x10000 : c;
}

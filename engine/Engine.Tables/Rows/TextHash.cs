namespace Engine.Tables.Rows;

/// <summary>
/// A 64-bit hash of text, the same in every run and on every machine: four characters at a time, folded by a 64 x 64 ->
/// 128 bit multiplication.
/// </summary>
internal static class TextHash
{
    private const ulong Key1 = 0xa0761d6478bd642f;
    private const ulong Key2 = 0xe7037ed1a0b428db;

    /// <summary>The hash; every bit depends on every character and on the length.</summary>
    public static ulong Compute(ReadOnlySpan<char> text)
    {
        var hash = Key1 ^ (ulong)text.Length;
        while (text.Length >= 4)
        {
            hash =
                Fold(hash ^ (text[0] | ((ulong)text[1] << 16) | ((ulong)text[2] << 32) | ((ulong)text[3] << 48)), Key2);
            text = text[4..];
        }

        var tail = 0UL;
        foreach (var c in text)
        {
            tail = (tail << 16) | c;
        }

        return Fold(Fold(hash ^ tail, Key2), Key1);
    }

    private static ulong Fold(ulong a, ulong b)
    {
        var high = Math.BigMul(a, b, out var low);
        return high ^ low;
    }
}

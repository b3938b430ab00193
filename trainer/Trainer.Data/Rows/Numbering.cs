namespace Trainer.Data.Rows;

/// <summary>New numbers for some of the things that were numbered before.</summary>
public static class Numbering
{
    /// <summary>The new number of each old one, -1 where it has none.</summary>
    /// <param name="source">For each new number the old one; no two are equal.</param>
    /// <param name="count">Old numbers.</param>
    public static int[] Invert(ReadOnlySpan<int> source, int count)
    {
        var numbers = new int[count];
        Array.Fill(numbers, -1);
        for (var i = 0; i < source.Length; i++)
        {
            numbers[source[i]] = i;
        }

        return numbers;
    }
}

using Engine.Kernels;

namespace Engine.Snapshots.Mapping;

/// <summary>Checks of the arrays that say where rows start.</summary>
internal static class Offsets
{
    /// <summary>Says what is wrong, or null: from 0 to <paramref name="count"/>, never descending.</summary>
    public static string? FindProblem(MappedOffsets offsets, long count)
    {
        if (offsets[0] != 0 || offsets[offsets.Length - 1] != count)
        {
            return InvariantText.Of(
                $"found offsets from {offsets[0]} to {offsets[offsets.Length - 1]}, expected 0 to {count}");
        }

        for (var i = 1L; i < offsets.Length; i++)
        {
            if (offsets[i] < offsets[i - 1])
            {
                return InvariantText.Of(
                    $"found offset {offsets[i]} after {offsets[i - 1]} at {i}, expected no descent");
            }
        }

        return null;
    }

    /// <summary>
    /// Says what is wrong, or null: every element is at least <paramref name="first"/> and less than
    /// <paramref name="end"/>.
    /// </summary>
    public static string? FindOutside(MappedArray<int> elements, int first, long end)
    {
        for (var i = 0L; i < elements.Length; i++)
        {
            if (elements[i] < first || elements[i] >= end)
            {
                return InvariantText.Of($"found {elements[i]} at {i}, expected {first}..{end - 1}");
            }
        }

        return null;
    }
}

using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Engine.Kernels.Search;

/// <summary>One entry of a ranking: a row's ordinal and its score.</summary>
/// <param name="Ordinal">The row in the searched matrix: a product, or a user in reverse searches.</param>
/// <param name="Score">The combined score.</param>
public readonly record struct ScoredRow(int Ordinal, float Score)
{
    /// <summary>The same entries under a type that says what the rows are: an ordinal, then a score.</summary>
    internal static ReadOnlySpan<T> As<T>(ReadOnlySpan<ScoredRow> rows)
        where T : unmanaged
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(Unsafe.SizeOf<T>(), Unsafe.SizeOf<ScoredRow>());
        return MemoryMarshal.Cast<ScoredRow, T>(rows);
    }
}

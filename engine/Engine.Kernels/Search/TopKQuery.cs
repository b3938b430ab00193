using Engine.Kernels.Arithmetic;
using Engine.Kernels.Sparse;

namespace Engine.Kernels.Search;

/// <summary>One search: which vector, which sparse addends, which rows may be returned.</summary>
public readonly ref struct TopKQuery
{
    /// <summary>
    /// The query's factors, <see cref="FactorRows.Stride"/> floats, padded by zeros; or a row of dense ones, where the
    /// matrix has zeros as its padding.
    /// </summary>
    public required ReadOnlySpan<float> Vector { get; init; }

    /// <summary>
    /// The sparse part: ordinals ascend, each at most once. Score = dense + addend; without a term, dense.
    /// </summary>
    public ReadOnlySpan<SparseTerm> Sparse { get; init; }

    /// <summary>
    /// The sparse part as the sums that were made of it, a target each row, in place of <see cref="Sparse"/>: faster.
    /// </summary>
    public SparseSums? Sums { get; init; }

    /// <summary>
    /// One bit per row, ceil(rows / 64) words, bit (i mod 64) of word (i / 64) for row i; bits past the last row are
    /// zero. Empty means that every row may be returned; an empty pool is words of zero.
    /// </summary>
    public ReadOnlySpan<ulong> Eligible { get; init; }

    /// <summary>
    /// Rows that may not be returned whatever <see cref="Eligible"/> says: ordinals ascend, each at most once.
    /// </summary>
    public ReadOnlySpan<int> Excluded { get; init; }

    /// <summary>
    /// Rows whose score is at most this are not wanted: fewer than K may be returned, and less is read. Null wants all.
    /// </summary>
    public float? Least { get; init; }

    /// <summary>
    /// Of the K best rows, those whose score is less than that of the row of this rank, minus <see cref="Slack"/>, are
    /// not wanted: fewer than K may be returned, and less is read. 0 wants all.
    /// </summary>
    public int Near { get; init; }

    /// <summary>0 or more. See <see cref="Near"/>.</summary>
    public float Slack { get; init; }

    /// <summary>
    /// Ends the search early, with <see cref="OperationCanceledException"/>; looked at every few thousand rows.
    /// </summary>
    public CancellationToken Cancellation { get; init; }

    /// <summary>Refuses spans that do not fit <paramref name="matrix"/>; rows named are within it.</summary>
    internal void Check(FactorRows matrix)
    {
        if (Vector.Length != matrix.Stride)
        {
            throw new ArgumentException(
                InvariantText.Of(
                    $"found a query of {Vector.Length} floats; expected {matrix.Stride}, padded by zeros"));
        }

        if (!Eligible.IsEmpty && Eligible.Length != WordsOf(matrix.Rows))
        {
            throw new ArgumentException(
                InvariantText.Of(
                    $"found {Eligible.Length} words of eligible rows; expected {WordsOf(matrix.Rows)} for "
                    + $"{matrix.Rows} rows, or none"));
        }

        if (!Eligible.IsEmpty && matrix.Rows % 64 != 0 && Eligible[^1] >> (matrix.Rows % 64) != 0)
        {
            throw new ArgumentException(InvariantText.Of(
                $"found eligible bits past row {matrix.Rows - 1}; expected zeros there"));
        }

        if (Sums is not null && (Sums.Size != matrix.Rows || !Sparse.IsEmpty))
        {
            throw new ArgumentException(
                InvariantText.Of(
                    $"found sums of {Sums.Size} rows beside {Sparse.Length} sparse terms; expected {matrix.Rows} rows "
                    + $"and "
                    + $"no terms"));
        }

        var last = -1;
        foreach (var term in Sparse)
        {
            last = Ascending(term.Ordinal, last, matrix.Rows, "sparse terms");
        }

        last = -1;
        foreach (var ordinal in Excluded)
        {
            last = Ascending(ordinal, last, matrix.Rows, "excluded rows");
        }
    }

    /// <summary>By the score of the row of rank <see cref="Near"/>: rows up to it are not wanted.</summary>
    internal static float LeastNear(float score, float slack) => MathF.BitDecrement(score - slack);

    /// <summary>Words of a bitset over <paramref name="rows"/> rows.</summary>
    public static int WordsOf(int rows) => (int)(((long)rows + 63) / 64);

    private static int Ascending(int ordinal, int last, int rows, string what) => ordinal > last && ordinal < rows
        ? ordinal
        : throw new ArgumentException(
            InvariantText.Of(
                $"found row {ordinal} after row {last} in the {what}; expected ascending rows below {rows}"));
}

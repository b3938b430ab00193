namespace Trainer.Models.Ridge;

/// <summary>
/// A symmetric item-item Gram: its diagonal, and of every row the entries left of it that were kept. Items are numbered
/// by descending number of users: whether a pair counts is decided by the row of the item that fewer have, to which it
/// matters more, and every pair is looked at once.
/// </summary>
public interface IGram
{
    /// <summary>G[i,i].</summary>
    float[] Diagonal { get; }

    /// <summary>The kept columns of one row that are less than it, ascending.</summary>
    ReadOnlySpan<int> Lower(int row);

    /// <summary>Their values; others may follow.</summary>
    ReadOnlySpan<float> Values(int row);
}

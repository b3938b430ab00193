namespace Trainer.Models;

/// <summary>A symmetric item-item Gram: its diagonal, and the entries of every row that were kept.</summary>
public interface IGram
{
    /// <summary>G[i,i].</summary>
    float[] Diagonal { get; }

    /// <summary>The kept columns of one row, ascending, without the diagonal.</summary>
    ReadOnlySpan<int> Columns(int row);

    /// <summary>Their values.</summary>
    ReadOnlySpan<float> Values(int row);
}

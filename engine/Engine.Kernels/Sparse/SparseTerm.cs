namespace Engine.Kernels.Sparse;

/// <summary>What the sparse part adds to one row's dense score.</summary>
/// <param name="Ordinal">The row.</param>
/// <param name="Addend">Added to the dense score in one fp32 addition.</param>
public readonly record struct SparseTerm(int Ordinal, float Addend);

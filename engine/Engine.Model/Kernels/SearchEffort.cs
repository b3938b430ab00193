namespace Engine.Model.Kernels;

/// <summary>What one search touched, for reports.</summary>
/// <param name="CodedBlocks">Blocks of 64 rows whose codes were read.</param>
/// <param name="ExactRows">Rows scored exactly.</param>
public readonly record struct SearchEffort(int CodedBlocks, int ExactRows);

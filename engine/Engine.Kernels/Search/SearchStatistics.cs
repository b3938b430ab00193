namespace Engine.Kernels.Search;

/// <summary>What one search touched, for reports.</summary>
/// <param name="CodedBlocks">Blocks of 64 rows whose codes were read.</param>
/// <param name="CodedColumns">Columns that were read of them, 64 bytes each.</param>
/// <param name="ExactRows">Rows scored exactly.</param>
public readonly record struct SearchStatistics(int CodedBlocks, int CodedColumns, int ExactRows);

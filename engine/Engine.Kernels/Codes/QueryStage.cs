namespace Engine.Kernels.Codes;

/// <summary>A point at which a block can be given up: what the columns before it leave open.</summary>
/// <param name="Pairs">Pairs of columns summed by then.</param>
/// <param name="Offset">
/// -128 times the sum of their codes, modulo 2^16: takes back the offset of the rows' bytes.
/// </param>
/// <param name="Rest">The norm of the query's columns that follow, rounded up; 0 at the last stage.</param>
internal readonly record struct QueryStage(int Pairs, short Offset, float Rest);

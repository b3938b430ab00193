using System.Runtime.InteropServices;
using Engine.Snapshots.Ids;

namespace Engine.Scoring.Queries;

/// <summary>One product of an answer.</summary>
/// <param name="Product">The product in the snapshot that was asked.</param>
/// <param name="Score">Its score for the user or audience.</param>
[StructLayout(LayoutKind.Sequential)]
public readonly record struct ScoredProduct(ProductOrdinal Product, float Score);

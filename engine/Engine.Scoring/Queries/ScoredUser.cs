using System.Runtime.InteropServices;
using Engine.Snapshots.Ids;

namespace Engine.Scoring.Queries;

/// <summary>One user of an answer.</summary>
/// <param name="User">The user in the snapshot that was asked.</param>
/// <param name="Score">The user's score for the product.</param>
[StructLayout(LayoutKind.Sequential)]
public readonly record struct ScoredUser(UserOrdinal User, float Score);

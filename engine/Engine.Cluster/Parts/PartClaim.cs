namespace Engine.Cluster.Parts;

/// <summary>A part that this process works on until its lease ends; the lease is renewed while it is held.</summary>
/// <param name="Part">0 for the first; as many as there are parts for the assembly.</param>
/// <param name="Epoch">Names the file of the part: every claim has a new one.</param>
public sealed record PartClaim(int Part, int Epoch);

/// <summary>A committed part.</summary>
/// <param name="Part">0 for the first.</param>
/// <param name="Epoch">Names its file.</param>
/// <param name="Rows">Result rows.</param>
/// <param name="Length">Bytes.</param>
/// <param name="Crc">CRC-32C of the bytes.</param>
/// <param name="Detail">What the format's footer needs.</param>
public sealed record CommittedPart(int Part, int Epoch, int Rows, long Length, uint Crc, byte[] Detail);

/// <summary>How far a result is.</summary>
/// <param name="HasEnded">Whether it is published or given up.</param>
/// <param name="Record">What was stored with its end; null before, or when there is none.</param>
/// <param name="Committed">Committed parts.</param>
/// <param name="Rows">Their rows.</param>
public readonly record struct ResultState(bool HasEnded, string? Record, int Committed, long Rows);

namespace Engine.Snapshots.Ids;

/// <summary>The three arrays of an id table, ready to be written; FORMAT.md has their layout.</summary>
/// <param name="Records">Per id: ordinal (4 bytes), length (2 bytes), UTF-8 bytes.</param>
/// <param name="Offsets">Where each record starts, by ordinal, and the end of the last one.</param>
/// <param name="Slots">
/// The hash table: 0 for empty, else record offset + 1 in the low 40 bits, hash in the high 24.
/// </param>
internal sealed record IdTableData(byte[] Records, long[] Offsets, long[] Slots);

using MessagePack;

namespace Engine.Snapshots.Manifest;

/// <summary>One bin of the reliability curve.</summary>
/// <param name="Predicted">Mean probability.</param>
/// <param name="Observed">Share with a purchase.</param>
[MessagePackObject]
public sealed record ReliabilityBin(
    [property: Key("predicted")] double Predicted, [property: Key("observed")] double Observed);

using System.Globalization;
using Engine.Snapshots.Manifest;

namespace Engine.Snapshots;

/// <summary>The name of a snapshot: <c>yyyyMMdd-nN-checksum</c>, of date(L), horizon and content.</summary>
internal static class SnapshotId
{
    /// <summary>
    /// The section table's checksum covers the checksums of all sections, so it stands for the content.
    /// </summary>
    public static string Of(ScopeFacts scope, uint tableCrc) => string.Create(
        CultureInfo.InvariantCulture,
        $"{scope.LastDay:yyyyMMdd}-n{scope.HorizonDays}-{tableCrc:x8}");
}

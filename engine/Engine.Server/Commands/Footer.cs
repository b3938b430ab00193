using Engine.Protos.V1;
using Spectre.Console;

namespace Engine.Server.Commands;

/// <summary>The lines below every printed answer.</summary>
internal static class Footer
{
    /// <summary>Snapshot, time, what was skipped, warnings.</summary>
    public static void Write(
        IAnsiConsole console,
        string snapshotId,
        IReadOnlyList<Skipped> skipped,
        long skippedCount,
        IEnumerable<string> warnings,
        long micros)
    {
        console.WriteLine($"snapshot {snapshotId}, {micros} us");
        foreach (var id in skipped)
        {
            console.WriteLine($"skipped '{Printable.Of(id.Id)}': {id.Reason}");
        }

        if (skippedCount > skipped.Count)
        {
            console.WriteLine($"skipped {skippedCount - skipped.Count} more");
        }

        foreach (var warning in warnings)
        {
            console.WriteLine($"warning: {Printable.Of(warning)}");
        }
    }
}

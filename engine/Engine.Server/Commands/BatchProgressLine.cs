using System.Globalization;
using Engine.Server.Batch;

namespace Engine.Server.Commands;

/// <summary>Progress on standard error: one line a second at most, and one at the end.</summary>
internal sealed class BatchProgressLine(TimeProvider time)
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private long _last = time.GetTimestamp();

    /// <summary>Prints how far the run is.</summary>
    public void Report(BatchProgress progress)
    {
        if (time.GetElapsedTime(_last) < Pause && progress.Parts < progress.AllParts)
        {
            return;
        }

        _last = time.GetTimestamp();
        Console.Error.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{100.0 * progress.Parts / progress.AllParts,5:F1} %  {progress.Rows:N0} rows, "
            + $"about {progress.Remaining.TotalSeconds:F0} s left"));
    }
}

using System.Globalization;

namespace Trainer.Data.Running;

/// <summary>How much memory this process can get.</summary>
internal static class MemoryLimit
{
    private const long Kilobyte = 1024;

    /// <summary>
    /// Bytes: what the runtime may take (container, ulimit, DOTNET_GCHeapHardLimit), and no more than this process has
    /// and the machine has free.
    /// </summary>
    public static long Find()
    {
        var allowed = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        return OperatingSystem.IsLinux() ? Math.Min(allowed, Environment.WorkingSet + Free()) : allowed;
    }

    // The kernel's own estimate of what new work gets without swapping, and the swap space.
    private static long Free()
    {
        try
        {
            return File.ReadLines("/proc/meminfo")
                .Where(line => line.StartsWith("MemAvailable:", StringComparison.Ordinal)
                    || line.StartsWith("SwapFree:", StringComparison.Ordinal))
                .Sum(line => Kilobyte * long.Parse(
                    line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return long.MaxValue / 2;
        }
    }
}

using System.Globalization;

namespace Engine.Server.Workspaces;

/// <summary>Memory that this process can still get, by the machine and by its control group.</summary>
internal static class AvailableMemory
{
    private const string Group = "/sys/fs/cgroup";

    /// <summary>In bytes; <see cref="long.MaxValue"/> where the system does not say.</summary>
    public static long Bytes => Math.Min(OfMachine(), OfGroup());

    /// <summary>The bytes in a line such as "MemAvailable:   24000 kB"; null when there is none.</summary>
    public static long? Kilobytes(IEnumerable<string> lines, string name) =>
        lines.FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal))?.Split(
            ' ', StringSplitOptions.RemoveEmptyEntries) is [_, var number, ..]
        &&
            long.TryParse(number, CultureInfo.InvariantCulture, out var kilobytes) ? kilobytes << 10 : null;

    private static long OfMachine() =>
        Read("/proc/meminfo") is { } lines ? Kilobytes(lines, "MemAvailable:") ?? long.MaxValue : long.MaxValue;

    // Pages of files that nobody wrote to count as used there, and are given back when they are needed.
    private static long OfGroup() =>
        Number($"{Group}/memory.max") is { } most && Number($"{Group}/memory.current") is { } used
            ? most - used
                + (Read(
                    $"{Group}/memory.stat")?.Where(
                        line => line.StartsWith("inactive_file ", StringComparison.Ordinal)).Select(
                        line => long.Parse(line[14..], CultureInfo.InvariantCulture)).FirstOrDefault()
                    ?? 0)
            : long.MaxValue;

    private static long? Number(string path) =>
        Read(path) is [var line, ..] && long.TryParse(line, CultureInfo.InvariantCulture, out var bytes) ? bytes : null;

    private static string[]? Read(string path)
    {
        try
        {
            return File.Exists(path) ? File.ReadAllLines(path) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}

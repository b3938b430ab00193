using System.Globalization;

namespace Engine.Server.Workspaces;

/// <summary>Memory that this process can still get, by the machine and by its control groups.</summary>
internal static class AvailableMemory
{
    // Of both versions of control groups: where they are mounted, limit, use, and what of the use is given back.
    private static readonly GroupFiles[] Unified =
    [
        new("sys/fs/cgroup", "memory.max", "memory.current", "inactive_file "),
        new("sys/fs/cgroup/unified", "memory.max", "memory.current", "inactive_file "),
    ];

    private static readonly GroupFiles[] Separate =
        [new("sys/fs/cgroup/memory", "memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file ")];

    /// <summary>In bytes; <see cref="long.MaxValue"/> where the system does not say.</summary>
    public static long Bytes => Of("/");

    /// <summary>The same of a system whose files lie in a folder.</summary>
    internal static long Of(string root) => Math.Min(OfMachine(root), OfGroups(root));

    private static long OfMachine(string root) =>
        Read(Path.Join(root, "proc/meminfo"))?.FirstOrDefault(
            line => line.StartsWith("MemAvailable:", StringComparison.Ordinal)) is { } line
            && line.Split(' ', StringSplitOptions.RemoveEmptyEntries) is [_, var number, ..]
            && long.TryParse(number, CultureInfo.InvariantCulture, out var kilobytes)
            ? kilobytes << 10
            : long.MaxValue;

    // A line is ID:CONTROLLERS:PATH. Each group up to the first one may have a limit: systemd sets those of a unit, and
    // a container sees its own as the first, whatever path it has.
    private static long OfGroups(string root)
    {
        var least = long.MaxValue;
        foreach (var line in Read(Path.Join(root, "proc/self/cgroup")) ?? [])
        {
            if (line.Split(':', 3) is not [_, var controllers, var path])
            {
                continue;
            }

            var files = controllers.Length == 0 ? Unified
                : controllers.Split(',').Contains("memory") ? Separate : [];
            for (var up = path; ; up = Path.GetDirectoryName(up)!)
            {
                least = files.Select(one => OfGroup(Path.Join(root, one.Mount, up), one)).Append(least).Min();
                if (up.Length <= 1)
                {
                    break;
                }
            }
        }

        return least;
    }

    // Pages of files that nobody wrote to count as used there, and are given back when they are needed.
    private static long OfGroup(string folder, GroupFiles files)
    {
        if (Number(Path.Join(folder, files.Limit)) is not { } most
            || Number(Path.Join(folder, files.Use)) is not { } used)
        {
            return long.MaxValue;
        }

        var given = Read(Path.Join(folder, "memory.stat"))?.FirstOrDefault(
            line => line.StartsWith(files.GivenBack, StringComparison.Ordinal));
        return most - used
            + (given is null ? 0 : long.Parse(given.AsSpan(files.GivenBack.Length), CultureInfo.InvariantCulture));
    }

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

    private sealed record GroupFiles(string Mount, string Limit, string Use, string GivenBack);
}

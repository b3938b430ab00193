using System.Globalization;
using System.Runtime.InteropServices;

namespace Engine.Server.Batch;

/// <summary>
/// How long a thread keeps its core while others want it. Linux 6.12 and later let a thread of shorter turns take the
/// core from one of longer turns as soon as it wakes; else it waits for the end of a turn, milliseconds. Elsewhere, and
/// where the system refuses, turns stay as they are: it costs waiting, not answers.
/// </summary>
internal static class ThreadTurns
{
    private const ulong ShortNanoseconds = 100_000;
    private const uint Normal = 0;

    private const int Calling = 0;

    /// <summary>
    /// Shortens those of all threads of the process, and of all that they begin. The collector's threads run already:
    /// everything stands still while one of them waits for a core.
    /// </summary>
    public static void Shorten()
    {
        Set(Calling, ShortNanoseconds);
        foreach (var thread in All())
        {
            Set(thread, ShortNanoseconds);
        }
    }

    /// <summary>Gives the calling thread the turns of the system again.</summary>
    public static void Restore() => Set(Calling, 0);

    /// <summary>Nanoseconds of a turn of the calling thread; 0 where the system does not say.</summary>
    internal static ulong OfThisThread => Get(Calling) is { } found ? found.Runtime : 0;

    // None where the system does not say.
    private static IReadOnlyList<int> All()
    {
        try
        {
            return [.. Directory.EnumerateDirectories("/proc/self/task").Select(path => int.Parse(
                Path.GetFileName(path.AsSpan()), CultureInfo.InvariantCulture))];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    private static void Set(int thread, ulong nanoseconds)
    {
        // Priorities stay; a thread that runs by other rules, or has ended, is left alone.
        if (Get(thread) is { Policy: Normal } found)
        {
            found.Runtime = nanoseconds;
            _ = SetAttributes(Numbers!.Value.Set, thread, ref found, 0);
        }
    }

    private static Attributes? Get(int thread)
    {
        var found = default(Attributes);
        return Numbers is { } numbers
            && GetAttributes(numbers.Get, thread, ref found, (uint)Marshal.SizeOf<Attributes>(), 0) == 0
            ? found
            : null;
    }

    // Of the system calls sched_setattr and sched_getattr, which the C library of many systems lacks.
    private static (nint Set, nint Get)? Numbers =>
        (OperatingSystem.IsLinux(), RuntimeInformation.OSArchitecture) switch
        {
            (true, Architecture.X64) => (314, 315),
            (true, Architecture.Arm64) => (274, 275),
            _ => null,
        };

    [DllImport("libc", EntryPoint = "syscall")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern nint SetAttributes(nint number, int thread, ref Attributes attributes, uint flags);

    [DllImport("libc", EntryPoint = "syscall")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern nint GetAttributes(
        nint number, int thread, ref Attributes attributes, uint size, uint flags);

    // sched_attr of linux/sched/types.h, its first version. Runtime is the length of a turn here.
    [StructLayout(LayoutKind.Sequential)]
    private struct Attributes
    {
        public uint Size;
        public uint Policy;
        public ulong Flags;
        public int Nice;
        public uint Priority;
        public ulong Runtime;
        public ulong Deadline;
        public ulong Period;
    }
}

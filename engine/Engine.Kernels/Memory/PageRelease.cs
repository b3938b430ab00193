using System.Runtime.InteropServices;

namespace Engine.Kernels.Memory;

/// <summary>
/// Gives the pages of memory back that is freed or unmapped next, some at a time. In one step the system holds a lock
/// of the process for all pages of a large range, and threads that touch new pages wait for it.
/// </summary>
internal static unsafe partial class PageRelease
{
    private const nuint Page = 4096;
    private const nuint Slice = 4 << 20;
    private const int MadviseDontNeed = 4;

    /// <summary>Releases the whole pages of a range; nobody may need what is in them.</summary>
    public static void InSlices(void* start, long bytes)
    {
        var at = ((nuint)start + Page - 1) & ~(Page - 1);
        var end = ((nuint)start + (nuint)bytes) & ~(Page - 1);
        if (!OperatingSystem.IsLinux() || end <= at || end - at <= Slice)
        {
            return;
        }

        for (; at < end; at += Slice)
        {
            // Advice: refused, all pages go at once when the range is freed.
            _ = Advise((void*)at, Math.Min(Slice, end - at), MadviseDontNeed);
            Thread.Yield();
        }
    }

    [LibraryImport("libc", EntryPoint = "madvise")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Advise(void* start, nuint length, int advice);
}

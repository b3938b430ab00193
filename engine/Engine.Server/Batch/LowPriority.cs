using System.Runtime.InteropServices;

namespace Engine.Server.Batch;

/// <summary>
/// Threads that run only when no other thread wants the core. On Linux that is SCHED_IDLE (sched(7)): any other thread
/// preempts it at once, while a thread of nice 19 keeps its core for some milliseconds. .NET thread priorities have no
/// effect on Linux; elsewhere they are used.
/// </summary>
internal static partial class LowPriority
{
    private const int Idle = 5;
    private const int Nice = 5;

    /// <summary>Gives the calling thread low priority for good: it must not be a pool thread.</summary>
    public static void OfThisThread()
    {
        if (OperatingSystem.IsLinux())
        {
            // 0 is the calling thread; an idle thread has the one priority 0. A refusal costs speed, not answers.
            var priority = 0;
            _ = SetScheduler(0, Idle, ref priority);
        }
        else
        {
            Thread.CurrentThread.Priority = ThreadPriority.Lowest;
        }
    }

    /// <summary>
    /// Gives the calling thread a third of the share of the others, and turns that they may break, for good. A caller
    /// waits for it, so it must go on beside a busy neighbor, where an idle one would stand still.
    /// </summary>
    public static void BehindOthers()
    {
        if (OperatingSystem.IsLinux())
        {
            // 0 and 0: the calling thread.
            _ = SetPriority(0, 0, Nice);
            ThreadTurns.Restore();
        }
        else
        {
            Thread.CurrentThread.Priority = ThreadPriority.BelowNormal;
        }
    }

    [DllImport("libc", EntryPoint = "setpriority")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int SetPriority(int which, int who, int nice);

    [DllImport("libc", EntryPoint = "sched_setscheduler")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int SetScheduler(int thread, int policy, ref int priority);
}

using System.Runtime.InteropServices;

namespace Engine.Server.Batch;

/// <summary>
/// Threads that run only when no other thread wants the core. On Linux that is SCHED_IDLE (sched(7)): any other thread
/// preempts it at once, while a thread of nice 19 keeps its core for some milliseconds. .NET thread priorities have no effect
/// on Linux; elsewhere they are used.
/// </summary>
internal static partial class LowPriority
{
    private const int Idle = 5;

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

    [DllImport("libc", EntryPoint = "sched_setscheduler")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int SetScheduler(int thread, int policy, ref int priority);
}

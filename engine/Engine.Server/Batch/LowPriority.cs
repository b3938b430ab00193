using System.Runtime.InteropServices;

namespace Engine.Server.Batch;

/// <summary>
/// A thread that works only when no other wants the core. On Linux a thread may ask to be idle work (sched(7), SCHED_IDLE):
/// whatever wakes takes its core at once, where a thread of nice 19 keeps it for some milliseconds more. .NET's thread
/// priorities do nothing there; elsewhere they are used.
/// </summary>
internal static partial class LowPriority
{
    private const int Idle = 5;

    /// <summary>The calling thread stands back for good: it must not be one of the pool.</summary>
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

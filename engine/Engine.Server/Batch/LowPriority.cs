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
    private const int Nice = 15;
    private const uint AttributesSize = 48;
    private const ulong LongTurn = 100_000_000;
    private const nint SetAttributesX64 = 314;
    private const nint SetAttributesArm64 = 274;

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
    /// Gives the calling thread a thirtieth of the share of the others for good, in long turns that every other thread
    /// may break: Linux lets a thread that wakes preempt one of longer turns (since 6.12) and of a far smaller share.
    /// A caller waits for this thread, so it must go on beside a busy neighbor, where an idle one would stand still.
    /// </summary>
    public static void BehindOthers()
    {
        if (!OperatingSystem.IsLinux())
        {
            Thread.CurrentThread.Priority = ThreadPriority.BelowNormal;
            return;
        }

        var attributes = new SchedulingAttributes { Size = AttributesSize, Nice = Nice, Turn = LongTurn };
        var isX64 = RuntimeInformation.ProcessArchitecture == Architecture.X64;
        _ = SystemCall(isX64 ? SetAttributesX64 : SetAttributesArm64, 0, ref attributes, 0);
    }

    [DllImport("libc", EntryPoint = "syscall")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern nint SystemCall(nint number, nint thread, ref SchedulingAttributes attributes, nint flags);

    [DllImport("libc", EntryPoint = "sched_setscheduler")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int SetScheduler(int thread, int policy, ref int priority);

    /// <summary>struct sched_attr of sched_setattr(2), without the fields of other policies.</summary>
    private struct SchedulingAttributes
    {
        public uint Size;
        public uint Policy;
        public ulong Flags;
        public int Nice;
        public uint Priority;
        public ulong Turn;
        public ulong Deadline;
        public ulong Period;
    }
}

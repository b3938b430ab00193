using System.Runtime.InteropServices;

namespace Engine.Server.Batch;

/// <summary>
/// A thread that works only when no other wants the core. On Linux a thread has a nice value of its own, and .NET's thread
/// priorities do nothing there; elsewhere they are used.
/// </summary>
internal static partial class LowPriority
{
    private const int Process = 0;
    private const int Nicest = 19;

    /// <summary>The calling thread stands back for good: it must not be one of the pool.</summary>
    public static void OfThisThread()
    {
        if (OperatingSystem.IsLinux())
        {
            // "Process" 0 is the calling thread: on Linux nice values belong to threads. A refusal costs speed, not answers.
            _ = SetPriority(Process, 0, Nicest);
        }
        else
        {
            Thread.CurrentThread.Priority = ThreadPriority.Lowest;
        }
    }

    [DllImport("libc", EntryPoint = "setpriority")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int SetPriority(int which, uint who, int priority);
}

using Engine.Server.Batch;

namespace Engine.Tests.Server;

/// <summary>Threads of requests take the core from others when they wake.</summary>
public sealed class ThreadTurnsTests
{
    private const ulong Short = 100_000;

    [TurnsFact]
    public void Threads_have_and_inherit_short_turns_and_heavy_ones_have_those_of_the_system()
    {
        var (first, child, heavy, earlier) = (0ul, 0ul, 0ul, 0ul);
        using var shortened = new ManualResetEventSlim();
        var before = new Thread(() =>
        {
            shortened.Wait();
            earlier = ThreadTurns.OfThisThread;
        });
        before.Start();
        Run(() =>
        {
            ThreadTurns.Shorten();
            first = ThreadTurns.OfThisThread;
            Run(() => child = ThreadTurns.OfThisThread);
            Run(() =>
            {
                LowPriority.BehindOthers();
                heavy = ThreadTurns.OfThisThread;
            });
        });
        shortened.Set();
        before.Join();
        Assert.Equal((Short, Short, Short), (first, child, earlier));
        Assert.InRange(heavy, Short + 1, ulong.MaxValue);
    }

    private static void Run(ThreadStart work)
    {
        var thread = new Thread(work);
        thread.Start();
        thread.Join();
    }

    private sealed class TurnsFactAttribute : FactAttribute
    {
        private static readonly Version Least = new(6, 12);

        public TurnsFactAttribute()
        {
            if (!OperatingSystem.IsLinux() || Environment.OSVersion.Version < Least)
            {
                Skip = $"turns of threads are of Linux {Least} and later; this is {Environment.OSVersion}";
            }
        }
    }
}

using Engine.Server.Admission;
using Engine.Server.Configuration;
using Engine.Server.Errors;
using Grpc.Core;

namespace Engine.Tests.Server;

/// <summary>
/// The queue of heavy calls: bounded, left by callers who have gone, and never larger than its threads.
/// </summary>
public sealed class HeavyWorkTests
{
    [Fact]
    public async Task A_full_queue_refuses_with_a_time_to_try_again_and_takes_calls_again_when_one_ends()
    {
        using var heavy = new HeavyWork(new CallLimits { HeavyThreads = 1, HeavyCalls = 2 });
        using var gate = new ManualResetEventSlim();
        var running = heavy.Run(() => Open(gate), CancellationToken.None);
        var waiting = heavy.Run(() => 2, CancellationToken.None);
        var error = await Assert.ThrowsAsync<ExhaustedException>(() => heavy.Run(() => 3, CancellationToken.None));
        Assert.Equal(StatusCode.ResourceExhausted, CallStatus.CodeOf(error, CancellationToken.None));
        var details = CallStatus.Of(error, StatusCode.ResourceExhausted, "r").Details;
        Assert.Equal(1, details[0].Unpack<Google.Rpc.RetryInfo>().RetryDelay.Seconds);
        Assert.Equal("r", details[1].Unpack<Google.Rpc.RequestInfo>().RequestId);
        gate.Set();
        Assert.Equal((1, 2), (await running, await waiting));
        Assert.Equal(4, await heavy.Run(() => 4, CancellationToken.None));
        Assert.Equal(0, heavy.Calls);
    }

    [Fact]
    public void Batches_of_events_that_wait_are_bounded_by_their_bytes()
    {
        using var intake = new EventIntake();
        const long Most = 256L << 20;
        intake.Enter(2 * Most);
        var error = Assert.Throws<ExhaustedException>(() => intake.Enter(1));
        Assert.Contains("expected at most 268,435,456", error.Message, StringComparison.Ordinal);
        intake.Leave(2 * Most);
        intake.Enter(Most - 1);
        intake.Enter(1);
        Assert.Throws<ExhaustedException>(() => intake.Enter(1));
    }

    [Fact]
    public async Task A_full_intake_of_events_speaks_of_batches()
    {
        using var intake = new EventIntake();
        using var gate = new ManualResetEventSlim();
        var waiting =
            Enumerable.Range(0, 1_024).Select(_ => intake.Run(() => Open(gate), CancellationToken.None)).ToArray();
        var error = await Assert.ThrowsAsync<ExhaustedException>(() => intake.Run(() => 1, CancellationToken.None));
        Assert.Contains("found 1024 batches of events that run or wait", error.Message, StringComparison.Ordinal);
        gate.Set();
        await Task.WhenAll(waiting);
    }

    [Fact]
    public async Task A_call_whose_caller_has_gone_never_runs()
    {
        using var heavy = new HeavyWork(new CallLimits { HeavyThreads = 1, HeavyCalls = 100 });
        using var gate = new ManualResetEventSlim();
        using var gone = new CancellationTokenSource();
        var running = heavy.Run(() => Open(gate), CancellationToken.None);
        var ran = 0;
        var abandoned =
            Enumerable.Range(0, 40).Select(_ => heavy.Run(() => Interlocked.Increment(ref ran), gone.Token)).ToArray();
        await gone.CancelAsync();
        foreach (var call in abandoned)
        {
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        }

        Assert.Equal(1, heavy.Calls);
        gate.Set();
        await running;
        Assert.Equal(0, await heavy.Run(() => Volatile.Read(ref ran), CancellationToken.None));
    }

    [Fact]
    public async Task Parallel_loops_stay_on_the_threads_of_heavy_calls()
    {
        using var heavy = new HeavyWork(new CallLimits { HeavyThreads = 1, HeavyCalls = 100 });
        var names = new System.Collections.Concurrent.ConcurrentDictionary<string, int>();
        var calls = Enumerable.Range(0, 8).Select(_ => heavy.Run(
            () =>
            {
                Parallel.For(
                    0,
                    64,
                    new ParallelOptions { TaskScheduler = TaskScheduler.Current },
                    _ => names.AddOrUpdate(Thread.CurrentThread.Name ?? "", 1, (_, n) => n + 1));
                return 0;
            },
            CancellationToken.None));
        await Task.WhenAll(calls);
        Assert.Equal(8 * 64, Assert.Single(names).Value);
        Assert.Equal("heavy 0", Assert.Single(names).Key);
    }

    [Fact]
    public async Task An_error_comes_out_as_itself_and_the_thread_survives()
    {
        using var heavy = new HeavyWork(new CallLimits { HeavyThreads = 1 });
        await Assert.ThrowsAsync<InputException>(
            () => heavy.Run<int>(() => throw new InputException("no"), CancellationToken.None));
        await Assert.ThrowsAnyAsync<OutOfMemoryException>(
            () => heavy.Run<int>(() => throw new InsufficientMemoryException(), CancellationToken.None));
        Assert.Equal(1, await heavy.Run(() => 1, CancellationToken.None));
        Assert.Equal(0, heavy.Calls);
    }

    private static int Open(ManualResetEventSlim gate)
    {
        gate.Wait();
        return 1;
    }
}

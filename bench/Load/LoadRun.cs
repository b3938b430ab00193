using System.Diagnostics;
using Engine;

namespace Bench.Load;

/// <summary>A whole load: warm-up, then rounds of alternating slices.</summary>
internal static class LoadRun
{
    /// <summary>Runs it.</summary>
    /// <exception cref="InputException">The engine refused what the load needs, or could not be reached.</exception>
    public static async Task<LoadResult> Run(ILoadTarget target, LoadPlan plan, CancellationToken stop)
    {
        var calls = await LoadCalls.Prepare(target, plan, stop);
        using var feed = plan.Events > 0 ? await EventFeed.Start() : null;
        PreparedCall[] empty = [new(Rpc.Empty, [])];
        await Warm(target, plan, [calls, empty], stop);
        var work = new BesideWork(target, plan);
        var parts = plan.Kinds.ToDictionary(kind => kind, kind => new LoadPart(kind), StringComparer.Ordinal);
        try
        {
            for (var round = 0; round < plan.Rounds; round++)
            {
                foreach (var part in plan.Kinds.Select(kind => parts[kind]))
                {
                    var slice = new Slice(target, part.Name == LoadPlan.Empty ? empty : calls, plan.SliceLength);
                    var before = part.Recording.Succeeded;
                    var running = Run(slice, plan, part.Recording, stop);
                    await (part.Name != LoadPlan.Beside ? running
                        : feed?.Beside(running) ?? work.Beside(running, stop));
                    part.Rates.Add((part.Recording.Succeeded - before) / (await running).TotalSeconds);
                }
            }
        }
        finally
        {
            await work.Restore();
        }

        return new(plan, [.. plan.Kinds.Select(kind => parts[kind])], work.Swaps, feed);
    }

    /// <summary>Sends the events of a load that another process runs.</summary>
    public static async Task Feed(ILoadTarget target, LoadPlan plan, CancellationToken stop) =>
        await new EventSender(
            target, plan, await LoadCalls.Users(target, plan, stop), await LoadCalls.Popular(target, plan, stop))
            .Run(stop);

    private static async Task Warm(
        ILoadTarget target, LoadPlan plan, PreparedCall[][] kinds, CancellationToken stop)
    {
        foreach (var kind in kinds)
        {
            var length = TimeSpan.FromSeconds(plan.WarmUp / kinds.Length);
            var first = await target.Send(0, kind[0]);
            if (first.Status != Outcome.Ok)
            {
                throw new InputException(
                    $"the first call ({kind[0].Rpc.Name}) to {plan.Target} ended with {first.Status}; expected OK. "
                    + "Check --target, --protocol, TLS and the key");
            }

            await Run(new Slice(target, kind, length), plan, new Recording(), stop);
        }
    }

    private static async Task<TimeSpan> Run(Slice slice, LoadPlan plan, Recording into, CancellationToken stop)
    {
        var start = Stopwatch.GetTimestamp();
        await (plan.Rate > 0
            ? slice.Open(plan.Rate, plan.AtOnce, into, stop)
            : slice.Closed(plan.Connections * plan.Streams, into, stop));
        return Stopwatch.GetElapsedTime(start);
    }
}

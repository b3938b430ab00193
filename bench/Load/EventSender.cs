using System.Diagnostics;
using System.Globalization;
using Engine.Protos.V1;
using Task = System.Threading.Tasks.Task;

namespace Bench.Load;

/// <summary>
/// Sends events at a fixed rate on a word, and counts what was acknowledged. The batches are made before: what is left
/// to do beside the calls is to send them.
/// </summary>
internal sealed class EventSender(ILoadTarget target, LoadPlan plan, string[] users, string[] products)
{
    private const int BatchRows = 1_000;

    // A sender waits for a reply before it opens another call.
    private const int AtOnce = 8;

    // As many new users as stored ones: their answers are folded, too.
    private const int NewUsers = 1_000_000;

    // Over and over, as later events of the same users.
    private const int Batches = 200;

    private readonly PutEventsRequest[] _batches = Make(plan, users, products);
    private int _sent;

    /// <summary>For each two lines of input: sends from the first to the second, and prints rows and seconds.</summary>
    public async Task Run(CancellationToken stop)
    {
        Console.WriteLine("ready");
        while (Console.ReadLine() is not null)
        {
            var (accepted, seconds) = await Send(Task.Run(Console.ReadLine, stop), stop);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{accepted} {seconds}"));
        }
    }

    private async Task<(long Accepted, double Seconds)> Send(Task slice, CancellationToken stop)
    {
        var accepted = 0L;
        var start = Stopwatch.GetTimestamp();
        var open = new List<Task<PutEventsReply>>();
        for (var batch = 0L; !slice.IsCompleted; batch++)
        {
            var due = TimeSpan.FromSeconds(batch * BatchRows / plan.Events) - Stopwatch.GetElapsedTime(start);
            if (due > TimeSpan.Zero)
            {
                await Task.WhenAny(slice, Task.Delay(due, stop));
            }

            if (open.Count == AtOnce)
            {
                var first = await Task.WhenAny(open);
                open.Remove(first);
                accepted += (await first).AcceptedCount;
            }

            open.Add(target.Ask<PutEventsReply>(Rpc.PutEvents, _batches[_sent++ % Batches], stop));
        }

        foreach (var reply in await Task.WhenAll(open))
        {
            accepted += reply.AcceptedCount;
        }

        return (accepted, Stopwatch.GetElapsedTime(start).TotalSeconds);
    }

    private static PutEventsRequest[] Make(LoadPlan plan, string[] users, string[] products)
    {
        var random = new Random(plan.Seed);
        var batches = new PutEventsRequest[Batches];
        for (var batch = 0; batch < Batches; batch++)
        {
            batches[batch] = new PutEventsRequest { Workspace = plan.Workspace };
            var time = plan.EventsFrom.AddSeconds(batch).ToString("yyyy-MM-ddTHH:mm:ss", CultureInfo.InvariantCulture);
            for (var row = 0; row < BatchRows; row++)
            {
                batches[batch].Events.Add(new Event
                {
                    UserId = random.Next(2) == 0
                        ? users[random.Next(users.Length)]
                        : string.Create(CultureInfo.InvariantCulture, $"new-{random.Next(NewUsers)}"),
                    ProductId = products[random.Next(products.Length)],
                    Type = (EventType)random.Next(1, 5),
                    Time = time,
                });
            }
        }

        return batches;
    }
}

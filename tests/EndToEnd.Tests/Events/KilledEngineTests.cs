using Engine.Protos.V1;
using Engine.Server.Events;
using EndToEnd.Tests.Operating;
using Grpc.Core;
using Grpc.Net.Client;
using Task = System.Threading.Tasks.Task;

namespace EndToEnd.Tests.Events;

/// <summary>
/// An engine that is killed while events come: what it acknowledged is there again, whole batches only.
/// </summary>
public sealed class KilledEngineTests
{
    private const int Rows = 50;

    [Fact]
    public async Task Acknowledged_events_survive_kill_9()
    {
        using var served = await ServedProcess.Start();
        using var channel = GrpcChannel.ForAddress(served.Grpc);
        var client = new Engine.Protos.V1.Events.EventsClient(channel);
        var acknowledged = new List<string>();
        var senders = Enumerable.Range(0, 4).Select(sender => Task.Run(async () =>
        {
            for (var n = 0; ; n++)
            {
                var id = $"{sender}-{n}";
                try
                {
                    await client.PutAsync(Batch(id));
                }
                catch (RpcException)
                {
                    return;
                }

                lock (acknowledged)
                {
                    acknowledged.Add(id);
                }
            }
        })).ToArray();
        while (Count() < 200)
        {
            await Task.Delay(5);
        }

        await served.Kill();
        await Task.WhenAll(senders);
        using var store = new EventStore(Path.Combine(served.Root, "default"), 1_000_000);
        store.TryOpen();
        Assert.Null(store.Problem);
        Assert.Equal(0, store.View().Version % Rows);
        Assert.True(store.View().Version >= Count() * Rows);
        Assert.All(acknowledged, id => Assert.Equal(Rows, store.Events!.CountOf(id)));

        int Count()
        {
            lock (acknowledged)
            {
                return acknowledged.Count;
            }
        }
    }

    // A user for each batch: the log says which batches it holds.
    private static PutEventsRequest Batch(string id)
    {
        var request = new PutEventsRequest { BatchId = id };
        for (var row = 0; row < Rows; row++)
        {
            request.Events.Add(new Event
            {
                UserId = id,
                ProductId = $"P{row % 30}",
                Type = EventType.View,
                Time = "2021-08-02T10:00:00",
            });
        }

        return request;
    }
}

using System.Net.Http.Json;
using System.Net.Sockets;
using Engine.Protos.V1;
using Grpc.Core;
using Grpc.Health.V1;
using Grpc.Net.Client;
using Task = System.Threading.Tasks.Task;

namespace EndToEnd.Tests.Operating;

/// <summary>SIGTERM: not ready, wait, GOAWAY, finish the calls, stop.</summary>
public sealed class ShutdownTests
{
    private const int Callers = 4;
    private const int MostCalls = 200_000;
    private volatile bool _isReady = true;
    private int _calls;

    [Fact]
    public async Task A_load_balancer_that_looks_at_readyz_loses_no_call()
    {
        // So long the callers have to hear of it, on a busy machine, too.
        using var served = await ServedProcess.Start("--drain-seconds", "10", "--stop-seconds", "60");
        using var http = new HttpClient { BaseAddress = served.Http };
        using var channel = GrpcChannel.ForAddress(served.Grpc);
        var client = new Recommender.RecommenderClient(channel);
        var callers = Enumerable.Range(0, Callers).SelectMany(_ => new[]
        {
            Task.Run(() => Call(async () =>
                Assert.NotEmpty((await client.RecommendAsync(Request())).Products))),
            Task.Run(() => Call(async () =>
            {
                using var answer = await http.PostAsJsonAsync("/v1/recommend", new { user_id = "user-1é", top_k = 3 });
                Assert.True(answer.IsSuccessStatusCode);
            })),
        }).ToArray();
        await Until(() => Task.FromResult(Volatile.Read(ref _calls) > 100));
        var before = Volatile.Read(ref _calls);
        await served.Signal();
        await Until(async () => !await ServedProcess.IsReady(http, served.Http));
        _isReady = false;

        // A call that failed would end its caller, and fail here.
        await Task.WhenAll(callers);
        Assert.True(_calls > before, $"{_calls} calls in all, {before} before the signal");
        Assert.Equal(0, await served.End());
        Assert.Contains(served.Log, line => ((string)line["Message"]!).StartsWith("stopping: not ready from now on"));
    }

    [Fact]
    public async Task A_stream_goes_on_after_the_ports_are_closed_and_a_watcher_of_the_health_does_not_hold_the_server()
    {
        using var served = await ServedProcess.Start("--drain-seconds", "1", "--stop-seconds", "60");
        using var channel = GrpcChannel.ForAddress(served.Grpc);
        using var stream = new Recommender.RecommenderClient(channel).BatchRecommend();
        await Ask();
        using var watch = new Health.HealthClient(channel).Watch(new HealthCheckRequest());
        Assert.True(await watch.ResponseStream.MoveNext(default));
        Assert.Equal(HealthCheckResponse.Types.ServingStatus.Serving, watch.ResponseStream.Current.Status);
        await served.Signal();
        Assert.True(await watch.ResponseStream.MoveNext(default));
        Assert.Equal(HealthCheckResponse.Types.ServingStatus.NotServing, watch.ResponseStream.Current.Status);
        await Until(() => IsClosed(served.Grpc));
        await Assert.ThrowsAsync<RpcException>(() => watch.ResponseStream.MoveNext(default));
        await Ask();
        await stream.RequestStream.CompleteAsync();
        Assert.False(await stream.ResponseStream.MoveNext(default));
        Assert.Equal(0, await served.End());

        async Task Ask()
        {
            await stream.RequestStream.WriteAsync(new BatchRecommendRequest { UserIds = { "user-1é" }, TopK = 3 });
            Assert.True(await stream.ResponseStream.MoveNext(default));
        }
    }

    private static RecommendRequest Request() => new() { UserId = "user-1é", TopK = 3 };

    private async Task Call(Func<Task> call)
    {
        for (var i = 0; i < MostCalls && _isReady; i++)
        {
            await call();
            Interlocked.Increment(ref _calls);
        }
    }

    private static async Task Until(Func<Task<bool>> condition)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        while (!await condition())
        {
            await Task.Delay(20, limit.Token);
        }
    }

    private static async Task<bool> IsClosed(Uri address)
    {
        using var client = new TcpClient();
        try
        {
            await client.ConnectAsync(address.Host, address.Port);
            return false;
        }
        catch (SocketException)
        {
            return true;
        }
    }
}

using System.Net;
using System.Text;
using Engine.Protos.V1;
using Engine.Server.Admission;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using Task = System.Threading.Tasks.Task;

namespace EndToEnd.Tests;

/// <summary>The bytes of requests that are being received are bounded all together.</summary>
public sealed class ReceivedBytesTests
{
    [Fact]
    public async Task Long_requests_are_refused_while_others_hold_all_there_is_and_short_ones_are_not()
    {
        await using var engine = await RunningEngine.Start(configure: options => options.RequestMebibytes = 1);
        var bytes = engine.Parts.GetRequiredService<ReceivedBytes>();
        var others = 8L << 20;
        bytes.Change(0, ReceivedBytes.Free);
        Assert.Throws<RpcException>(() => bytes.Change(ReceivedBytes.Free, others + 1));
        var users = new RankUsersRequest
        {
            ProductId = "P1",
            UserIds = { Enumerable.Range(0, 40_000).Select(i => $"user-{i:d10}") },
        };
        Assert.Equal(StatusCode.ResourceExhausted, await StatusOf(engine, users));
        using var body = new StringContent(
            $"{{\"product_id\":\"P1\",\"user_ids\":[\"{new string('x', 600_000)}\"]}}",
            Encoding.UTF8,
            "application/json");
        using var answer = await engine.Http.PostAsync("/v1/estimate-audience", body);
        Assert.Equal(HttpStatusCode.TooManyRequests, answer.StatusCode);
        Assert.Contains("being received", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        await engine.Recommender.RecommendAsync(new RecommendRequest { UserId = "user-1é" });

        bytes.Change(others + 1, 0);
        Assert.Equal(StatusCode.OK, await StatusOf(engine, users));
        Assert.Equal(0, bytes.Held);
    }

    [Fact]
    public async Task A_body_that_its_sender_abandons_holds_nothing()
    {
        await using var engine = await RunningEngine.Start();
        var bytes = engine.Parts.GetRequiredService<ReceivedBytes>();
        using var client = new System.Net.Sockets.TcpClient();
        var address = engine.Http.BaseAddress!;
        await client.ConnectAsync(address.Host, address.Port);
        await client.GetStream().WriteAsync(
            Encoding.ASCII.GetBytes(
                "POST /v1/estimate-audience HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                + $"Content-Length: 5000000\r\n\r\n{new string(' ', 1_000_000)}"));
        await Until(() => bytes.Held > 0);
        client.Close();
        await Until(() => bytes.Held == 0);
    }

    private static async Task Until(Func<bool> condition)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        while (!condition())
        {
            await Task.Delay(10, limit.Token);
        }
    }

    private static async Task<StatusCode> StatusOf(RunningEngine engine, RankUsersRequest request)
    {
        try
        {
            using var call = engine.Recommender.RankUsers(request);
            while (await call.ResponseStream.MoveNext(CancellationToken.None))
            {
            }

            return StatusCode.OK;
        }
        catch (RpcException e)
        {
            return e.StatusCode;
        }
    }
}

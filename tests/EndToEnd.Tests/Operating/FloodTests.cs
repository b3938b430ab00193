using System.Net.Sockets;
using System.Text;
using Engine.Protos.V1;
using Grpc.Net.Client;
using Task = System.Threading.Tasks.Task;

namespace EndToEnd.Tests.Operating;

/// <summary>Connections that send frames and read no answers.</summary>
public sealed class FloodTests
{
    private const int Connections = 8;
    private const int FrameHead = 9;

    [Fact]
    public async Task A_flood_of_pings_is_one_line_of_the_log_and_no_critical_one()
    {
        using var served = await ServedProcess.Start();
        for (var i = 0; i < Connections; i++)
        {
            await Flood(served.Grpc.Port);
        }

        using var channel = GrpcChannel.ForAddress(served.Grpc);
        var reply = await new Recommender.RecommenderClient(channel).RecommendAsync(
            new RecommendRequest { UserId = "user-1é" });
        Assert.NotEmpty(reply.Products);
        await served.Signal();
        Assert.Equal(0, await served.End());
        Assert.DoesNotContain(served.Log, line => (string?)line["LogLevel"] is "Critical" or "Error");
        Assert.Single(served.Log, line => ((string)line["Message"]!).Contains("send frames and read no answers"));
    }

    // Until the server closes the connection.
    private static async Task Flood(int port)
    {
        using var client = new TcpClient { ReceiveBufferSize = 2048 };
        await client.ConnectAsync("127.0.0.1", port);
        await using var stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"));
        await stream.WriteAsync(Frame(type: 4, payload: 0));
        var pings = Enumerable.Repeat(Frame(type: 6, payload: 8), 1_000).SelectMany(frame => frame).ToArray();
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        await Assert.ThrowsAsync<IOException>(async () =>
        {
            while (true)
            {
                await stream.WriteAsync(pings, limit.Token);
            }
        });
    }

    private static byte[] Frame(byte type, byte payload)
    {
        var frame = new byte[FrameHead + payload];
        (frame[2], frame[3]) = (payload, type);
        return frame;
    }
}

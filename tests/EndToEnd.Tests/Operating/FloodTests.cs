using System.Buffers.Binary;
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
    public async Task A_flood_of_calls_is_one_line_of_the_log_a_minute_and_no_critical_one()
    {
        using var served = await ServedProcess.Start();
        var start = TimeProvider.System.GetTimestamp();
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
        Assert.Empty(served.Log.Where(line => (string?)line["LogLevel"] is "Critical" or "Error")
            .Select(line => line.ToJsonString()));
        Assert.InRange(
            served.Log.Count(line => ((string)line["Message"]!).Contains("send frames and read no answers")),
            1,
            1 + (int)TimeProvider.System.GetElapsedTime(start).TotalMinutes);
    }

    // Opens calls that it never reads, until the server closes the connection.
    private static async Task Flood(int port)
    {
        using var client = new TcpClient { ReceiveBufferSize = 2048 };
        await client.ConnectAsync("127.0.0.1", port);
        await using var stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"));
        await stream.WriteAsync(Frame(type: 4, flags: 0, number: 0, []));
        byte[] call =
        [
            0x83, 0x86, .. Field(4, "/engine.v1.Recommender/Recommend"), .. Field(1, "127.0.0.1"),
            0, .. Text("content-type"), .. Text("application/grpc"), 0, .. Text("te"), .. Text("trailers"),
        ];
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        await Assert.ThrowsAsync<IOException>(async () =>
        {
            for (var number = 1; ; number += 2)
            {
                await stream.WriteAsync(Frame(type: 1, flags: 5, number, call), limit.Token);
            }
        });
    }

    private static byte[] Field(byte name, string value) => [name, .. Text(value)];

    private static byte[] Text(string text) => [(byte)text.Length, .. Encoding.ASCII.GetBytes(text)];

    private static byte[] Frame(byte type, byte flags, int number, byte[] payload)
    {
        var frame = new byte[FrameHead + payload.Length];
        (frame[2], frame[3], frame[4]) = ((byte)payload.Length, type, flags);
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(5), number);
        payload.CopyTo(frame, FrameHead);
        return frame;
    }
}

using System.Net;
using System.Net.Sockets;
using System.Text;
using Engine.Protos.V1;
using Engine.Server.Admission;
using Engine.Snapshots.Writing;
using Microsoft.Extensions.DependencyInjection;
using Tests.Shared;
using Task = System.Threading.Tasks.Task;

namespace EndToEnd.Tests;

/// <summary>
/// Clients that ask for long replies and do not read them: memory stays bounded, and others are answered.
/// </summary>
public sealed class UnreadReplyTests
{
    // More than a system keeps in the buffers of a connection.
    private const string Long = """{"userId":"user-1é","topK":10000,"explain":true}""";

    private static readonly SnapshotContent Content = RandomSnapshot.Content(seed: 1, users: 3, products: 10_000);

    [Fact]
    public async Task A_long_reply_that_nobody_reads_ends_with_its_call()
    {
        await using var engine =
            await RunningEngine.Start(Content, configure: options => options.Limits.ReadSeconds = 10);
        var unread = engine.Parts.GetRequiredService<UnreadReplies>();
        using var slow = await Ask(engine);
        await Until(() => unread.Held > UnreadReplies.Free);
        await Until(() => unread.Held == 0);

        // What the sockets held, and then an end that is no end of a reply.
        var buffer = new byte[1 << 16];
        var read = 0L;
        await Assert.ThrowsAnyAsync<IOException>(async () =>
        {
            await using var stream = new NetworkStream(slow);
            for (int more; (more = await stream.ReadAsync(buffer)) > 0;)
            {
                read += more;
            }

            throw new EndOfStreamException();
        });
        using var question = new StringContent(Long, Encoding.UTF8, "application/json");
        using var answer = await engine.Http.PostAsync("/v1/recommend", question);
        var whole = await answer.Content.ReadAsByteArrayAsync();
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.InRange(read, 0, whole.Length - 1);
        await Until(() => unread.Held == 0);
    }

    [Fact]
    public async Task Many_unread_replies_have_a_bound_and_short_ones_are_answered()
    {
        await using var engine = await RunningEngine.Start(Content);
        var slow = new List<Socket>();
        try
        {
            var refused = 0;
            while (refused < 5 && slow.Count < 1_000)
            {
                slow.Add(await Ask(engine));
                var start = new byte["HTTP/1.1 200".Length];
                await slow[^1].ReceiveAsync(start, SocketFlags.None);
                refused += Encoding.ASCII.GetString(start).EndsWith("429", StringComparison.Ordinal) ? 1 : 0;
            }

            Assert.Equal(5, refused);
            Assert.InRange(engine.Parts.GetRequiredService<UnreadReplies>().Held, 100 << 20, 128 << 20);
            var reply = await engine.Recommender.RecommendAsync(new RecommendRequest { UserId = "user-1é", TopK = 10 });
            Assert.Equal(10, reply.Products.Count);
        }
        finally
        {
            slow.ForEach(socket => socket.Dispose());
        }
    }

    // Sends the question and reads nothing.
    private static async Task<Socket> Ask(RunningEngine engine)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp)
        {
            ReceiveBufferSize = 2048,
        };
        await socket.ConnectAsync(IPAddress.Loopback, engine.Http.BaseAddress!.Port);
        await socket.SendAsync(Encoding.UTF8.GetBytes(
            "POST /v1/recommend HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
            + $"Content-Length: {Encoding.UTF8.GetByteCount(Long)}\r\n\r\n{Long}"));
        return socket;
    }

    private static async Task Until(Func<bool> isSo)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        while (!isSo())
        {
            await Task.Delay(20, limit.Token);
        }
    }
}

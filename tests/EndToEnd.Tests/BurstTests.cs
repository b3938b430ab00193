using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Runtime.ExceptionServices;
using Engine.Protos.V1;
using Google.Protobuf;
using Grpc.Core;
using Task = System.Threading.Tasks.Task;

namespace EndToEnd.Tests;

/// <summary>Many calls or connections at once that get no answer: each costs little.</summary>
public sealed class BurstTests
{
    [Fact]
    public async Task A_refused_call_is_not_thrown_again_by_each_level_of_the_engine()
    {
        await using var engine = await RunningEngine.Start();
        var thrown = 0;
        using var http = new HttpClient();
        var request = new RecommendRequest { UserId = "nobody-5d1c" };
        await Recommend(engine, http, request);
        AppDomain.CurrentDomain.FirstChanceException += Count;
        var status = await Recommend(engine, http, request);
        AppDomain.CurrentDomain.FirstChanceException -= Count;
        Assert.Equal(StatusCode.NotFound, status);
        // Once by the model; the rest is the library's.
        Assert.InRange(thrown, 1, 6);

        void Count(object? sender, FirstChanceExceptionEventArgs e)
        {
            if (e.Exception.ToString().Contains("nobody-5d1c", StringComparison.Ordinal))
            {
                Interlocked.Increment(ref thrown);
            }
        }
    }

    [Fact]
    public async Task A_batch_message_of_too_many_rows_is_refused_before_its_snapshot_is_looked_for()
    {
        await using var engine = await RunningEngine.Start();
        using var call = engine.Recommender.BatchRecommend();
        await call.RequestStream.WriteAsync(new BatchRecommendRequest
        {
            SnapshotId = "none",
            TopK = 10_000,
            UserIds = { Enumerable.Repeat("user", 1_001) },
        });
        var error = await Assert.ThrowsAsync<RpcException>(() => call.ResponseStream.MoveNext(default));
        Assert.Contains("rows in one message; expected at most", error.Status.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Connections_beyond_the_bound_are_closed_and_the_others_stay()
    {
        await using var engine = await RunningEngine.Start(configure: options => options.Limits.Connections = 10);
        var sockets = Enumerable.Range(0, 30).Select(_ => new TcpClient()).ToArray();
        foreach (var socket in sockets)
        {
            await socket.ConnectAsync(engine.GrpcAddress.Host, engine.GrpcAddress.Port);
        }

        var reads = sockets.Select(HasClosed).ToArray();
        // The engine's own connections and the client's are among the ten.
        while (reads.Count(read => read.IsCompleted) < 20)
        {
            await Task.WhenAny(reads.Where(read => !read.IsCompleted)).WaitAsync(TimeSpan.FromMinutes(1));
        }

        Assert.Contains(reads, read => !read.IsCompleted);
        foreach (var socket in sockets)
        {
            socket.Dispose();
        }

        // The engine closes others, too, until it knows that these are gone.
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        while (!await IsAnswered(engine))
        {
            await Task.Delay(20, limit.Token);
        }
    }

    private static async Task<bool> IsAnswered(RunningEngine engine)
    {
        try
        {
            await engine.Until("SERVING", "/health");
            return true;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    // Not by the library, whose client throws, too.
    private static async Task<StatusCode> Recommend(RunningEngine engine, HttpClient http, RecommendRequest request)
    {
        var message = request.ToByteArray();
        using var call = new HttpRequestMessage(
            HttpMethod.Post, new Uri(engine.GrpcAddress, "/engine.v1.Recommender/Recommend"))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent([0, 0, 0, 0, (byte)message.Length, .. message])
            {
                Headers = { ContentType = new MediaTypeHeaderValue("application/grpc") },
            },
        };
        call.Headers.TE.ParseAdd("trailers");
        using var answer = await http.SendAsync(call);
        _ = await answer.Content.ReadAsByteArrayAsync();
        return (StatusCode)int.Parse(
            answer.Headers.Concat(answer.TrailingHeaders).First(header => header.Key == "grpc-status").Value.Single(),
            CultureInfo.InvariantCulture);
    }

    // An idle connection sends its settings, and then nothing.
    private static async Task HasClosed(TcpClient socket)
    {
        var buffer = new byte[1_024];
        try
        {
            while (await socket.GetStream().ReadAsync(buffer) > 0)
            {
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // It was reset, or the test has ended.
        }
    }
}

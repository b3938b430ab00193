using System.Net;
using System.Net.Http.Headers;
using Engine.Protos.V1;
using Grpc.Core;
using Grpc.Net.Client;
using Task = System.Threading.Tasks.Task;

namespace EndToEnd.Tests;

/// <summary>A request that does not come in ends alone: others share its connection behind a proxy.</summary>
public sealed class SlowBodyTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    [Theory]
    [InlineData("application/grpc", "/engine.v1.Recommender/Recommend")]
    [InlineData("application/json", "/v1/recommend")]
    public async Task A_call_whose_message_breaks_off_ends_alone(string type, string path)
    {
        await using var engine = await RunningEngine.Start();
        using var http = new HttpClient { BaseAddress = engine.GrpcAddress, Timeout = Patience };
        using var channel = GrpcChannel.ForAddress(engine.GrpcAddress, new GrpcChannelOptions { HttpClient = http });
        var others = new Recommender.RecommenderClient(channel);
        await others.RecommendAsync(new RecommendRequest { UserId = "user-1é" });

        using var half = new HalfContent(type);
        using var request = new HttpRequestMessage(HttpMethod.Post, path)
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = half,
        };
        request.Headers.TE.Add(new TransferCodingWithQualityHeaderValue("trailers"));
        var slow = http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        while (!slow.IsCompleted)
        {
            await others.RecommendAsync(new RecommendRequest { UserId = "user-1é" });
            await Task.Delay(50);
        }

        using var answer = await slow;
        if (type == "application/json")
        {
            Assert.Equal(HttpStatusCode.GatewayTimeout, answer.StatusCode);
        }
        else
        {
            Assert.Equal(
                ((int)StatusCode.DeadlineExceeded).ToString(System.Globalization.CultureInfo.InvariantCulture),
                answer.Headers.GetValues("grpc-status").Single());
            Assert.Contains(
                "expected all of it", answer.Headers.GetValues("grpc-message").Single(), StringComparison.Ordinal);
        }

        await others.RecommendAsync(new RecommendRequest { UserId = "user-1é" });
    }

    [Fact]
    public async Task A_stream_of_requests_may_pause()
    {
        await using var engine = await RunningEngine.Start();
        using var stream = new Recommender.RecommenderClient(engine.Channel).BatchRecommend();
        foreach (var pause in (TimeSpan[])[TimeSpan.Zero, TimeSpan.FromSeconds(12)])
        {
            await Task.Delay(pause);
            await stream.RequestStream.WriteAsync(new BatchRecommendRequest { UserIds = { "user-1é" } });
            Assert.True(await stream.ResponseStream.MoveNext(CancellationToken.None));
        }

        await stream.RequestStream.CompleteAsync();
    }

    // The beginning of a request, and then nothing until it is disposed.
    private sealed class HalfContent : HttpContent
    {
        private readonly TaskCompletionSource _end = new();
        private readonly byte[] _beginning;

        public HalfContent(string type)
        {
            Headers.ContentType = new MediaTypeHeaderValue(type);
            _beginning = type == "application/grpc" ? [0, 0, 0, 0, 100, 10] : "{"u8.ToArray();
        }

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            await stream.WriteAsync(_beginning);
            await stream.FlushAsync();
            await _end.Task;
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }

        protected override void Dispose(bool disposing)
        {
            _end.TrySetResult();
            base.Dispose(disposing);
        }
    }
}

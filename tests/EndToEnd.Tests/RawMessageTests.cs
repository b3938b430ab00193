using System.Buffers.Binary;
using System.Globalization;
using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using Engine.Protos.V1;
using Google.Protobuf;
using Grpc.Core;
using Task = System.Threading.Tasks.Task;

namespace EndToEnd.Tests;

/// <summary>What no gRPC library writes is the caller's mistake, and is counted as such.</summary>
public sealed class RawMessageTests
{
    private static readonly byte[] Request = new RecommendRequest { UserId = "user-1é", TopK = 3 }.ToByteArray();

    [Fact]
    public async Task What_is_no_message_is_an_invalid_argument_that_is_counted()
    {
        await using var engine = await RunningEngine.Start();
        using var http = new HttpClient();
        byte[] packed = Pack(Request);
        (string Name, byte[] Body, string? Encoding, StatusCode Status)[] calls =
        [
            ("sound", Message(0, Request), null, StatusCode.OK),
            ("packed", Message(1, packed), "gzip", StatusCode.OK),
            ("flag 2", Message(2, Request), null, StatusCode.InvalidArgument),
            ("flag 255", Message(255, Request), "gzip", StatusCode.InvalidArgument),
            ("flag alone", [7], null, StatusCode.InvalidArgument),
            ("4 GB", Message(0, Request, uint.MaxValue), null, StatusCode.InvalidArgument),
            ("2 GB and one byte", Message(0, Request, 0x80000000), null, StatusCode.InvalidArgument),
            ("no gzip", Message(1, Request), "gzip", StatusCode.InvalidArgument),
            ("cut gzip", Message(1, packed[..^9]), "gzip", StatusCode.InvalidArgument),
            ("changed gzip", Message(1, [.. packed[..^6], 1, 2, 3, 4, 5, 6]), "gzip", StatusCode.InvalidArgument),
            ("no deflate", Message(1, Request), "deflate", StatusCode.InvalidArgument),
            ("longer than its data", Message(0, Request, 1_000), null, StatusCode.Internal),
            ("two messages", [.. Message(0, Request), .. Message(0, Request)], null, StatusCode.Internal),
        ];
        foreach (var (name, body, encoding, status) in calls)
        {
            Assert.Equal((name, status), (name, (await Call(engine, http, body, encoding)).Status));
        }

        // The last one may be counted just after its reply.
        await engine.Until("""method="/engine.v1.Recommender/Recommend",status="InvalidArgument"} 5""", "/metrics");
    }

    [Fact]
    public async Task A_deadline_is_read_to_the_letter()
    {
        await using var engine = await RunningEngine.Start();
        using var http = new HttpClient();
        (string Timeout, StatusCode Status)[] calls =
        [
            ("99S", StatusCode.OK),
            ("99999999H", StatusCode.OK),
            ("0S", StatusCode.DeadlineExceeded),
            ("99n", StatusCode.DeadlineExceeded),
            ("999999999H", StatusCode.InvalidArgument),
            ("1s", StatusCode.InvalidArgument),
            ("1.5S", StatusCode.InvalidArgument),
            ("-1S", StatusCode.InvalidArgument),
            ("S", StatusCode.InvalidArgument),
            ("1", StatusCode.InvalidArgument),
            ("soon", StatusCode.InvalidArgument),
        ];
        foreach (var (timeout, status) in calls)
        {
            var (found, message) = await Call(engine, http, Message(0, Request), null, timeout);
            Assert.Equal((timeout, status), (timeout, found));
            Assert.Equal(
                status == StatusCode.InvalidArgument, message.Contains("for example 500m", StringComparison.Ordinal));
        }
    }

    private static byte[] Message(byte flag, byte[] content, uint? length = null)
    {
        var message = new byte[5 + content.Length];
        message[0] = flag;
        BinaryPrimitives.WriteUInt32BigEndian(message.AsSpan(1), length ?? (uint)content.Length);
        content.CopyTo(message, 5);
        return message;
    }

    private static byte[] Pack(byte[] content)
    {
        var packed = new MemoryStream();
        using (var zip = new GZipStream(packed, CompressionMode.Compress, leaveOpen: true))
        {
            zip.Write(content);
        }

        return packed.ToArray();
    }

    private static async Task<(StatusCode Status, string Message)> Call(
        RunningEngine engine, HttpClient http, byte[] body, string? encoding, string? timeout = null)
    {
        using var request = new HttpRequestMessage(
            HttpMethod.Post, new Uri(engine.GrpcAddress, "/engine.v1.Recommender/Recommend"))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent(body)
            {
                Headers = { ContentType = new MediaTypeHeaderValue("application/grpc") },
            },
        };
        request.Headers.TE.ParseAdd("trailers");
        foreach (var (name, value) in ((string, string?)[])[("grpc-encoding", encoding), ("grpc-timeout", timeout)])
        {
            if (value is not null)
            {
                request.Headers.TryAddWithoutValidation(name, value);
            }
        }

        using var answer = await http.SendAsync(request);
        _ = await answer.Content.ReadAsByteArrayAsync();
        var status = answer.Headers.TryGetValues("grpc-status", out var early)
            ? early.Single()
            : answer.TrailingHeaders.GetValues("grpc-status").Single();
        return (
            (StatusCode)int.Parse(status, CultureInfo.InvariantCulture),
            answer.Headers.TryGetValues("grpc-message", out var message) ? message.Single() : "");
    }
}

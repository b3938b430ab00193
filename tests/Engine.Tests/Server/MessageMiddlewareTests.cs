using System.Buffers.Binary;
using System.IO.Pipelines;
using System.Runtime.ExceptionServices;
using Engine.Protos.V1;
using Engine.Server.Access;
using Engine.Server.Admission;
using Engine.Server.Configuration;
using Engine.Server.Workspaces;
using Google.Protobuf;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Task = System.Threading.Tasks.Task;

namespace Engine.Tests.Server;

/// <summary>A burst of damaged messages costs others no more than a burst of sound ones.</summary>
public sealed class MessageMiddlewareTests
{
    private static readonly byte[] Sound = new RecommendRequest { UserId = "U1", TopK = 3 }.ToByteArray();

    [Theory]
    [InlineData(new byte[] { 0x0A, 0x7F, 1 })]
    [InlineData(new byte[] { 0x0F })]
    [InlineData(new byte[] { 0x28 })]
    public async Task A_damaged_message_is_refused_and_nothing_is_thrown(byte[] damaged)
    {
        var (thrown, thread) = (0, Environment.CurrentManagedThreadId);
        AppDomain.CurrentDomain.FirstChanceException += Count;
        var (http, hasPassed) = await Enter(Framed(0, damaged));
        AppDomain.CurrentDomain.FirstChanceException -= Count;
        Assert.False(hasPassed);
        Assert.Equal("3", http.Response.Headers["grpc-status"]);
        Assert.Contains(
            "not a valid engine.v1.RecommendRequest",
            http.Response.Headers["grpc-message"].ToString(),
            StringComparison.Ordinal);
        Assert.Equal(0, thrown);

        void Count(object? sender, FirstChanceExceptionEventArgs e) =>
            thrown += Environment.CurrentManagedThreadId == thread ? 1 : 0;
    }

    [Fact]
    public async Task Everything_else_passes_whole()
    {
        byte[][] bodies =
        [
            Framed(0, Sound), Framed(0, []), Framed(1, [0x0A, 0x7F, 1]), Framed(0, Sound)[..^1], [0, 0, 0], [],
            [.. Framed(0, Sound), .. Framed(0, Sound)], Framed(0, new byte[5_000]),
        ];
        foreach (var body in bodies)
        {
            var (http, hasPassed) = await Enter(body);
            Assert.True(hasPassed);
            if (body.Length > 0)
            {
                var read = await http.Request.BodyReader.ReadAtLeastAsync(body.Length);
                Assert.Equal(body, System.Buffers.BuffersExtensions.ToArray(read.Buffer));
            }
        }
    }

    private static async Task<(HttpContext Http, bool HasPassed)> Enter(byte[] body)
    {
        var pipe = new Pipe();
        await pipe.Writer.WriteAsync(body);
        var http = new DefaultHttpContext { Request = { ContentType = "application/grpc" } };
        http.Features.Set<IRequestBodyPipeFeature>(new Body(pipe.Reader));
        http.SetEndpoint(new Endpoint(null, new EndpointMetadataCollection(RecommendRequest.Descriptor), ""));
        using var services = new ServiceCollection().AddMetrics().AddSingleton(TimeProvider.System)
            .AddSingleton<ServerMetrics>().BuildServiceProvider();
        var hasPassed = false;
        var middleware = new MessageMiddleware(
            _ =>
            {
                hasPassed = true;
                return Task.CompletedTask;
            },
            new RequestBounds(new ServerOptions()),
            new Refusal(services.GetRequiredService<ServerMetrics>()));
        await middleware.InvokeAsync(http);
        return (http, hasPassed);
    }

    private static byte[] Framed(byte flag, byte[] message)
    {
        var framed = new byte[5 + message.Length];
        framed[0] = flag;
        BinaryPrimitives.WriteInt32BigEndian(framed.AsSpan(1), message.Length);
        message.CopyTo(framed, 5);
        return framed;
    }

    private sealed class Body(PipeReader reader) : IRequestBodyPipeFeature
    {
        public PipeReader Reader => reader;
    }
}

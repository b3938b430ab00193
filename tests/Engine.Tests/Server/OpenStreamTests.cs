using Engine.Server.Access;
using Engine.Server.Admission;
using Engine.Server.Configuration;
using Engine.Server.Errors;
using Grpc.Core;
using Microsoft.AspNetCore.Http;

namespace Engine.Tests.Server;

/// <summary>Open streams of replies, and what ends them.</summary>
public sealed class OpenStreamTests
{
    private static readonly DateTimeOffset Expires = new(2026, 3, 1, 0, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(false, "'shop' has expired")]
    [InlineData(true, "'shop' was revoked")]
    public async Task A_stream_ends_at_its_next_message_when_its_key_is_gone(bool isRevoked, string expected)
    {
        var clock = new Clock { Now = Expires.AddSeconds(-1) };
        var caller = new Caller("shop", Scopes.Audience, ["*"]) { Expires = Expires };
        var http = new DefaultHttpContext { User = caller.Principal };
        using var stream = new OpenStreams(new CallLimits(), clock).Open(WorkspaceGuard.KeyCheck(http));
        var written = 0;
        await stream.Write(Write, CancellationToken.None);
        if (isRevoked)
        {
            caller.IsRevoked = true;
        }
        else
        {
            clock.Now = Expires;
        }

        var refused = await Assert.ThrowsAsync<RpcException>(() => stream.Write(Write, CancellationToken.None));
        Assert.Equal(StatusCode.Unauthenticated, refused.StatusCode);
        Assert.Contains(expected, refused.Status.Detail, StringComparison.Ordinal);
        Assert.Equal(1, written);

        Task Write(CancellationToken cancellation)
        {
            written++;
            return Task.CompletedTask;
        }
    }

    [Fact]
    public async Task A_client_that_sends_nothing_is_not_waited_for_longer_than_one_that_does_not_read()
    {
        var streams = new OpenStreams(new CallLimits { ReadSeconds = 1 }, TimeProvider.System);
        var refused = await Assert.ThrowsAsync<ExhaustedException>(
            () => streams.Next(new Silent(), CancellationToken.None));
        Assert.Contains("nothing was sent for 1 s", refused.Message, StringComparison.Ordinal);
    }

    private sealed class Silent : IAsyncStreamReader<string>
    {
        public string Current => "";

        public Task<bool> MoveNext(CancellationToken cancellationToken) => new TaskCompletionSource<bool>().Task;
    }

    private sealed class Clock : TimeProvider
    {
        public DateTimeOffset Now { get; set; }

        public override DateTimeOffset GetUtcNow() => Now;
    }
}

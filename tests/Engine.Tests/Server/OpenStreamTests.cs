using Engine.Server.Access;
using Engine.Server.Admission;
using Engine.Server.Configuration;
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

    private sealed class Clock : TimeProvider
    {
        public DateTimeOffset Now { get; set; }

        public override DateTimeOffset GetUtcNow() => Now;
    }
}

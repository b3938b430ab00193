using System.IO.Pipelines;
using Engine.Server.Admission;
using Engine.Server.Configuration;
using Grpc.Core;

namespace Engine.Tests.Server;

/// <summary>Requests that come in slowly: what has come in of them is held until their end.</summary>
public sealed class BodyPaceTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_request_must_have_come_in_after_ten_minutes(bool hasLeast)
    {
        var pipe = new Pipe(new PipeOptions(pauseWriterThreshold: 0));
        var clock = new TickedClock();
        using var pace = new BodyPace(clock, hasLeast);
        var received = new ReceivedBytes(new ServerOptions());
        using var body = new CountedBody(pipe.Reader, received, null, pace);
        for (var period = 1; period < BodyPace.MostPeriods; period++)
        {
            var part = body.ReadAsync();
            await pipe.Writer.WriteAsync(new byte[1_200]);
            var read = await part;
            body.AdvanceTo(read.Buffer.Start, read.Buffer.End);
            clock.Tick();
        }

        Assert.Equal(1_200 * (BodyPace.MostPeriods - 1), received.Held);
        var last = body.ReadAsync();
        Assert.False(last.IsCompleted);
        clock.Tick();
        var refused = await Assert.ThrowsAsync<RpcException>(
            () => last.AsTask().WaitAsync(TimeSpan.FromMinutes(1)));
        Assert.Equal(StatusCode.DeadlineExceeded, refused.StatusCode);
        Assert.Contains("in 10 minutes; expected all of it", refused.Status.Detail, StringComparison.Ordinal);
        Assert.Equal(0, received.Held);
    }

    private sealed class TickedClock : TimeProvider
    {
        public Action Tick { get; private set; } = () => { };

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            Tick = () => callback(state);
            return new NoTimer();
        }
    }

    private sealed class NoTimer : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period) => true;

        public void Dispose()
        {
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}

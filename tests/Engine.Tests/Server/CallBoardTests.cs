using Engine.Server.Workspaces;
using Grpc.Core;

namespace Engine.Tests.Server;

/// <summary>The calls of the last hour.</summary>
public sealed class CallBoardTests
{
    [Fact]
    public void Old_minutes_are_left_out_and_percentiles_are_within_their_bound()
    {
        var clock = new Clock();
        var board = new CallBoard(clock);
        board.Add("old", StatusCode.OK, TimeSpan.FromSeconds(1));
        clock.Now += TimeSpan.FromMinutes(CallBoard.Minutes);
        for (var n = 1; n <= 1000; n++)
        {
            board.Add("new", n % 10 == 0 ? StatusCode.NotFound : StatusCode.OK, TimeSpan.FromMicroseconds(10 * n));
        }

        board.Add("new", StatusCode.PermissionDenied, TimeSpan.Zero);
        clock.Now += TimeSpan.FromMinutes(2);
        board.Add("new", StatusCode.OK, TimeSpan.FromMicroseconds(5000));
        var (calls, seconds) = board.Last(5);
        var only = Assert.Single(calls);
        Assert.Equal([0, 0, 1001, 0, 1], only.ByMinute);
        Assert.Equal((901, 100, 1), (
            only.ByStatus[StatusCode.OK],
            only.ByStatus[StatusCode.NotFound],
            only.ByStatus[StatusCode.PermissionDenied]));
        Assert.Equal(clock.Now.Second + 240, seconds);
        foreach (var share in new[] { 0.5, 0.95, 0.99 })
        {
            Assert.InRange(only.Micros(share), 10_000 * share * 0.95, 10_000 * share * 1.05);
        }

        // An hour later, the minute that this one takes the place of is gone.
        clock.Now += TimeSpan.FromMinutes(CallBoard.Minutes - 2);
        board.Add("new", StatusCode.OK, TimeSpan.FromMicroseconds(1));
        Assert.Equal(2, board.Last(CallBoard.Minutes).Calls.Single().Calls);
    }

    private sealed class Clock : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = new(2026, 5, 1, 12, 30, 10, TimeSpan.Zero);

        public override DateTimeOffset GetUtcNow() => Now;
    }
}

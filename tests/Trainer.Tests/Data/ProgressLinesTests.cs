using Trainer.Commands;

namespace Trainer.Tests.Data;

public class ProgressLinesTests
{
    [Fact]
    public void A_stage_says_how_far_it_is_every_two_seconds_and_when_it_is_done()
    {
        var clock = new Clock();
        using var said = new StringWriter { NewLine = "\n" };
        var progress = new ConsoleProgress.Lines(clock, said);
        progress.Report("read", 0, 100);
        clock.Seconds = 1;
        progress.Report("read", 10, 100); // too soon to say again
        clock.Seconds = 2;
        progress.Report("read", 20, 100);
        clock.Seconds = 9.5;
        progress.Report("read", 100, 100);
        progress.Report("read", 100, 100); // said already
        progress.Report("fit", 1, 1);
        Assert.Equal("read: 20 %, about 8 s left\nread: done in 9.5 s\nfit: done in 0.0 s\n", said.ToString());
    }

    private sealed class Clock : TimeProvider
    {
        public double Seconds { get; set; }

        public override long TimestampFrequency => 1000;

        public override long GetTimestamp() => (long)(Seconds * 1000);
    }
}

using Engine.Server.Experiments;
using Engine.Snapshots.Forgetting;
using Tests.Shared;

namespace Engine.Tests.Server;

public class ShownLogTests
{
    private static readonly DateTimeOffset Start = new(2026, 5, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Lines_are_read_as_they_were_added_and_a_cut_line_is_left_out()
    {
        using var folder = new TemporaryFolder();
        Add(folder, 1, Line(1), Line(2));
        System.IO.File.AppendAllText(folder.File("shown/shown.jsonl"), "{\"time\":\"2026-");
        Assert.Equivalent((ShownLine[])[Line(1), Line(2)], Read(folder), strict: true);
    }

    [Fact]
    public void Full_files_are_renamed_and_the_oldest_ones_are_deleted()
    {
        using var folder = new TemporaryFolder();
        for (var i = 0; i < 12; i++)
        {
            Add(folder, 1, fileBytes: 300 << 10, [.. Enumerable.Range(1_000 * i, 1_000).Select(Line)]);
        }

        var kept = Read(folder).Select(line => line.Id).ToArray();
        Assert.Equal(Enumerable.Range(12_000 - kept.Length, kept.Length).Select(i => $"id{i}"), kept);
        Assert.InRange(kept.Length, 1_000, 11_000);
        var files = Directory.EnumerateFiles(folder.File("shown"), "*.jsonl");
        Assert.InRange(files.Sum(file => new FileInfo(file).Length), 1, 1 << 20);
    }

    [Fact]
    public void Nothing_is_written_when_the_log_is_off_or_for_a_forgotten_person()
    {
        using var folder = new TemporaryFolder();
        Add(folder, 0, Line(1));
        Assert.False(Directory.Exists(folder.File("shown")));
        Add(folder, 1, Line(1), Line(2), Line(1));
        using var log = new ShownLog(folder.Path, 1);
        Assert.Equal(2, log.Erase(id => id.SequenceEqual("user1"u8)));
        ForgottenUsers.Add(folder.Path, "user1");
        Add(folder, 1, Line(1), Line(3));
        Assert.Equal(["id2", "id3"], Read(folder).Select(line => line.Id));
    }

    [Fact]
    public void A_line_after_one_that_a_crash_cut_off_is_not_lost()
    {
        using var folder = new TemporaryFolder();
        Add(folder, 1, Line(1));
        System.IO.File.AppendAllText(folder.File("shown/shown.jsonl"), "{\"time\":\"2026-");
        Add(folder, 1, Line(2));
        Assert.Equal(["id1", "id2"], Read(folder).Select(line => line.Id));
    }

    [Fact]
    public void A_log_that_cannot_be_written_holds_no_reply_up_and_is_told()
    {
        using var folder = new TemporaryFolder();
        System.IO.File.WriteAllText(folder.File("shown"), "a file where the folder belongs");
        using var log = new ShownLog(folder.Path, 1);
        log.Add(Line(1));
        log.Dispose();
        Assert.Contains("are not in the log of what experiments showed", log.Problem, StringComparison.Ordinal);
        Assert.Equal(1, log.Dropped);
    }

    [Fact]
    public async Task Lines_wait_while_the_log_cannot_be_written_and_health_is_well_when_it_can()
    {
        using var folder = new TemporaryFolder();
        await System.IO.File.WriteAllTextAsync(folder.File("shown"), "a file where the folder belongs");
        using (var log = new ShownLog(folder.Path, 1))
        {
            log.Add(Line(1));
            await Until(() => log.Problem is not null);
            Assert.Contains("takes no lines since 20", log.Problem, StringComparison.Ordinal);
            log.Add(Line(2));
            System.IO.File.Delete(folder.File("shown"));
            await Until(() => log.Problem is null);
            Assert.Equal(0, log.Dropped);
        }

        Assert.Equal(["id1", "id2"], Read(folder).Select(line => line.Id));
    }

    [Fact]
    public void A_dropped_line_is_told_for_a_minute_and_counted_for_good()
    {
        var clock = new SteppedClock { Now = Start };
        var loss = new ShownLoss(clock);
        Assert.Null(loss.Problem);
        loss.Drop(3, "the disk is slower than the replies");
        clock.Now += TimeSpan.FromSeconds(50);
        loss.Drop(1, "the disk is slower than the replies");
        loss.Work();
        clock.Now += TimeSpan.FromSeconds(50);
        Assert.Equal(
            "replies since 2026-05-01 00:00:00Z are not in the log of what experiments showed: the disk is slower than "
            + "the replies. The metric engine_shown_dropped counts them",
            loss.Problem);
        clock.Now += TimeSpan.FromSeconds(11);
        Assert.Equal((null, 4), (loss.Problem, loss.Dropped));

        loss.Fail("the disk is full");
        clock.Now += TimeSpan.FromHours(1);
        loss.Drop(1, "the disk is slower than the replies");
        clock.Now += TimeSpan.FromHours(1);
        Assert.Contains("since 2026-05-01 00:01:51Z", loss.Problem, StringComparison.Ordinal);
        Assert.Contains("the disk is full", loss.Problem, StringComparison.Ordinal);
        loss.Work();
        Assert.Equal((null, 5), (loss.Problem, loss.Dropped));
    }

    [Theory]
    [InlineData("link")]
    [InlineData("pipe")]
    [InlineData("folder of a link")]
    public async Task A_pipe_or_link_in_place_of_the_log_is_neither_written_nor_waited_for(string what)
    {
        using var folder = new TemporaryFolder();
        using var elsewhere = new TemporaryFolder();
        var (victim, current) = (elsewhere.File("shown.jsonl"), folder.File("shown/shown.jsonl"));
        await System.IO.File.WriteAllTextAsync(victim, "precious");
        if (what == "folder of a link")
        {
            Directory.CreateSymbolicLink(folder.File("shown"), elsewhere.Path);
        }
        else
        {
            Directory.CreateDirectory(Path.GetDirectoryName(current)!);
            if (what == "link")
            {
                System.IO.File.CreateSymbolicLink(current, victim);
            }
            else
            {
                using var made = System.Diagnostics.Process.Start("mkfifo", current);
                await made.WaitForExitAsync();
            }
        }

        using var log = new ShownLog(folder.Path, 1);
        log.Add(Line(1));
        await Task.Run(log.Dispose).WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Equal(1, log.Dropped);
        Assert.Equal("precious", await System.IO.File.ReadAllTextAsync(victim));
        var erasing = Task.Run(() => Record.Exception(() => log.Erase(_ => true)));
        Assert.IsAssignableFrom<InputException>(await erasing.WaitAsync(TimeSpan.FromSeconds(30)));
        Assert.Equal("precious", await System.IO.File.ReadAllTextAsync(victim));
    }

    private static List<ShownLine> Read(TemporaryFolder folder)
    {
        using var log = new ShownLog(folder.Path, 1);
        return [.. log.Read()];
    }

    private static void Add(TemporaryFolder folder, int mebibytes, params ShownLine[] lines) =>
        Add(folder, mebibytes, 16 << 20, lines);

    private static void Add(TemporaryFolder folder, int mebibytes, long fileBytes, ShownLine[] lines)
    {
        using var log = new ShownLog(folder.Path, mebibytes, fileBytes);
        foreach (var line in lines)
        {
            log.Add(line);
        }
    }

    private static ShownLine Line(int i) => new(
        Start.AddSeconds(i), $"id{i}", "home", 1, "a", "s1", $"user{i}", ["P1", "P2"]);

    private static async Task Until(Func<bool> holds)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!holds())
        {
            await Task.Delay(10, limit.Token);
        }
    }

    private sealed class SteppedClock : TimeProvider
    {
        public DateTimeOffset Now { get; set; }

        public override DateTimeOffset GetUtcNow() => Now;
    }
}

using Engine.Scoring;
using Engine.Scoring.Queries;
using Engine.Server.Configuration;
using Engine.Server.Warming;
using Engine.Server.Workspaces;
using Engine.Snapshots;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Tests.Shared;

namespace Engine.Tests.Server;

/// <summary>Published files that change under an engine: it keeps answering, says so, and sees a repair.</summary>
public sealed class ChangedFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly ServiceProvider _services =
        new ServiceCollection().AddMetrics().AddSingleton(TimeProvider.System).AddSingleton<ServerMetrics>()
            .BuildServiceProvider();
    private readonly SnapshotDirectory _directory;
    private readonly SteppedTime _time = new();

    public ChangedFileTests() => _directory = new SnapshotDirectory(_folder.Path);

    public void Dispose()
    {
        _services.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData("truncated", "was changed after it was verified")]
    [InlineData("overwritten", "was changed after it was verified")]
    [InlineData("deleted", "was deleted")]
    [InlineData("a folder", "was replaced by a folder")]
    public void The_served_file_can_be_taken_away_and_put_back(string how, string problem)
    {
        var id = _directory.Publish(RandomSnapshot.Content(3));
        var path = _directory.FilePath(id);
        var bytes = File.ReadAllBytes(path);
        using var workspace = Open();
        workspace.Refresh();
        Assert.Null(workspace.Problem);
        var expected = Sum(workspace);

        Spoil(path, how);
        workspace.Refresh();
        Assert.Contains(problem, workspace.Problem, StringComparison.Ordinal);
        Assert.Equal(id, workspace.ActiveId);
        Assert.Equal(id, workspace.RefusedId);
        Assert.Equal(expected, Sum(workspace));

        if (Directory.Exists(path))
        {
            Directory.Delete(path);
        }

        File.WriteAllBytes(path, bytes);
        workspace.Refresh();
        Assert.Null(workspace.Problem);
        Assert.Null(workspace.RefusedId);
        Assert.Equal(expected, Sum(workspace));
    }

    [Fact]
    public void A_changed_file_of_the_library_is_reported_and_keeps_answering()
    {
        var path = _directory.FilePath(_directory.Publish(RandomSnapshot.Content(3)));
        var bytes = File.ReadAllBytes(path);
        using var engine = RecommendationEngine.Open(_folder.Path);
        var query = new RecommendQuery { UserId = "user-1é", TopK = 5 };
        var expected = engine.Recommend(query).Rows;
        Spoil(path, "truncated");
        Assert.False(engine.Refresh());
        Assert.Contains("was changed", engine.Problem, StringComparison.Ordinal);
        Assert.Equal(expected, engine.Recommend(query).Rows);
        File.WriteAllBytes(path, bytes);
        Assert.True(engine.Refresh());
    }

    [Fact]
    public void A_refused_file_is_tried_again_when_it_changes_and_after_a_wait()
    {
        var first = _directory.Publish(RandomSnapshot.Content(3));
        using var workspace = Open();
        workspace.Refresh();
        var next = _directory.Publish(RandomSnapshot.Content(4));
        var path = _directory.FilePath(next);
        var (bytes, time) = (File.ReadAllBytes(path), File.GetLastWriteTimeUtc(path));
        Overwrite(path, bytes.Length - 1, (byte)(bytes[^1] ^ 1));
        workspace.Refresh();
        Assert.Equal((first, next), (workspace.ActiveId, workspace.RefusedId));

        // Length and time are those of the damaged file.
        var damaged = File.GetLastWriteTimeUtc(path);
        Thread.Sleep(20);
        Overwrite(path, bytes.Length - 1, bytes[^1]);
        File.SetLastWriteTimeUtc(path, damaged);
        workspace.Refresh();
        Assert.Equal(next, workspace.ActiveId);
        Assert.Null(workspace.Problem);
        File.SetLastWriteTimeUtc(path, time);
    }

    [Fact]
    public void What_is_not_the_files_fault_is_tried_again_after_a_wait()
    {
        var id = _directory.Publish(RandomSnapshot.Content(3));
        var (tries, fails) = (0, true);
        using var workspace = Open((_, _, _) =>
        {
            tries++;
            if (fails)
            {
                throw new InsufficientMemoryException();
            }
        });
        workspace.Refresh();
        workspace.Refresh();
        Assert.Equal(1, tries);
        Assert.Contains("not enough memory", workspace.Problem, StringComparison.Ordinal);
        _time.Add(TimeSpan.FromSeconds(1));
        workspace.Refresh();
        Assert.Equal(2, tries);

        // The wait has doubled.
        _time.Add(TimeSpan.FromSeconds(1));
        workspace.Refresh();
        Assert.Equal(2, tries);
        fails = false;
        _time.Add(TimeSpan.FromSeconds(1));
        workspace.Refresh();
        Assert.Equal(id, workspace.ActiveId);
        Assert.Null(workspace.Problem);
    }

    private static void Spoil(string path, string how)
    {
        switch (how)
        {
            case "truncated":
                using (var file = new FileStream(path, FileMode.Open, FileAccess.Write))
                {
                    file.SetLength(100);
                }

                break;
            case "overwritten":
                var length = (int)new FileInfo(path).Length;
                using (var file = new FileStream(path, FileMode.Open, FileAccess.Write))
                {
                    file.Write(new byte[length]);
                }

                break;
            default:
                File.Delete(path);
                if (how != "deleted")
                {
                    Directory.CreateDirectory(path);
                }

                break;
        }
    }

    private static void Overwrite(string path, long at, byte value)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Write);
        file.Position = at;
        file.WriteByte(value);
    }

    // Touches every page of the factors.
    private static double Sum(Workspace workspace)
    {
        using var lease = workspace.Acquire("");
        var sum = 0.0;
        for (var user = 0; user < lease.Model.Users.Rows; user++)
        {
            foreach (var element in lease.Model.Users[user])
            {
                sum += element;
            }
        }

        return sum;
    }

    private Workspace Open(WarmUpQueries? warmUp = null) => new(
        _directory,
        new ServerOptions { Snapshots = _folder.Path },
        _services.GetRequiredService<ServerMetrics>(),
        warmUp ?? ((model, catalog, recent) => WarmUp.Run(model, catalog, recent, TimeProvider.System)),
        NullLogger.Instance,
        _time);

    private sealed class SteppedTime : TimeProvider
    {
        private long _ticks;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public void Add(TimeSpan time) => _ticks += time.Ticks;

        public override long GetTimestamp() => _ticks;
    }
}

using System.Diagnostics;
using Engine.Scoring;
using Engine.Scoring.Ids;
using Engine.Scoring.Pools;
using Engine.Scoring.Queries;
using Engine.Scoring.Ranking;
using Engine.Snapshots;
using Engine.Snapshots.Forgetting;
using Engine.Snapshots.Writing;
using Tests.Shared;

namespace Engine.Tests.Scoring;

public sealed class RecommendationEngineTests : IDisposable
{
    private static readonly RecommendationEngineOptions Unpolled = new() { PollInterval = Timeout.InfiniteTimeSpan };

    private readonly TemporaryFolder _folder = new();
    private readonly SnapshotDirectory _directory;
    private readonly SnapshotContent _content = RandomSnapshot.Content(1, products: 200);

    public RecommendationEngineTests()
    {
        _directory = new SnapshotDirectory(_folder.Path);
        _directory.Publish(_content);
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Whoever_is_forgotten_is_unknown_from_the_next_look_on_and_a_list_that_cannot_be_read_is_told()
    {
        using var engine = RecommendationEngine.Open(_folder.Path, Unpolled);
        var query = new RecommendQuery { UserId = _content.UserIds[3], TopK = 7 };
        Assert.Equal(7, engine.Recommend(query).Rows.Count());
        ForgottenUsers.Add(_directory.Path, query.UserId);
        Assert.True(engine.Refresh());
        Assert.Throws<UnknownIdException>(() => engine.Recommend(query));

        File.WriteAllText(Path.Combine(_directory.Path, "forgotten", "users"), "damaged\n");
        Assert.False(engine.Refresh());
        Assert.Contains("is damaged", engine.Problem, StringComparison.Ordinal);
        Assert.Throws<UnknownIdException>(() => engine.Recommend(query));
    }

    [Fact]
    public void Every_answer_names_its_ids_and_equals_the_models()
    {
        using var engine = RecommendationEngine.Open(_folder.Path, Unpolled);
        using var lease = engine.Acquire();
        var (query, answer, expected) = (
            new RecommendQuery { UserId = _content.UserIds[3], TopK = 7 },
            new RecommendAnswer(),
            new RecommendAnswer());
        engine.Recommend(query, answer);
        Recommender.Recommend(lease.Model, query, expected);
        Assert.Equal(
            expected.Products.Rows().Select(row => (_content.ProductIds[row.Ordinal], row.Score)), answer.Rows);

        var pairs = answer.Rows.Select(row => new UserProduct(query.UserId, row.ProductId))
            .Append(new UserProduct("nobody", "P1")).ToArray();
        var scores = new float[pairs.Length];
        Assert.Equal(7, engine.Score(pairs, scores));
        Assert.Equal([.. answer.Rows.Select(row => row.Score), float.NaN], scores);

        var users = new RankUsersAnswer();
        engine.RankUsers(new RankUsersQuery { ProductId = "P5", TopK = 3 }, users);
        Assert.Equal(
            users.Users.Rows().Select(row => _content.UserIds[row.Ordinal]),
            Enumerable.Range(0, users.UserIds.Count).Select(i => users.UserIds[i]));

        var related = new RelatedAnswer();
        engine.RelatedProducts(new RelatedQuery { ProductId = "P5" }, related);
        Assert.Equal(
            related.Products.Select(row => _content.ProductIds[row.Product.Value]),
            Enumerable.Range(0, related.ProductIds.Count).Select(i => related.ProductIds[i]));

        Assert.Equal(_content.UserIds.Count, engine.RecommendForAudience(new AudienceQuery { TopK = 4 }, answer));
        Assert.Equal(4, answer.Rows.Count());

        var explained = new ExplainAnswer();
        engine.Explain(query, "P5", explained);
        var terms = explained.Explanations.Terms(0).ToArray();
        Assert.Equal(
            terms.Select(term => term.Product is { } product ? _content.ProductIds[product.Value] : ""),
            Enumerable.Range(0, explained.TermProductIds.Count).Select(i => explained.TermProductIds[i]));
    }

    [Fact]
    public void A_pool_by_rule_is_resolved_on_the_snapshot_that_answers()
    {
        using var engine = RecommendationEngine.Open(_folder.Path, Unpolled);
        var query = new RecommendQuery
        {
            UserId = _content.UserIds[0],
            Filter = { Pool = PoolDefinition.OfRule("product_id in ('P3', 'P4')") },
        };
        Assert.Equal(["P3", "P4"], engine.Recommend(query).Rows.Select(row => row.ProductId).Order());
        _directory.Publish(RandomSnapshot.Content(2, products: 4));
        Assert.True(engine.Refresh());
        Assert.Equal(["P3"], engine.Recommend(query).Rows.Select(row => row.ProductId));
    }

    [Fact]
    public void A_damaged_snapshot_is_rejected_and_the_current_one_keeps_serving()
    {
        using var engine = RecommendationEngine.Open(_folder.Path, Unpolled);
        var served = engine.SnapshotId;
        var next = _directory.Publish(RandomSnapshot.Content(2));
        var whole = File.ReadAllBytes(_directory.FilePath(next));
        File.WriteAllBytes(_directory.FilePath(next), whole[..^100]);
        Assert.False(engine.Refresh());
        Assert.Contains(next, engine.Problem, StringComparison.Ordinal);
        Assert.Equal(served, engine.SnapshotId);
        Assert.Equal(10, engine.Recommend(new RecommendQuery { UserId = _content.UserIds[0] }).Rows.Count());

        File.WriteAllBytes(_directory.FilePath(next), whole);
        Assert.True(engine.Refresh());
        Assert.Equal((next, null), (engine.SnapshotId, engine.Problem));
    }

    [Fact]
    public void A_move_of_CURRENT_is_followed_at_the_next_poll()
    {
        var time = new ManualTime();
        using var engine = RecommendationEngine.Open(_folder.Path, new RecommendationEngineOptions { Time = time });
        var next = _directory.Publish(RandomSnapshot.Content(2));
        Assert.NotEqual(next, engine.SnapshotId);
        time.Tick();
        Assert.Equal(next, engine.SnapshotId);
        Assert.Equal(TimeSpan.FromSeconds(1), time.Period);
    }

    [Fact]
    public void Opening_a_folder_without_a_snapshot_says_what_to_do()
    {
        using var empty = new TemporaryFolder();
        Assert.Contains(
            "nothing is published in",
            Assert.Throws<InputException>(() => RecommendationEngine.Open(empty.Path)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void The_sample_prints_the_top_products()
    {
        using var engine = RecommendationEngine.Open(_folder.Path, Unpolled);
        var expected = engine.Recommend(new RecommendQuery { UserId = _content.UserIds[3], TopK = 5 }).Rows
            .Select(row => FormattableString.Invariant($"{row.ProductId} {row.Score:0.000}"));
        var configuration = Path.GetFileName(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory));
        var sample =
            Path.Combine(TestData.Root, "artifacts", "bin", "Engine.Samples", configuration, "Engine.Samples.dll");
        using var process =
            Process.Start(new ProcessStartInfo("dotnet", [sample, _folder.Path, _content.UserIds[3]])
            {
                RedirectStandardOutput = true,
            })!;
        var lines = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.Equal(
            expected, lines.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
    }

    private sealed class ManualTime : TimeProvider
    {
        private TimerCallback? _callback;

        public TimeSpan Period { get; private set; }

        public void Tick() => _callback!(null);

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            _callback = callback;
            return new Timer(this);
        }

        private sealed class Timer(ManualTime time) : ITimer
        {
            public bool Change(TimeSpan dueTime, TimeSpan period)
            {
                time.Period = period;
                return true;
            }

            public void Dispose()
            {
            }

            public ValueTask DisposeAsync() => ValueTask.CompletedTask;
        }
    }
}

using System.Globalization;
using Engine.Scoring.Audiences;
using Engine.Scoring.Batch;
using Engine.Scoring.Models;
using Engine.Scoring.Pools;
using Engine.Scoring.Queries;
using Engine.Scoring.Ranking;
using Engine.Server.Batch;
using Engine.Snapshots.Ids;
using Engine.Snapshots.Writing;
using Engine.Tables;
using Tests.Shared;

namespace Engine.Tests.Batch;

/// <summary>
/// Batches against the online answers, row for row and bit for bit, and their files against each other.
/// </summary>
public sealed class BatchTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly SnapshotContent _content = RandomSnapshot.Content(seed: 8, users: 700, products: 150);
    private readonly ScoringModel _model;

    public BatchTests() => _model = new ScoringModel(RandomSnapshot.Open(_content, _folder));

    public void Dispose()
    {
        _model.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData(null, PurchasedPolicy.Include, 10)]
    [InlineData(null, PurchasedPolicy.Exclude, 10)]
    [InlineData(null, PurchasedPolicy.Only, 10)]
    [InlineData("price < 20", PurchasedPolicy.Include, 25)]
    [InlineData("price < 20", PurchasedPolicy.Exclude, 10)]
    [InlineData("category = 'Tea' or price < 70", PurchasedPolicy.Exclude, 10_000)]
    [InlineData("category = 'Tea' or price < 70", PurchasedPolicy.Only, 3)]
    public void Every_row_equals_the_online_answer(string? rule, PurchasedPolicy purchased, int top)
    {
        var plan = Plan(rule is null ? null : PoolDefinition.OfRule(rule), top, ["P3", "P5", "gone"], purchased);
        var expected = new List<(string User, string Rank, string Product, float Score)>();
        var answer = new RecommendAnswer();
        foreach (var user in _content.UserIds)
        {
            var query = new RecommendQuery { UserId = user, TopK = top, Purchased = purchased };
            query.Filter.Rule = plan.Pool;
            query.Filter.ExcludedProductIds.AddRange(["P3", "P5"]);
            Recommender.Recommend(_model, query, answer);
            for (var i = 0; i < answer.Products.Length; i++)
            {
                var product = answer.Products[i];
                expected.Add(
                    (
                        user,
                        (i + 1).ToString(CultureInfo.InvariantCulture),
                        _content.ProductIds[product.Product.Value],
                        product.Score));
            }
        }

        Assert.Equal(expected, Rows(Run(plan, "rows.csv")));
        Assert.Equal(expected, Rows(Run(plan, "rows.parquet")));
        Assert.Equal(1, plan.Excluded.Count);
    }

    [Theory]
    [InlineData(".csv")]
    [InlineData(".parquet")]
    public void The_bytes_depend_neither_on_threads_nor_on_stops(string extension)
    {
        var plan = Plan(null, top: 10_000, [], PurchasedPolicy.Include);
        var whole = File.ReadAllBytes(Run(plan, "one" + extension));
        Assert.Equal(whole, File.ReadAllBytes(Run(plan, "three" + extension, threads: 3)));

        var path = _folder.File("stopped" + extension);
        for (var stops = 1; stops <= 3; stops++)
        {
            using var stop = new CancellationTokenSource();
            var parts = 0;
            Assert.Throws<OperationCanceledException>(
                () => BatchRun.Run(plan, path, Threads(2), _ => Stop(++parts, stop), stop.Token));
            Assert.False(File.Exists(path));
        }

        // What a kill leaves beyond the last whole part: bytes without an entry, half an entry, and a part that the
        // disk lost.
        Append(path + ".partial", [1, 2, 3]);
        Append(path + ".journal", [40, 0, 0, 0, 9]);
        Flip(path + ".partial", 100);
        Assert.Equal(0, BatchRun.Run(plan, path, Threads(2), null, CancellationToken.None).ResumedParts);
        Assert.Equal(whole, File.ReadAllBytes(path));
        Assert.False(File.Exists(path + ".partial") || File.Exists(path + ".journal"));
    }

    [Fact]
    public void A_stopped_run_goes_on_and_another_batch_begins_anew()
    {
        var plan = Plan(null, top: 10_000, [], PurchasedPolicy.Include);
        var path = _folder.File("a.csv");
        using var stop = new CancellationTokenSource();
        Assert.Throws<OperationCanceledException>(
            () => BatchRun.Run(plan, path, Threads(1), progress => Stop(progress.Parts, stop), stop.Token));
        File.Copy(path + ".partial", _folder.File("b.csv.partial"));
        File.Copy(path + ".journal", _folder.File("b.csv.journal"));
        Assert.Equal(2, BatchRun.Run(plan, path, Threads(1), null, CancellationToken.None).ResumedParts);
        var other = Plan(null, top: 9_999, [], PurchasedPolicy.Include);
        Assert.Equal(
            0, BatchRun.Run(other, _folder.File("b.csv"), Threads(1), null, CancellationToken.None).ResumedParts);
    }

    [Fact]
    public void A_pool_of_one_product_gives_each_users_score()
    {
        var plan = Plan(PoolDefinition.OfIds(["P7"]), top: 10, [], PurchasedPolicy.Include);
        var lines = File.ReadAllLines(Run(plan, "single.csv"));
        var product = new ProductOrdinal(_model.Snapshot.ProductIds.Find("P7"));
        Assert.Equal("user_id,item_id,score,probability,percentile,item_name", lines[0]);
        Assert.Equal(
            _content.UserIds
                .Select((id, user) => (Id: id, Score: PairScorer.Score(_model, new UserOrdinal(user), product)))
                .OrderByDescending(row => row.Score)
                    .Select(row => string.Create(CultureInfo.InvariantCulture, $"{row.Id},P7,{row.Score}")),
            lines.Skip(1).Select(line => string.Join(',', line.Split(',').Take(3))));

        var gone = Plan(PoolDefinition.OfIds(["gone"]), top: 10, [], PurchasedPolicy.Include);
        Assert.True(gone.IsSingleProduct);
        Assert.Equal(0, BatchRun.Run(gone, _folder.File("none.csv"), Threads(1), null, CancellationToken.None).Rows);
        Assert.Contains(
            "product,gone,not in the snapshot",
            File.ReadAllText(_folder.File("none.csv.skipped.csv")),
            StringComparison.Ordinal);
        Assert.Equal(
            0, BatchRun.Run(gone, _folder.File("none.parquet"), Threads(1), null, CancellationToken.None).Rows);
        Assert.Empty(Rows(_folder.File("none.parquet")));
    }

    [Fact]
    public void Users_out_of_scope_are_left_out_by_name()
    {
        var audience = AudienceMembers.Of(
            _model.Snapshot, [_content.UserIds[9], "nobody, \"really\"", _content.UserIds[2], _content.UserIds[9]]);
        var plan = new BatchPlan(_model, audience, new RecommendQuery { TopK = 2 });
        Assert.Equal((3, 1), (audience.DeclaredCount, audience.DuplicateCount));
        Assert.Equal(
            [_content.UserIds[2], _content.UserIds[2], _content.UserIds[9], _content.UserIds[9]],
            Rows(Run(plan, "some.csv")).Select(row => row.User));
        Assert.Contains(
            "user,\"nobody, \"\"really\"\"\",not in",
            File.ReadAllText(_folder.File("some.csv.skipped.csv")),
            StringComparison.Ordinal);
    }

    [Fact]
    public void Fifty_thousand_million_pairs_are_allowed_and_not_one_more()
    {
        BatchPlan.CheckPairs(5_000_000, 10_000);
        var error = Assert.Throws<InputException>(() => BatchPlan.CheckPairs(5_000_001, 10_000));
        Assert.Contains(
            "5,000,001 users x 10,000 products = 50,000,010,000 pairs, expected at most 50,000,000,000",
            error.Message,
            StringComparison.Ordinal);
        Assert.Throws<InputException>(() => BatchPlan.CheckPairs(long.MaxValue, long.MaxValue));
    }

    private static void Stop(int parts, CancellationTokenSource stop)
    {
        if (parts == 2)
        {
            stop.Cancel();
        }
    }

    private static BatchRunOptions Threads(int threads) => new() { Threads = threads };

    private static void Append(string path, byte[] bytes)
    {
        using var file = new FileStream(path, FileMode.Append);
        file.Write(bytes);
    }

    private static void Flip(string path, int at)
    {
        var bytes = File.ReadAllBytes(path);
        bytes[at] ^= 1;
        File.WriteAllBytes(path, bytes);
    }

    private static List<(string User, string Rank, string Product, float Score)> Rows(string path)
    {
        using var table = TableFile.Open(path);
        var rows = new List<(string, string, string, float)>();
        while (table.Read())
        {
            var columns = table.Columns.ToList();
            var (rank, score) = (columns.IndexOf("item_rank"), columns.IndexOf("score"));
            rows.Add(
                (
                    table.Text(0).ToString(),
                    rank < 0 ? "" : table.Text(rank).ToString(),
                    table.Text(score - 1).ToString(),
                    float.Parse(table.Text(score), CultureInfo.InvariantCulture)));
        }

        return rows;
    }

    [Fact]
    public void A_fingerprint_of_700_users_allocates_its_text_alone()
    {
        var plan = Plan(null, 10, [], PurchasedPolicy.Include);
        Assert.Equal(700, plan.Users.Length);
        var print = BatchRun.Fingerprint(plan, ".csv");
        Assert.Equal(print, BatchRun.Fingerprint(plan, ".csv"));
        Assert.NotEqual(print, BatchRun.Fingerprint(plan.For(plan.Users[..^1]), ".csv"));
        Assert.InRange(Allocations.Least(() => BatchRun.Fingerprint(plan, ".csv")), 0, 8_000);
    }

    private BatchPlan Plan(PoolDefinition? pool, int top, string[] excluded, PurchasedPolicy purchased)
    {
        var query = new RecommendQuery
        {
            TopK = top,
            Purchased = purchased,
            Filter = { SavedPool = pool is null ? null : _model.Resolve(pool) },
        };
        query.Filter.ExcludedProductIds.AddRange(excluded);
        return new BatchPlan(_model, AudienceMembers.All(_model.Snapshot), query);
    }

    private string Run(BatchPlan plan, string name, int threads = 1)
    {
        var path = _folder.File(name);
        BatchRun.Run(plan, path, Threads(threads), null, CancellationToken.None);
        return path;
    }
}

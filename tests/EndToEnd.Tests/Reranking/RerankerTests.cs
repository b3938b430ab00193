using Engine;
using Engine.Reranking;
using Engine.Scoring.Audiences;
using Engine.Scoring.Batch;
using Engine.Scoring.Models;
using Engine.Scoring.Pools;
using Engine.Scoring.Queries;
using Engine.Scoring.Ranking;
using Engine.Scoring.Reranking;
using Engine.Server.Batch;
using Engine.Server.Results;
using Engine.Server.Tasks;
using Engine.Snapshots;
using Engine.Snapshots.Format;
using Engine.Snapshots.Ids;
using Engine.Snapshots.Manifest;
using Engine.Snapshots.Writing;
using Engine.Tables;
using Tests.Shared;
using Trainer.Models.Trees;
using static EndToEnd.Tests.Reranking.RerankedSnapshot;

namespace EndToEnd.Tests.Reranking;

/// <summary>The section Reranker: what is refused, and what a batch makes of it.</summary>
public sealed class RerankerTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_model_that_cannot_be_run_is_refused_with_its_reason()
    {
        Refused(With(Content(), [1, 2, 3]), "found no ONNX model that can be run");
        Refused(With(Content(), RerankedSnapshot.Model[..^40]), "found no ONNX model that can be run");
        Refused(
            With(Content(), OnnxTrees.Write([TreeOn(0, 1)], 7)),
            "found the input features Single[-1,7], expected features Single[rows,19]");
        Refused(
            With(Content(), RerankedSnapshot.Model, new RerankerTerms(Candidates, ["score", "luck"])),
            "found the features score, luck, expected score, dense");
    }

    [Fact]
    public void Section_and_manifest_must_agree()
    {
        var none = Assert.Throws<InputException>(
            () => SnapshotWriter.Write(_folder.File("a"), Content() with { Reranker = RerankedSnapshot.Model }));
        Assert.Contains("found 1 re-rankers, expected 0", none.Message, StringComparison.Ordinal);
        var unsound = With(Content(), RerankedSnapshot.Model, new RerankerTerms(0, [.. RerankFeatures.Names]));
        Assert.Contains(
            "found a manifest without sound",
            Assert.Throws<SnapshotFormatException>(() => RandomSnapshot.Open(unsound, _folder)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_flipped_bit_of_the_section_is_found()
    {
        var path = _folder.File("flipped");
        SnapshotWriter.Write(path, With(Content(), RerankedSnapshot.Model));
        SectionEntry section;
        using (var whole = Snapshot.OpenVerified(path))
        {
            section = Assert.Single(whole.Sections, entry => entry.Kind == SectionKind.Reranker);
            Assert.False(section.Required);
            Assert.Equal(RerankedSnapshot.Model, whole.Reranker.AsSpan());
        }

        var bytes = File.ReadAllBytes(path);
        bytes[section.Offset + (section.Length / 2)] ^= 8;
        File.WriteAllBytes(path, bytes);
        Assert.Contains(
            "section Reranker[0]: found checksum",
            Assert.Throws<SnapshotFormatException>(() => Snapshot.OpenVerified(path)).Message,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(5)]
    [InlineData(40)]
    public void Batches_take_the_best_of_the_corrected_scores(int top)
    {
        using var model = Open(With(Content(), RerankedSnapshot.Model));
        var users = model.Snapshot.Manifest.UserCount;
        var expected = new List<(string User, string Product, float Score)>();
        var answer = new RecommendAnswer();
        var features = new RerankFeatures(model.Snapshot);
        for (var user = 0; user < users; user++)
        {
            var id = model.Snapshot.UserIds.Get(user);
            Recommender.Recommend(model, new RecommendQuery { UserId = id, TopK = Math.Max(top, Candidates) }, answer);
            var row = new float[answer.Products.Length * RerankFeatures.Names.Count];
            features.Begin(new UserOrdinal(user));
            features.Write(answer.Products, row);
            var corrected = new List<ScoredProduct>();
            for (var i = 0; i < answer.Products.Length; i++)
            {
                var (ordinal, score) = (answer.Products[i].Product, answer.Products[i].Score);
                corrected.Add(
                    new ScoredProduct(
                        ordinal,
                        score + Stump.Predict(row.AsSpan(i * RerankFeatures.Names.Count, RerankFeatures.Names.Count))));
            }

            expected.AddRange(corrected.OrderByDescending(product => product.Score)
                .ThenBy(product => product.Product.Value).Take(top)
                .Select(product => (id, model.Snapshot.ProductIds.Get(product.Product.Value), product.Score)));
        }

        var unchanged = Run(Plan(model, null, top, rerank: false), "unchanged.csv", 1);
        Assert.NotEqual(
            expected.Select(row => row.Product), File.ReadLines(unchanged).Skip(1).Select(line => line.Split(',')[2]));
        foreach (var name in (string[])["rows.csv", "rows.parquet"])
        {
            var plan = Plan(model, null, top, rerank: true);
            var one = Run(plan, "1" + name, 1);
            Assert.Equal(File.ReadAllBytes(one), File.ReadAllBytes(Run(plan, "3" + name, 3)));
            Assert.Equal(expected, Rows(one));
        }
    }

    [Fact]
    public void Nothing_is_re_ranked_unasked_nor_for_a_single_product()
    {
        using var model = Open(With(Content(), RerankedSnapshot.Model));
        using var plain = Open(Content());
        string[] columns = ["user_id", "item_rank", "item_id", "score", "probability", "percentile", "item_name"];
        Assert.Equal(columns, ResultColumns.Of(Plan(model, null, 5, rerank: false)).Select(column => column.Name));
        Assert.Equal(columns, ResultColumns.Of(Plan(plain, null, 5, rerank: true)).Select(column => column.Name));
        Assert.Equal(
            [.. columns, "re_ranked"],
            ResultColumns.Of(Plan(model, null, 5, rerank: true)).Select(column => column.Name));
        Assert.Null(Plan(model, PoolDefinition.OfIds(["P7"]), 5, rerank: true).Reranker);
        var question = new TaskQuestion
        {
            TopK = 5,
            Excluded = [],
            Blocked = [],
            Purchased = PurchasedPolicy.Include,
            Rerank = true,
        };
        Assert.Same(model.Reranker, question.Plan(model, null).Reranker);
        Assert.Null((question with { Rerank = false }).Plan(model, null).Reranker);
        var unasked = Run(Plan(model, null, 5, rerank: false), "unasked.csv", 1);
        Assert.Equal(
            File.ReadAllBytes(Run(Plan(plain, null, 5, rerank: true), "plain.csv", 1)), File.ReadAllBytes(unasked));
    }

    private static SnapshotContent Content() => RandomSnapshot.Content(seed: 31, users: 90, products: 60);

    private ScoringModel Open(SnapshotContent content)
    {
        var path = _folder.File(Guid.NewGuid().ToString("N"));
        SnapshotWriter.Write(path, content);
        return new ScoringModel(Snapshot.OpenVerified(path), OnnxReranker.Open);
    }

    private void Refused(SnapshotContent content, string message)
    {
        var error = Assert.Throws<SnapshotFormatException>(() => Open(content));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    private static BatchPlan Plan(ScoringModel model, PoolDefinition? pool, int top, bool rerank) => new(
        model,
        AudienceMembers.All(model.Snapshot),
        new RecommendQuery { TopK = top, Filter = { SavedPool = pool is null ? null : model.Resolve(pool) } },
        rerank: rerank);

    private string Run(BatchPlan plan, string name, int threads) =>
        BatchRun.Run(
            plan, _folder.File(name), new BatchRunOptions { Threads = threads }, null, CancellationToken.None).Path;

    private static List<(string User, string Product, float Score)> Rows(string path)
    {
        using var reader = TableFile.Open(path, ["user_id", "item_id", "score", "re_ranked"]);
        var rows = new List<(string, string, float)>();
        while (reader.Read())
        {
            Assert.Equal("true", reader.Text(3).ToString());
            rows.Add(
                (
                    reader.Text(0).ToString(),
                    reader.Text(1).ToString(),
                    float.Parse(reader.Text(2), System.Globalization.CultureInfo.InvariantCulture)));
        }

        return rows;
    }
}

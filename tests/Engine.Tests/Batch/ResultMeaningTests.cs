using System.Globalization;
using Engine.Protos.V1;
using Engine.Scoring.Audiences;
using Engine.Scoring.Batch;
using Engine.Scoring.Models;
using Engine.Scoring.Pools;
using Engine.Server.Batch;
using Engine.Server.Catalog;
using Engine.Server.Contract;
using Engine.Server.Results;
using Engine.Snapshots.Manifest;
using Engine.Snapshots.Writing;
using Engine.Tables;
using Tests.Shared;
using RecommendQuery = Engine.Scoring.Queries.RecommendQuery;

namespace Engine.Tests.Batch;

/// <summary>Results say what their scores mean, in the very numbers of the online answers, in a stated order.</summary>
public sealed class ResultMeaningTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly SnapshotContent _content = RandomSnapshot.Content(seed: 8, users: 300, products: 60);
    private readonly ScoringModel _model;

    public ResultMeaningTests() => _model = new ScoringModel(RandomSnapshot.Open(_content, _folder));

    public void Dispose()
    {
        _model.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData("rows.csv", 5, null)]
    [InlineData("rows.parquet", 5, null)]
    [InlineData("one.csv", 1, "P7")]
    [InlineData("one.parquet", 1, "P7")]
    public void Every_row_has_the_numbers_and_the_name_of_Score(string name, int top, string? product)
    {
        var rows = Rows(Run(Plan(_model, top, product), name));
        Assert.Equal(300 * top, rows.Count);
        foreach (var row in rows)
        {
            var request = new ScoreRequest { UserIds = { row["user_id"] }, ProductIds = { row["item_id"] } };
            var reply = ScoreCall.Answer(
                _model, new WorkspaceCatalog(_folder.Path), request, CallClock.Start(TimeProvider.System));
            var online = Assert.Single(reply.Pairs);
            Assert.Equal(
                (online.Score, online.Probability, online.Percentile),
                (
                    float.Parse(row["score"], CultureInfo.InvariantCulture),
                    double.Parse(row["probability"], CultureInfo.InvariantCulture),
                    float.Parse(row["percentile"], CultureInfo.InvariantCulture)));
            Assert.Equal(
                _content.ProductNames[int.Parse(row["item_id"][1..], CultureInfo.InvariantCulture)], row["item_name"]);
        }
    }

    [Theory]
    [InlineData("rows.csv")]
    [InlineData("rows.parquet")]
    public void Without_calibration_the_probability_is_empty(string name)
    {
        using var model =
            new ScoringModel(
                RandomSnapshot.Open(
                    _content with { Manifest = _content.Manifest with { Calibration = CalibrationTerms.None } },
                    _folder));
        var rows = Rows(Run(Plan(model, 3, null), name));
        Assert.Equal(900, rows.Count);
        Assert.All(rows, row => Assert.Equal(("", false), (row["probability"], row["percentile"].Length == 0)));
    }

    [Fact]
    public void Scores_of_one_product_descend_and_the_best_are_the_first()
    {
        var path = Run(Plan(_model, 1, "P7"), "all.csv");
        var all = File.ReadAllLines(path);
        var scores =
            all.Skip(1).Select(line => float.Parse(line.Split(',')[2], CultureInfo.InvariantCulture)).ToArray();
        Assert.Equal(scores.OrderDescending(), scores);
        Assert.Equal(all.Take(1 + 25), File.ReadAllLines(Run(Plan(_model, 1, "P7"), "best.csv", best: 25)));
        Assert.Equal(all, File.ReadAllLines(Run(Plan(_model, 1, "P7"), "more.csv", best: 1000)));
        Assert.Equal(
            all.Skip(1).Take(7).Select(line => line.Split(',')[0]),
            new ResultUsers("P7", 1, int.MaxValue, null, Best: 7).Read(path));
    }

    [Fact]
    public void The_best_of_a_list_are_by_score_and_ties_by_place()
    {
        var path = _folder.Write(
            "r.csv", "user_id,item_rank,item_id,score\nu1,1,A,0.5\nu2,2,A,0.75\nu3,1,A,0.5\nu4,1,A,0.75\nu5,1,B,9\n");
        Assert.Equal(["u2", "u4", "u1"], new ResultUsers("A", 1, int.MaxValue, null, Best: 3).Read(path));
        Assert.Equal(["u4", "u1"], new ResultUsers("A", 1, 1, null, Best: 2).Read(path));
    }

    [Fact]
    public void A_stored_result_of_an_earlier_version_is_still_read()
    {
        var plan = Plan(_model, 3, null);
        ResultColumn[] old = [
            .. ResultColumns.Of(plan).Where(column => column.Name is "user_id" or "item_rank" or "item_id" or "score"),
        ];
        var path = _folder.File("old.parquet");
        using (var output = BatchOutput.Open(path, "old", "PAR1"u8))
        {
            var batch = new BatchRecommender(plan);
            var (encoder, worker) = (new ParquetPartEncoder(plan, old), batch.NewWorker());
            for (var part = 0; part < batch.Parts; part++)
            {
                var encoded = new EncodedPart();
                encoder.Begin(encoded);
                worker.Run(part, encoder.Add, CancellationToken.None);
                encoder.End();
                output.AddPart(encoded);
            }

            output.Complete(
                ParquetResultFormat.FooterOf(old, output.Parts, "PAR1".Length), keepIndex: true);
        }

        using var file = ResultFile.Open(path, ResultColumns.Of(plan));
        Assert.Equal(old, file.Columns);
        var (read, row) = file.RowsFrom(899, 1).Single();
        Assert.Equal(
            (3, null, null, true), (read.Rank(row), read.Probability(row), read.Percentile(row), read.Names is null));
        using var again = ResultFile.Open(path, ResultColumns.Of(plan));
        Assert.StartsWith(
            "user_id,item_rank,item_id,score\nuser-0é,1,P",
            System.Text.Encoding.UTF8.GetString(ResultDownload.OfRows(again).First().Span),
            StringComparison.Ordinal);
    }

    private static BatchPlan Plan(ScoringModel model, int top, string? product) => new(
        model,
        AudienceMembers.All(model.Snapshot),
        new RecommendQuery
        {
            TopK = top,
            Filter = { SavedPool = product is null ? null : model.Resolve(PoolDefinition.OfIds([product])) },
        });

    private static List<Dictionary<string, string>> Rows(string path)
    {
        using var table = TableFile.Open(path);
        var rows = new List<Dictionary<string, string>>();
        while (table.Read())
        {
            rows.Add(
                Enumerable.Range(0, table.Columns.Count)
                    .ToDictionary(column => table.Columns[column], column => table.Text(column).ToString()));
        }

        return rows;
    }

    private string Run(BatchPlan plan, string name, int? best = null)
    {
        var path = _folder.File(name);
        BatchRun.Run(plan, path, new BatchRunOptions { Threads = 2, Best = best }, null, CancellationToken.None);
        return path;
    }
}

using Engine.Snapshots;
using Tests.Shared;

namespace EndToEnd.Tests;

/// <summary>
/// What the commands of campaigns cannot do is refused in one sentence, with exit code 1, and leaves no file.
/// </summary>
public sealed class CampaignInputTests(CampaignInputTests.Folder folder) : IClassFixture<CampaignInputTests.Folder>
{
    private const string Share = "expected more than 0 and less than 1, for example 0.1";

    [Theory]
    [InlineData("batch --snapshots S --holdout-share 0 --out x.csv", "found holdout_share = 0; " + Share)]
    [InlineData("batch --snapshots S --holdout-share 1 --out x.csv", "found holdout_share = 1; " + Share)]
    [InlineData("batch --snapshots S --holdout-share NaN --out x.csv", "found holdout_share = NaN; " + Share)]
    [InlineData("batch --snapshots S --holdout-share 1e-12 --out x.csv", "60 of 60 users treated and 0 held out")]
    [InlineData("batch --snapshots S --audience none.csv --holdout-share 0.5 --out x.csv", "0 of 0 users treated")]
    [InlineData("batch --snapshots S --audience nobody --holdout-share 0.5 --out x.csv", "'nobody' does not exist")]
    [InlineData("holdout --users 100 --base-rate NaN --lift 0.1", "found base_rate = NaN")]
    [InlineData("holdout --users 100 --base-rate 0.1 --lift 0", "found lift = 0")]
    [InlineData("holdout --users 1 --base-rate 0.1 --lift 0.1", "found users = 1; expected 2 or more")]
    [InlineData("lift T1 --snapshots S --dataset after.json", "task 'T1' does not exist")]
    [InlineData("lift sent.csv --snapshots S --dataset after.json", "Run the batch with --holdout-share 0.1")]
    [InlineData("lift held.csv --snapshots S --dataset none.json", "none.json cannot be read")]
    [InlineData("lift held.csv --snapshots S --dataset before.json", "before the messages were sent on 2021-08-02")]
    [InlineData("lift held.csv --snapshots S --dataset empty.json", "has no behaviors; the messages were sent on")]
    [InlineData("lift held.csv --snapshots S --dataset after.json --days 366", "found days = 366; expected 1 to 365")]
    [InlineData("lift held.csv --snapshots S --dataset after.json --sent soon", "found sent = 'soon'; expected a day")]
    [InlineData("lift held.csv --snapshots S --dataset after.json --sent 2021-08-01", "a day after 2021-08-01")]
    [InlineData("lift alone.csv --snapshots S --dataset after.json", "cannot read the result")]
    [InlineData("report T1 --snapshots S --html x.html", "task 'T1' does not exist")]
    [InlineData("report gone.csv --snapshots S --html x.html", "'gone.csv' does not exist")]
    [InlineData("deliver T1 --snapshots S --to x", "task 'T1' does not exist")]
    [InlineData("allocate --snapshots S --products none.csv --out x.csv", "expected product_id and stock")]
    [InlineData("allocate --snapshots S --products typo.csv --out x.csv", "found the columns product_id, stock, minimun")]
    [InlineData("allocate --snapshots S --products unknown.csv --out x.csv", "line 2: product 'NONE' is not in the")]
    [InlineData("allocate --snapshots S --products twice.csv --out x.csv", "line 3: product 'P1' is there twice")]
    [InlineData("allocate --snapshots S --products stock.csv --out x.csv", "line 2: found stock 'NaN'; expected")]
    [InlineData("allocate --snapshots S --products least.csv --out x.csv", "line 2: found minimum 9 of stock 8")]
    [InlineData("allocate --snapshots S --products offers.csv --contacts -1 --out x.csv", "and -1 in all; expected")]
    [InlineData("allocate --snapshots S --products offers.csv --contacts 1 --out x.csv", "the minimums add up to 2")]
    [InlineData("allocate --snapshots S --products offers.csv --out offers.csv", "found --out offers.csv, a file that")]
    [InlineData("batch --snapshots S --audience sent.csv --out ./sent.csv", "found --out ./sent.csv, a file that is")]
    [InlineData("next-orders --snapshots S --audience sent.csv --out sent.csv", "found --out sent.csv, a file that is")]
    [InlineData("next-orders --snapshots S --within 91 --out x.csv", "found --within = 91, expected 1..90")]
    [InlineData("next-orders --snapshots S --audience nobody --out x.csv", "'nobody' does not exist")]
    [InlineData("audience save --snapshots S --name x --due-within 0", "found due.within_days = 0, expected 1..90")]
    [InlineData("audience save --snapshots S --name x", "; expected exactly one")]
    [InlineData("audience save --snapshots S --name x --churn-risk NaN", "found --churn-risk = NaN, expected 0..1")]
    [InlineData("diff CURRENT NONE --snapshots S", "snapshot 'NONE' is not in")]
    [InlineData("diff PREVIOUS CURRENT --snapshots S", "has no PREVIOUS snapshot")]
    [InlineData("diff CURRENT CURRENT --snapshots S --users -1", "found --users = -1")]
    [InlineData("diff CURRENT CURRENT --snapshots S --category none", "found no text tag 'none'")]
    [InlineData("diff CURRENT CURRENT --snapshots S --policy share.json", "found max_products_gone = 1.5; expec")]
    [InlineData("diff CURRENT CURRENT --snapshots S --policy users.json", "found users = 0; expected 1 or more.")]
    [InlineData("diff CURRENT CURRENT --snapshots S --policy none.json", "cannot read the policy")]
    public async Task What_cannot_be_is_refused_in_one_sentence(string command, string sentence)
    {
        var before = Files();
        var run = await ProgramOutput.Of(
            "env", ["-C", folder.Path, "dotnet", ProgramOutput.Built("Engine.Server"), .. command.Split(' ')]);
        Assert.True(run.ExitCode == 1, run.Output + run.Error);
        var error = run.Error.Split('\n').Single(line => line.StartsWith("error: ", StringComparison.Ordinal));
        Assert.Contains(sentence, error, StringComparison.Ordinal);
        Assert.Equal(before, Files());

        // What was refused may be in the audit log.
        string[] Files() =>
        [
            .. Directory.GetFiles(folder.Path, "*", SearchOption.AllDirectories)
                .Where(path => !path.Contains("/.access/", StringComparison.Ordinal)).Order(StringComparer.Ordinal),
        ];
    }

    [Theory]
    [InlineData("none.csv", "0.1", "none.holdout.csv does not exist")]
    [InlineData("held.csv", "NaN", "found --response-lift NaN")]
    [InlineData("held.csv", "0.9", "1.5 times the rate and the lift together at most 1")]
    public async Task Answers_that_cannot_be_are_refused_before_anything_is_written(
        string messages, string lift, string sentence)
    {
        var run = await ProgramOutput.Of("env", [
            "-C", folder.Path, "dotnet", ProgramOutput.Built("Trainer"), "generate", "--size", "tiny", "--out", "x",
            "--response", messages, "--response-lift", lift,
        ]);
        Assert.Equal(1, run.ExitCode);
        Assert.Contains(sentence, run.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(folder.Path, "x")));
    }

    /// <summary>A snapshot, a campaign that was sent, and files that are not as they should be.</summary>
    public sealed class Folder : IAsyncLifetime, IDisposable
    {
        private readonly TemporaryFolder _folder = new();

        /// <summary>Where the commands run.</summary>
        public string Path => _folder.Path;

        /// <inheritdoc/>
        public async Task InitializeAsync()
        {
            new SnapshotDirectory(_folder.File("S")).Publish(
                RandomNextOrder.With(RandomSnapshot.Content(seed: 4, users: 60, products: 40)));
            var batch = await ProgramOutput.OfEngine(
                "batch", "--snapshots", _folder.File("S"), "--top", "3", "--holdout-share", "0.5", "--out",
                _folder.File("held.csv"));
            Assert.True(batch.ExitCode == 0, batch.Error);
            _folder.Write("sent.csv", "user_id,item_rank,item_id,score\nuser-1é,1,P1,1\n");
            _folder.Write("alone.csv", "user_id,item_rank,item_id,score\nuser-1é,1,P1,1\n");
            File.Copy(_folder.File("held.csv.holdout.json"), _folder.File("alone.csv.holdout.json"));
            _folder.Write("none.csv", "user_id\n");
            _folder.Write("unknown.csv", "product_id,stock\nNONE,1\n");
            _folder.Write("typo.csv", "product_id,stock,minimun\nP1,8,1\n");
            _folder.Write("twice.csv", "product_id,stock\nP1,1\nP1,1\n");
            _folder.Write("stock.csv", "product_id,stock\nP1,NaN\n");
            _folder.Write("least.csv", "product_id,stock,minimum\nP1,8,9\n");
            _folder.Write("offers.csv", "product_id,stock,minimum\nP1,8,1\nP2,8,1\n");
            _folder.Write("share.json", """{ "max_products_gone": 1.5 }""");
            _folder.Write("users.json", """{ "users": 0 }""");
            foreach (var (name, row) in new[]
            {
                ("after", "user-1é,P1,2021-08-02\n"), ("before", "user-1é,P1,2021-08-01\n"), ("empty", ""),
            })
            {
                _folder.Write($"{name}.behavior.csv", "user,product,time\n" + row);
                _folder.Write($"{name}.json", $$"""
                    { "behavior": { "files": ["{{name}}.behavior.csv"], "user_id": "user", "product_id": "product", "time": "time", "constant_type": "purchase" },
                      "product": { "files": ["{{name}}.behavior.csv"], "product_id": "product", "product_name": "product" } }
                    """);
            }
        }

        /// <inheritdoc/>
        public Task DisposeAsync() => Task.CompletedTask;

        /// <inheritdoc/>
        public void Dispose() => _folder.Dispose();
    }
}

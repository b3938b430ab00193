using Engine.Scoring.Profiles;
using Tests.Shared;
using Engine.Datasets.Mapping;
using Trainer.Data.Progress;
using Trainer.Data.Reading;
using Trainer.Data.Running;
using Trainer.Data.Scoping;
using Trainer.Pipeline.Evaluation;
using Trainer.Pipeline.Fitting;
using Trainer.Pipeline.Publishing;
using Trainer.Pipeline.Scoring;
using Trainer.Pipeline.Settings;

namespace Trainer.Tests.Pipeline;

/// <summary>Some users alone give the rows that they have among all users.</summary>
public class UserProfilesTests
{
    [Fact]
    public void Profiles_of_some_users_are_those_of_all()
    {
        using var folder = new TemporaryFolder();
        var scoped = Read(folder);
        var all = Build(scoped, null, room: 0);
        int[] users = [.. Enumerable.Range(0, scoped.UserCount).Where(user => user % 3 == 1)];
        var some = Build(scoped, users, room: 7);
        Assert.Equal(7, some.Weights.Indices.Length - some.Weights.Offsets[^1]);
        for (var n = 0; n < users.Length; n++)
        {
            var found = some.Weights.Row(n);
            var expected = all.Weights.Row(users[n]);
            Assert.Equal(expected.Indices.ToArray(), found.Indices.ToArray());
            Assert.Equal(expected.Values.ToArray(), found.Values.ToArray());
            Assert.Equal(
                all.History.AsSpan((int)all.Weights.Offsets[users[n]], expected.Count).ToArray(),
                some.History.AsSpan((int)some.Weights.Offsets[n], expected.Count).ToArray());
            Assert.Equal(all.Rates[users[n]], some.Rates[n]);
        }
    }

    [Fact]
    public void A_snapshot_of_some_users_holds_their_rows()
    {
        using var folder = new TemporaryFolder();
        var scoped = Read(folder);
        var (options, run) = (
            new TrainOptions { Dataset = "", Out = "", Als = new() { Factors = 4, Epochs = 2 } }, new RunContext());
        var model = ScopeModel.Fit(scoped, options, supervised: false, "fit", run).WithoutProfiles();
        var score = LearnedScore.Frequency(FeatureLayout.Of(scoped.Dataset), 1);
        int[] users = [.. Enumerable.Range(0, scoped.UserCount).Where(user => user % 4 == 2)];
        var all = SnapshotAssembler.Assemble(model, score, options, ReportBuilder.Empty, run).Content;
        var some = SnapshotAssembler.Assemble(model, score, options, ReportBuilder.Empty, run, users).Content;
        Assert.Equal(users.Length, some.Manifest.UserCount);
        for (var n = 0; n < users.Length; n++)
        {
            Assert.Equal(all.UserIds[users[n]], some.UserIds[n]);
            Assert.Equal(all.UserFactors.Row(users[n]).ToArray(), some.UserFactors.Row(n).ToArray());
            var (from, to) = ((int)all.History.Offsets[users[n]], (int)all.History.Offsets[users[n] + 1]);
            var range = (int)some.History.Offsets[n]..(int)some.History.Offsets[n + 1];
            Assert.Equal(all.History.Products[from..to], some.History.Products[range]);
            Assert.Equal(all.History.Days[from..to], some.History.Days[range]);
        }
    }

    [Fact]
    public void Learning_keeps_no_users_unless_a_re_ranker_asks_for_them()
    {
        using var folder = new TemporaryFolder();
        var options = new TrainOptions { Dataset = "", Out = "", Als = new() { Factors = 4, Epochs = 2 } };
        var dataset = Read(folder).Dataset;
        foreach (var rerank in (bool[])[false, true])
        {
            var learner = new ScoreLearner(dataset, options with { Rerank = rerank }, new RunContext());
            var learned = learner.Learn(TinyBrand.LastDay.AddDays(-30));
            Assert.NotEmpty(learned.Splits);
            Assert.All(learned.Splits, split => Assert.Equal(rerank, split.HasUsers));
            // The window that decides next has lost its users here: it is fitted again.
            Assert.NotEmpty(learner.Learn(TinyBrand.LastDay.AddDays(-60)).Candidates);
        }
    }

    private static ScopedDataset Read(TemporaryFolder folder) => Scope.Of(
        DatasetReader.Read(
            DatasetFile.Read(TinyBrand.Write(folder)), NoProgress.Instance, CancellationToken.None),
        30);

    private static UserProfiles Build(ScopedDataset scoped, int[]? users, int room)
    {
        var terms = LearnedScore.Frequency(FeatureLayout.Of(scoped.Dataset), 1).Terms(30);
        return UserProfiles.Build(
            UserProfiles.HistoryOf(scoped),
            scoped.LastDay,
            new ProfileTables(new TrainOptions { Dataset = "", Out = "" }.Weights with { HalfLifeDays = 3 }, terms),
            new float[scoped.ProductCount],
            new RunContext(),
            users,
            own: users is null,
            room);
    }
}

using Engine;
using Engine.Scoring.Checking;
using Engine.Scoring.Models;
using Engine.Snapshots;
using Engine.Snapshots.Forgetting;
using Engine.Snapshots.Format;
using Engine.Snapshots.Manifest;
using Tests.Shared;
using Trainer.Data.Running;
using Trainer.Models.Factors;
using Trainer.Pipeline;
using Trainer.Pipeline.Folding;
using Trainer.Pipeline.Settings;

namespace Trainer.Tests.Pipeline;

/// <summary>Users folded in shard by shard against the snapshot of one training, section by section.</summary>
public sealed class BucketFoldTests
{
    [Fact]
    public void Folded_shards_have_the_bytes_of_a_snapshot_of_one_machine_cut_into_shards()
    {
        using var folder = new TemporaryFolder();
        var dataset = TinyBrand.Write(folder, users: 120, days: 430);
        File.AppendAllLines(
            folder.File("product.csv"), ["NEVER,Never purchased,Tea,S,3.5,2020-01-01"]);

        // Views of what nobody purchased, and of somebody who purchased nothing.
        File.AppendAllLines(
            folder.File("behavior.csv"),
            ["U1,NEVER,pv,2021-06-01 10:00,1", "U7,NEVER,pv,2021-06-02 10:00,1", "VIEWER,P3,pv,2021-05-01 10:00,1"]);
        var (id, directory) = Train(folder, dataset);
        using var whole = directory.Open(id);
        Assert.NotNull(whole.OutOfScope);
        var cut = new SnapshotShards(whole, 3);
        var folders = Enumerable.Range(0, 3).Select(k => new SnapshotDirectory(folder.File($"shard-{k}"))).ToArray();
        var ids = FoldedShards.Publish(
            whole, dataset, 3, k => folders[k], ForgottenUsers.None, new RunContext { Threads = 2 });
        for (var k = 0; k < 3; k++)
        {
            var path = folder.File($"cut-{k}");
            cut.Write(path, k);
            using var expected = Snapshot.OpenVerified(path);
            using var found = folders[k].Open(ids[k]);
            Assert.InRange(found.Manifest.UserCount, 20, 60);
            Assert.Equal(Sections(expected), Sections(found));
            Assert.Equal(whole.Known!.Answers.Length, expected.Known!.Answers.Length);
            Assert.Equal(
                [KnownQuestion.Basket, KnownQuestion.Related],
                found.Known!.Answers.Select(answer => answer.Question).Distinct());
            using var model = new ScoringModel(Snapshot.OpenVerified(found.Path));
            Assert.Equal((found.Known.Answers.Length, 0, 0), Counts(KnownAnswerCheck.Run(model)));
            Assert.Equal(
                expected.Manifest.Shard! with { SetId = found.Shard!.SetId }, found.Shard);
            Assert.Equal($"{found.Shard.SetId}-{k}of3", found.Id);
        }
    }

    [Fact]
    public void Behavior_after_the_snapshot_is_refused()
    {
        using var folder = new TemporaryFolder();
        var dataset = TinyBrand.Write(folder);
        var (id, directory) = Train(folder, dataset);
        File.AppendAllLines(
            folder.File("behavior.csv"),
            Enumerable.Range(0, 60).Select(user => $"U{user},P1,buy,2021-08-09 10:00,1"));
        using var whole = directory.Open(id);
        var refused = Assert.Throws<InputException>(() => FoldedShards.Publish(
            whole,
            dataset,
            2,
            k => new SnapshotDirectory(folder.File($"{k}")),
            ForgottenUsers.None,
            new RunContext()));
        Assert.Contains("found behavior of 2021-08-09T10:00:00", refused.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder.File("0")));
    }

    private static (string Id, SnapshotDirectory Directory) Train(TemporaryFolder folder, string dataset)
    {
        var options = new TrainOptions
        {
            Dataset = dataset,
            Out = folder.File("out"),
            Als = new AlsOptions { Factors = 8, Epochs = 3 },
        };
        var (id, _) = TrainingPipeline.Run(options, new RunContext { Threads = 2 });
        return (id, new SnapshotDirectory(options.Out));
    }

    private static (int, int, int) Counts(KnownAnswerResult result) =>
        (result.Agreed, result.Rounded, result.Skipped);

    private static object[] Sections(Snapshot snapshot) =>
    [
        .. snapshot.Sections
            .Where(entry => entry.Kind is not (SectionKind.Manifest or SectionKind.KnownAnswers))
            .Select(entry => (entry.Kind, entry.Index, entry.Rows, entry.Columns, entry.Length, entry.Crc)),
    ];
}

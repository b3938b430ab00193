using Engine.Protos.V1;
using Grpc.Core;
using Tests.Shared;

namespace EndToEnd.Tests;

/// <summary>
/// Two snapshots compared over the wire and on the command line, and the policy that judges the second.
/// </summary>
public sealed class DiffTests
{
    [Fact]
    public async System.Threading.Tasks.Task A_snapshot_beyond_the_policy_is_not_served_until_a_person_says_so()
    {
        await using var engine = await RunningEngine.Start(RandomSnapshot.Content(seed: 1, users: 200, products: 40));
        var (root, workspace) = (Path.GetDirectoryName(engine.Directory.Path)!, engine.Directory.Path);
        var before = engine.Directory.ReadCurrent()!;
        await File.WriteAllTextAsync(
            Path.Combine(workspace, "policy.json"), """{ "min_overlap_at10": 0.9, "max_products_gone": 0.5 }""");
        var after = engine.Directory.Publish(RandomSnapshot.Content(seed: 2, users: 200, products: 40));

        // The running engine keeps the current one and says why.
        var health = await engine.Until("beyond the policy", "/health");
        Assert.Contains(before, health, StringComparison.Ordinal);
        Assert.Contains("overlap@10 is 0.", health, StringComparison.Ordinal);
        Assert.DoesNotContain("products gone is", health, StringComparison.Ordinal);
        var refused = await Assert.ThrowsAsync<RpcException>(
            () => engine.Snapshots.ActivateAsync(new ActivateSnapshotRequest { SnapshotId = after }).ResponseAsync);
        Assert.Equal(StatusCode.FailedPrecondition, refused.StatusCode);
        Assert.Contains("the policy asks for 0.9 or more", refused.Status.Detail, StringComparison.Ordinal);

        // An engine that starts now serves the last one that passed, not the one that CURRENT names.
        await using (var restarted = await RunningEngine.StartEmpty(configure: options => options.Snapshots = root))
        {
            await restarted.Until("beyond the policy", "/health");
            var served = await restarted.Snapshots.DescribeAsync(new DescribeSnapshotRequest());
            Assert.Equal(before, served.Info.SnapshotId);
        }

        // The same on the command line.
        engine.Directory.Activate(before);
        var command = await ProgramOutput.OfEngine("snapshots", "activate", after, "--snapshots", root);
        Assert.Equal(1, command.ExitCode);
        Assert.Contains("the policy asks for 0.9 or more", command.Error, StringComparison.Ordinal);
        var diff = await ProgramOutput.OfEngine("diff", before, after, "--snapshots", root, "--json");
        Assert.Equal(3, diff.ExitCode);
        var found = DiffSnapshotsReply.Parser.ParseJson(diff.Output);
        Assert.Equal(
            (before, after, 200L, 200L, 1),
            (found.Before, found.After, found.ComparedUsers, found.SharedUsers, found.Breaches.Count));
        var answered = await engine.Snapshots.DiffAsync(new DiffSnapshotsRequest { After = after });
        Assert.Equal(found.OverlapAt10, answered.OverlapAt10, 9);
        Assert.Contains(
            "\"overlapAt10\"",
            await engine.Http.GetStringAsync($"/v1/snapshots:diff?after={after}"),
            StringComparison.Ordinal);

        // By force it is served, also by an engine that only sees CURRENT move.
        var forced = await ProgramOutput.OfEngine("snapshots", "activate", after, "--snapshots", root, "--force");
        Assert.True(forced.ExitCode == 0, forced.Error);
        await engine.Until($"\"snapshot_id\": \"{after}\"", "/health");
        Assert.Equal(before, (await engine.Snapshots.RollbackAsync(new RollbackSnapshotRequest())).ActiveSnapshotId);
    }

    [Fact]
    public async System.Threading.Tasks.Task A_policy_that_cannot_be_read_is_refused_with_its_keys()
    {
        await using var engine = await RunningEngine.Start(RandomSnapshot.Content(seed: 1));
        await File.WriteAllTextAsync(Path.Combine(engine.Directory.Path, "policy.json"), """{ "min_overlap": 0.9 }""");
        var after = engine.Directory.Publish(RandomSnapshot.Content(seed: 2));
        await engine.Until("Known keys: users, category, min_overlap_at10", "/health");
        var refused = await Assert.ThrowsAsync<RpcException>(
            () => engine.Snapshots.ActivateAsync(new ActivateSnapshotRequest { SnapshotId = after }).ResponseAsync);
        Assert.Contains("min_overlap", refused.Status.Detail, StringComparison.Ordinal);
    }
}

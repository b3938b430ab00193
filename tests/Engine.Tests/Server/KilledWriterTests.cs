using System.Diagnostics.Metrics;
using Engine.Scoring.Pools;
using Engine.Server.Access;
using Engine.Server.Audit;
using Engine.Server.Catalog;
using Engine.Server.Configuration;
using Engine.Server.Errors;
using Engine.Server.Workspaces;
using Engine.Snapshots;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Tests.Shared;

namespace Engine.Tests.Server;

/// <summary>What a killed process leaves behind hides nothing, comes back as nothing, and does not stay.</summary>
public sealed class KilledWriterTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("{\"time\":\"2026-01-01T00:00:00Z\",\"id\":\"to")]
    [InlineData("\uFEFF")]
    [InlineData("{")]
    public void A_line_of_the_audit_log_that_was_cut_off_takes_no_other_with_it(string cut)
    {
        var log = new AuditLog(_folder.Path, long.MaxValue, 1);
        log.Append(new AuditLine(DateTimeOffset.UnixEpoch, "1") { Call = "before" });
        File.AppendAllText(Path.Combine(_folder.Path, ".access", "audit", "audit.jsonl"), cut);
        log.Append(new AuditLine(DateTimeOffset.UnixEpoch, "2") { Call = "after" });
        log.Append(new AuditLine(DateTimeOffset.UnixEpoch, "3") { Call = "later" });
        Assert.Equal(["1", "2", "3"], log.Read().Select(line => line.Id));
    }

    [Fact]
    public void A_pool_whose_deletion_was_cut_off_lends_the_next_one_no_versions()
    {
        var pools = new WorkspaceCatalog(_folder.Path).Pools;
        for (var price = 1; price <= 4; price++)
        {
            pools.Save(new PoolDefinition("p", $"price < {price}", []));
        }

        File.Delete(Assert.Single(Directory.GetFiles(Path.Combine(_folder.Path, "pools"), "*.json")));
        pools = new WorkspaceCatalog(_folder.Path).Pools;
        Assert.Equal(1, pools.Save(new PoolDefinition("p", "price < 9", [])).Version);
        Assert.Throws<NotFoundException>(() => pools.Get("p", 2));
        pools.Save(new PoolDefinition("p", "price < 10", []));
        Assert.Equal("price < 9", pools.Get("p", 1).Rule);
        pools.Delete("p");
        Assert.Equal([".lock"], Directory.GetFileSystemEntries(Path.Combine(_folder.Path, "pools"))
            .Select(Path.GetFileName));
    }

    [Fact]
    public void Temporary_files_are_swept_from_every_folder_of_a_workspace_and_of_the_keys()
    {
        var workspace = new SnapshotDirectory(_folder.Path).Path;
        string[] folders = ["", "pools", "pools/a.versions", "placements", "placements/b.versions", "experiments",
            "experiments/c.versions", "audiences", "events", "shown"];
        var left = folders.Select(name => Leave(Path.Combine(workspace, name))).ToArray();
        using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        using var registry = new WorkspaceRegistry(
            new ServerOptions { Snapshots = _folder.Path },
            new ServerMetrics(services.GetRequiredService<IMeterFactory>(), TimeProvider.System),
            (_, _, _) => { },
            NullLogger<Workspace>.Instance,
            TimeProvider.System);
        registry.Sweep();
        Assert.DoesNotContain(left, File.Exists);

        var keys = new KeyFile(KeyFile.PathOf(_folder.Path, ""));
        var ofKeys = Leave(Path.GetDirectoryName(keys.Path)!);
        var (_, id, hash) = ApiKey.Create();
        keys.Add(new StoredKey(id, "shop", hash, ["read"], ["*"], default, null), default);
        Assert.False(File.Exists(ofKeys));
        Assert.Single(keys.Read());
    }

    private static string Leave(string folder)
    {
        Directory.CreateDirectory(folder);
        var path = Path.Combine(folder, $".{Guid.NewGuid():N}.partial");
        File.WriteAllText(path, "half");
        File.SetLastWriteTimeUtc(path, DateTime.UnixEpoch);
        return path;
    }
}

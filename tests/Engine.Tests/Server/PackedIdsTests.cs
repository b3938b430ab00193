using Engine.Scoring.Pools;
using Engine.Server.Catalog;
using Tests.Shared;

namespace Engine.Tests.Server;

/// <summary>Saved lists of ids in memory.</summary>
public sealed class PackedIdsTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(1_000)]
    public void Every_id_comes_back(int count)
    {
        var random = new Random(count);
        string[] ids = [.. Enumerable.Range(0, count).Select(i => i % 7 == 0
            ? ""
            : string.Concat(Enumerable.Repeat("a\0\u00E9\u8336\uD83D\uDE00", random.Next(5))) + i)];
        var packed = PackedIds.Of(ids);
        Assert.Equal(count, packed.Count);
        Assert.Equal(ids, packed);
        Assert.Equal(ids, Enumerable.Range(0, count).Select(place => packed[place]));
    }

    [Fact]
    public void A_saved_pool_is_kept_packed()
    {
        using var folder = new TemporaryFolder();
        string[] ids = [.. Enumerable.Range(0, 1_000).Select(i => $"P{i:D6}")];
        var saved = new WorkspaceCatalog(folder.Path).Pools.Save(new PoolDefinition("p", "", ids));
        var read = new WorkspaceCatalog(folder.Path).Pools.Get("p");
        Assert.All([saved, read], pool => Assert.Equal(ids, Assert.IsType<PackedIds>(pool.ProductIds)));
    }
}

using Engine.Scoring.Pools;
using Engine.Server.Catalog;
using Engine.Server.Configuration;
using Engine.Server.Errors;
using Tests.Shared;

namespace Engine.Tests.Server;

/// <summary>
/// Several engines on one root: instances of a store share nothing but the folder, and locks of the operating system
/// hold between them as they do between processes.
/// </summary>
public sealed class SharedStoresTests : IDisposable
{
    private const int Engines = 4;
    private const int Saves = 32;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Every_save_of_a_pool_has_a_version_of_its_own()
    {
        var versions =
            Concurrently(
                Saves,
                (store, engine, save) =>
                    store.Save(new PoolDefinition("p", $"price < {(engine * Saves) + save + 1}", [], 0)).Version,
                () => new PoolStore(_folder.Path, new CallLimits { PoolVersions = Engines * Saves }));
        Assert.Equal(Enumerable.Range(1, Engines * Saves).Select(version => (long)version), versions.Order());
        var reader = new PoolStore(_folder.Path, new CallLimits());
        var rules = Enumerable.Range(1, Engines * Saves).Select(version => reader.Get("p", version).Rule);
        Assert.Equal(Engines * Saves, rules.Distinct(StringComparer.Ordinal).Count());
    }

    [Fact]
    public void No_acknowledged_block_is_lost()
    {
        var versions = Concurrently(
            Saves,
            (store, engine, save) => store.Change(false, [], [$"{engine}-{save}"]).Version,
            () => new BlockedStore(_folder.Path));
        Assert.Equal(Engines * Saves, versions.Distinct().Count());
        Assert.Equal(Engines * Saves, new BlockedStore(_folder.Path).Current.ProductIds.Count);
    }

    [Fact]
    public void Each_engine_sees_what_the_other_has_changed()
    {
        var (left, right) = (new WorkspaceCatalog(_folder.Path), new WorkspaceCatalog(_folder.Path));
        Assert.Empty(right.Blocked.Current.ProductIds);
        left.Blocked.Change(false, [], ["a"]);
        Assert.Equal(["a"], right.Blocked.Current.ProductIds);
        right.Blocked.Change(false, ["a"], ["b"]);
        Assert.Equal(["b"], left.Blocked.Current.ProductIds);

        left.Pools.Save(new PoolDefinition("p", "price < 1", [], 0));
        Assert.Equal("price < 1", right.Pools.Get("p").Rule);
        right.Pools.Save(new PoolDefinition("p", "price < 2", [], 0));
        Assert.Equal("price < 2", left.Pools.Get("p").Rule);
        left.Pools.Delete("p");
        Assert.Throws<NotFoundException>(() => right.Pools.Get("p"));

        left.Audiences.Save("some", "member", "test", ["u1", "u2"]);
        Assert.Equal(["u1", "u2"], right.Audiences.Ids("some"));
        right.Audiences.Delete("some");
        Assert.Throws<NotFoundException>(() => left.Audiences.Ids("some"));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("not JSON")]
    public void A_blocked_product_stays_blocked_when_the_file_is_lost_or_damaged(string? text)
    {
        var store = new BlockedStore(_folder.Path);
        store.Change(false, [], ["a", "b"]);
        Assert.Null(store.Problem);
        var path = Path.Combine(_folder.Path, "blocked.json");
        var sound = File.ReadAllText(path);
        File.Delete(path);
        if (text is not null)
        {
            File.WriteAllText(path, text);
        }

        Assert.Contains("stay blocked", store.Problem, StringComparison.Ordinal);
        Assert.Equal(["a", "b"], store.Current.ProductIds);
        if (text is null)
        {
            // The next change writes all of it again.
            Assert.Equal(["a", "b", "c"], store.Change(false, [], ["c"]).ProductIds);
            Assert.Equal(["a", "b", "c"], new BlockedStore(_folder.Path).Current.ProductIds);
        }
        else
        {
            Assert.ThrowsAny<InputException>(() => store.Change(false, [], ["c"]));
            File.WriteAllText(path, sound);
        }

        Assert.Null(store.Problem);
    }

    private static long[] Concurrently<T>(int saves, Func<T, int, int, long> save, Func<T> open)
    {
        var results = new long[Engines * saves];
        var threads = Enumerable.Range(0, Engines).Select(engine => new Thread(() =>
        {
            var store = open();
            for (var i = 0; i < saves; i++)
            {
                results[(engine * saves) + i] = save(store, engine, i);
            }
        })).ToArray();
        foreach (var thread in threads)
        {
            thread.Start();
        }

        foreach (var thread in threads)
        {
            thread.Join();
        }

        return results;
    }
}

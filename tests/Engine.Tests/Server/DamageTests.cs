using Engine.Scoring.Pools;
using Engine.Server.Catalog;
using Engine.Server.Configuration;
using Engine.Server.Contract;
using Engine.Server.Errors;
using Grpc.Core;
using Tests.Shared;

namespace Engine.Tests.Server;

/// <summary>
/// One damaged file is named and left out; what is saved is bounded; what the machine does not give has its own status.
/// </summary>
public sealed class DamageTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("null")]
    [InlineData("{ \"name\": \"tea\", \"rule\": 5 }")]
    public void A_damaged_pool_is_named_and_the_others_are_listed(string text)
    {
        var catalog = new WorkspaceCatalog(_folder.Path);
        catalog.Pools.Save(new PoolDefinition("tea", "price > 1", []));
        var damaged = Path.Combine(_folder.Path, "pools", new string('0', 64) + ".json");
        File.WriteAllText(damaged, text);
        catalog.Look();
        Assert.Contains(damaged, Assert.Single(catalog.Problems), StringComparison.Ordinal);
        Assert.Equal("tea", Assert.Single(catalog.Pools.List()).Name);
        Assert.Equal("tea", catalog.Pools.Get("tea").Name);
        File.Delete(damaged);
        catalog.Look();
        Assert.Empty(catalog.Problems);
    }

    [Fact]
    public void A_damaged_audience_and_damaged_blocked_products_are_named_and_the_others_are_listed()
    {
        var catalog = new WorkspaceCatalog(_folder.Path);
        catalog.Audiences.Save("good", "member", "test", ["a", "b"]);
        File.WriteAllText(Path.Combine(_folder.Path, "audiences", new string('1', 64) + ".audience"), "AUDIENCE");
        File.WriteAllText(Path.Combine(_folder.Path, "blocked.json"), "{");
        catalog.Look();
        Assert.Contains(new string('1', 64), Assert.Single(catalog.Problems), StringComparison.Ordinal);
        Assert.Contains("blocked.json", catalog.Blocked.Problem, StringComparison.Ordinal);
        Assert.Equal("good", Assert.Single(catalog.Audiences.List()).Name);
    }

    [Fact]
    public void Earlier_versions_of_a_pool_are_kept_up_to_a_number_and_a_size()
    {
        var store = new PoolStore(_folder.Path, new CallLimits { PoolVersions = 3, PoolVersionMebibytes = 1 });
        for (var i = 1; i <= 10; i++)
        {
            store.Save(new PoolDefinition("tea", $"price > {i}", []));
        }

        Assert.Equal("price > 7", store.Get("tea", 7).Rule);
        Assert.Contains(
            "10, 9, 8, 7",
            Assert.Throws<NotFoundException>(() => store.Get("tea", 6)).Message,
            StringComparison.Ordinal);
        string[] large = [.. Enumerable.Range(0, 60_000).Select(i => $"product-{i:d8}")];
        for (var i = 0; i < 4; i++)
        {
            store.Save(new PoolDefinition("tea", "", large));
        }

        var versions = new DirectoryInfo(_folder.Path)
            .EnumerateFiles("*", SearchOption.AllDirectories)
            .Where(file => file.DirectoryName!.EndsWith(".versions", StringComparison.Ordinal));
        Assert.InRange(versions.Sum(file => file.Length), 0, 1 << 20);
    }

    [Fact]
    public void Saved_pools_and_audiences_are_bounded_and_existing_ones_can_be_replaced()
    {
        var limits = new CallLimits { Pools = 2, Audiences = 1 };
        var catalog = new WorkspaceCatalog(_folder.Path, limits);
        catalog.Pools.Save(new PoolDefinition("a", "price > 1", []));
        catalog.Pools.Save(new PoolDefinition("b", "price > 1", []));
        Assert.Throws<ExhaustedException>(() => catalog.Pools.Save(new PoolDefinition("c", "price > 1", [])));
        Assert.Equal(2, catalog.Pools.Save(new PoolDefinition("b", "price > 2", [])).Version);
        catalog.Audiences.Save("a", "member", "test", ["x"]);
        Assert.Throws<ExhaustedException>(() => catalog.Audiences.Save("b", "member", "test", ["x"]));
        catalog.Audiences.Save("a", "member", "test", ["y"]);
    }

    [Fact]
    public void Saved_pools_are_bounded_by_their_bytes()
    {
        var store = new PoolStore(_folder.Path, new CallLimits());
        store.Save(new PoolDefinition("a", "price > 1", []));
        using (var large = File.OpenWrite(Path.Combine(_folder.Path, "pools", new string('0', 64) + ".json")))
        {
            large.SetLength(1L << 31);
        }

        var error = Assert.Throws<ExhaustedException>(() => store.Save(new PoolDefinition("b", "price > 1", [])));
        Assert.Contains("other saved pools of 2,147,48", error.Message, StringComparison.Ordinal);
        Assert.Throws<ExhaustedException>(() => store.Save(new PoolDefinition("a", "price > 1", ["P1"])));
        File.Delete(Path.Combine(_folder.Path, "pools", new string('0', 64) + ".json"));
        Assert.Equal(2, store.Save(new PoolDefinition("a", "price > 2", [])).Version);
    }

    [Fact]
    public void Pages_give_everything_once_in_order_also_when_something_is_deleted_between()
    {
        var names = Enumerable.Range(0, 25).Select(i => $"n{i:d2}").ToList();
        var (seen, token) = (new List<string>(), "");
        do
        {
            var (page, next) = Pages.Of(names, name => name, descending: false, 10, token);
            Assert.InRange(page.Count, 1, 10);
            seen.AddRange(page);
            token = next;
            names.Remove("n09");
        }
        while (token.Length > 0);
        Assert.Equal(Enumerable.Range(0, 25).Select(i => $"n{i:d2}"), seen);
        var (last, before) = Pages.Of(Enumerable.Reverse(names), name => name, descending: true, 2, "");
        Assert.Equal(["n24", "n23"], last);
        Assert.Equal(["n22"], Pages.Of(Enumerable.Reverse(names), name => name, descending: true, 1, before).Page);
        Assert.Throws<InputException>(() => Pages.Of(names, name => name, descending: false, 1_001, ""));
    }

    [Fact]
    public void Long_lists_of_ids_come_in_parts_below_the_limit_of_a_message()
    {
        string[] ids = [.. Enumerable.Range(0, 500_000).Select(i => $"product-{i:d8}")];
        var (seen, token, parts) = (new List<string>(), "", 0);
        do
        {
            var reply = new Engine.Protos.V1.BlockedProducts();
            token = Pages.Fill(reply.ProductIds, ids, version: 3, token);
            Assert.InRange(reply.CalculateSize(), 1, ReplyFields.MaximumBytes);
            seen.AddRange(reply.ProductIds);
            parts++;
        }
        while (token.Length > 0);
        Assert.Equal(ids, seen);
        Assert.Equal(4, parts);

        var (first, rest) = (new Engine.Protos.V1.BlockedProducts(), new Engine.Protos.V1.BlockedProducts());
        var next = Pages.Fill(first.ProductIds, ids, version: 3, "");
        var changed = Assert.Throws<FieldException>(() => Pages.Fill(rest.ProductIds, ids, version: 4, next));
        Assert.Contains("of version 3; the list has version 4 by now", changed.Message, StringComparison.Ordinal);
        foreach (var wrong in new[] { "-1", "1", "3:", ":1", "3:500000", "3:-1" })
        {
            Assert.Throws<FieldException>(() => Pages.Fill(rest.ProductIds, ids, version: 3, wrong));
        }
    }

    [Fact]
    public void Disk_rights_and_memory_have_their_own_status_and_sentence()
    {
        (Exception Error, StatusCode Code, string Words)[] faults =
        [
            (new IOException("No space left on device : '/x'", 28), StatusCode.ResourceExhausted, "the disk is full"),
            (
                new IOException("wrapped", new IOException("No space left on device", 28)),
                StatusCode.ResourceExhausted,
                "the disk is full"),
            (new IOException("Read-only file system", 30), StatusCode.FailedPrecondition, "read-only"),
            (
                new UnauthorizedAccessException("Access to the path '/x' is denied."),
                StatusCode.FailedPrecondition,
                "a right is missing"),
            (new InsufficientMemoryException(), StatusCode.ResourceExhausted, "not enough memory"),
            (
                new AggregateException(new InsufficientMemoryException()),
                StatusCode.ResourceExhausted,
                "not enough memory"),
            (new IOException("Input/output error", 5), StatusCode.Unavailable, "cannot be read or written"),
            (new InvalidOperationException("secret"), StatusCode.Internal, "see the server log (request r)"),
        ];
        foreach (var (error, code, words) in faults)
        {
            Assert.Equal(code, CallStatus.CodeOf(error, CancellationToken.None));
            var message = CallStatus.Of(error, code, "r").Message;
            Assert.Contains(words, message, StringComparison.Ordinal);
            Assert.DoesNotContain("..", message, StringComparison.Ordinal);
        }
    }
}

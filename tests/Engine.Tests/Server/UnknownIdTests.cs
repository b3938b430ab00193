using Engine.Protos.V1;
using Engine.Scoring.Models;
using Engine.Server.Catalog;
using Engine.Server.Commands;
using Engine.Server.Contract;
using Engine.Server.Errors;
using Tests.Shared;

namespace Engine.Tests.Server;

/// <summary>An id that matches nothing is an error or is counted and named; names follow one rule.</summary>
public sealed class UnknownIdTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly ScoringModel _model;
    private readonly WorkspaceCatalog _catalog;

    public UnknownIdTests()
    {
        _model =
            new ScoringModel(RandomSnapshot.Open(RandomSnapshot.Content(seed: 2, users: 20, products: 30), _folder));
        _catalog = new WorkspaceCatalog(_folder.Path);
    }

    public void Dispose()
    {
        _model.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void An_audience_of_behavior_names_unknown_products()
    {
        var some = AudienceAnswers.Save(_model, _catalog, Behavior("P1", "P01"));
        Assert.Equal("1 of 2 behavior.product_ids unknown: P01", Assert.Single(some.Notes));
        var error = Assert.Throws<FieldException>(() => AudienceAnswers.Save(_model, _catalog, Behavior("P01", "p1")));
        Assert.Equal("behavior.product_ids", error.Field);
        Assert.Contains("2 of 2 behavior.product_ids unknown: P01, p1", error.Message, StringComparison.Ordinal);

        static SaveAudienceRequest Behavior(params string[] products) =>
            new()
            {
                Name = "a",
                Behavior = new BehaviorAudience { Types_ = { BehaviorType.Purchase }, ProductIds = { products } },
            };
    }

    [Fact]
    public void Lists_of_ids_count_and_name_what_is_unknown()
    {
        var user = _model.Snapshot.UserIds.Get(0);
        Assert.Equal(
            "1 of 2 user_ids unknown: nobody",
            Assert.Single(
                AudienceAnswers.Save(
                    _model, _catalog, new SaveAudienceRequest { Name = "a", UserIds = { user, "nobody" } }).Notes));
        Assert.Empty(
            AudienceAnswers.Save(_model, _catalog, new SaveAudienceRequest { Name = "a", UserIds = { user } }).Notes);

        var blocked = BlockedAnswers.Set(
            _catalog.Blocked, _model, new SetBlockedRequest { Block = { "P1", "P001" }, Unblock = { "P2" } });
        Assert.Equal(["1 of 1 unblock unknown: P2", "1 of 2 block unknown: P001"], blocked.Notes);
        Assert.Equal(["P001", "P1"], blocked.ProductIds);

        var pool = CatalogAnswers.Describe(
            _model, CatalogAnswers.ToSave(_model, new SavePoolRequest { Name = "p", ProductIds = { "P1", "gone" } }));
        Assert.Equal(new Skipped { Id = "gone", Reason = SkipReason.UnknownProduct }, Assert.Single(pool.Skipped));
    }

    [Fact]
    public void A_file_without_a_header_does_not_lose_its_first_id()
    {
        var users = _model.Snapshot.UserIds;
        var bare = _folder.Write("bare.csv", $"{users.Get(0)}\n{users.Get(1)}\n");
        Assert.Contains(
            $"'{users.Get(0)}', which looks like an id",
            Assert.Throws<InputException>(() => IdFile.Read(bare, users).Count()).Message,
            StringComparison.Ordinal);
        var unknown = _folder.Write("unknown.csv", "C0000009\nC0000010\n");
        Assert.Throws<InputException>(() => IdFile.Read(unknown, users).Count());
        Assert.Equal(["C0000010"], IdFile.Read(unknown, users, "C0000009"));
        Assert.Equal(["x"], IdFile.Read(_folder.Write("good.csv", "user_id\nx\n"), users));
    }

    [Fact]
    public void Ids_are_taken_from_the_column_of_their_name_and_never_from_a_whole_line()
    {
        var users = _model.Snapshot.UserIds;
        var named = _folder.Write("named.csv", "name,user_id\nAnn,x\n");
        Assert.Equal(["x"], IdFile.Read(named, users));
        Assert.Equal(["Ann"], IdFile.Read(named, users, usual: "product_id"));
        Assert.Equal(["Ann"], IdFile.Read(named, users, "name"));
        foreach (var header in new[] { "user_id;name", "user_id\tname", "user_id|name" })
        {
            var other = _folder.Write("other.csv", $"{header}\nx;Ann\n");
            Assert.Contains(
                "expected commas",
                Assert.Throws<InputException>(() => IdFile.Read(other, users).Count()).Message,
                StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData("a/b")]
    [InlineData("a\\b")]
    [InlineData("a%2Fb")]
    [InlineData(" a")]
    [InlineData("a\n")]
    [InlineData("a\u202Eb")]
    [InlineData("a\u2028b")]
    public void A_name_that_no_route_finds_again_is_refused_when_it_is_saved(string name)
    {
        Assert.Equal(
            "name",
            Assert.Throws<FieldException>(() => _catalog.Pools.Save(new("p", "", ["P1"]) { Name = name })).Field);
        var audience = new SaveAudienceRequest { Name = name, UserIds = { "u" }, ValidateOnly = true };
        Assert.Throws<FieldException>(() => AudienceAnswers.Save(_model, _catalog, audience));
        audience.ValidateOnly = false;
        Assert.Throws<FieldException>(() => AudienceAnswers.Save(_model, _catalog, audience));
    }
}

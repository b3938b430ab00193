using Engine.Protos.V1;
using Engine.Scoring.Models;
using Engine.Server.Catalog;
using Engine.Server.Contract;
using Engine.Server.Errors;
using Engine.Snapshots.Writing;
using Tests.Shared;
using Kind = Engine.Snapshots.Manifest.BehaviorType;

namespace Engine.Tests.Pools;

/// <summary>Audiences from ids, from behavior and from each other, against plain loops.</summary>
public sealed class AudienceTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly SnapshotContent _content = RandomSnapshot.Content(seed: 4, users: 300);
    private readonly ScoringModel _model;
    private readonly WorkspaceCatalog _catalog;

    public AudienceTests()
    {
        _model = new ScoringModel(RandomSnapshot.Open(_content, _folder));
        _catalog = new WorkspaceCatalog(_folder.Path);
    }

    public void Dispose()
    {
        _model.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData(1, 366)]
    [InlineData(2, 366)]
    [InlineData(1, 30)]
    [InlineData(1, 1)]
    public void Behavior_finds_who_the_plain_loop_finds(int atLeast, int withinDays)
    {
        var saved = Save(new SaveAudienceRequest
        {
            Name = "did",
            Behavior = new BehaviorAudience
            {
                Types_ = { Protos.V1.BehaviorType.Cart, Protos.V1.BehaviorType.Purchase },
                Rule = "price < 60",
                AtLeast = atLeast,
                WithinDays = withinDays,
            },
        });
        var lastDay = new DateOnly(2021, 8, 1).DayNumber - new DateOnly(2020, 8, 1).DayNumber;
        var expected = Enumerable
            .Range(0, 300)
            .Where(user => Enumerable
                .Range(
                    (int)_content.History.Offsets[user],
                    (int)(_content.History.Offsets[user + 1] - _content.History.Offsets[user]))
            .Where(
                at => _content.History.Types[at] is (byte)Kind.Cart or (byte)Kind.Purchase
                    && _content.History.Days[at] > lastDay - withinDays
                    && _content.Tags[2].Numbers![_content.History.Products[at]] < 60)
            .Sum(at => _content.History.Counts[at]) >= atLeast).Select(user => _content.UserIds[user]).ToArray();
        Assert.Equal(expected, _catalog.Audiences.Ids("did"));
        Assert.Equal(expected.Length, saved.InScopeCount);
        Assert.True(atLeast > 1 || withinDays < 366 || expected.Length > 20);
    }

    [Fact]
    public void Audiences_combine_are_counted_and_survive_a_restart()
    {
        var ids = _content.UserIds;
        var first =
            Save(
                new SaveAudienceRequest
                {
                    Name = "a",
                    IdentityType = "member",
                    UserIds = { ids[1], ids[2], "nobody\n", ids[1], ids[3] },
                });
        Assert.Equal((4, 3), (first.UserCount, first.InScopeCount));
        Save(new SaveAudienceRequest { Name = "b", UserIds = { ids[3], ids[4] } });
        Assert.Equal([ids[1], ids[2], "nobody\n", ids[3], ids[4]], Combined(AudienceOperation.Union));
        Assert.Equal([ids[3]], Combined(AudienceOperation.Intersection));
        Assert.Equal([ids[1], ids[2], "nobody\n"], Combined(AudienceOperation.Difference));

        Assert.Equal(
            2, Save(new SaveAudienceRequest { Name = "dry", UserIds = { "x", "y" }, ValidateOnly = true }).UserCount);
        var restarted = new WorkspaceCatalog(_folder.Path).Audiences;
        Assert.Equal(["a", "b", "c"], restarted.List().Select(audience => audience.Name));
        restarted.Delete("c");
        Assert.Throws<NotFoundException>(() => _catalog.Audiences.Get("c"));
    }

    [Fact]
    public void Another_identity_type_and_a_damaged_file_are_refused()
    {
        var wrong = Assert.ThrowsAny<InputException>(
            () => Save(new SaveAudienceRequest { Name = "a", IdentityType = "phone", UserIds = { "x" } }));
        Assert.Contains("found identity type 'phone'", wrong.Message, StringComparison.Ordinal);
        Assert.Contains("expected 'member'", wrong.Message, StringComparison.Ordinal);
        Save(new SaveAudienceRequest { Name = "a", UserIds = { "xyz", "abc" } });
        var file = Directory.EnumerateFiles(Path.Combine(_folder.Path, "audiences"), "*.audience").Single();
        File.WriteAllBytes(file, File.ReadAllBytes(file)[..^5]);
        Assert.ThrowsAny<InputException>(() => _catalog.Audiences.Ids("a").Count());
    }

    [Fact]
    public void Rank_users_within_a_saved_audience_equals_the_inline_one()
    {
        var ids = _content.UserIds.Where((_, i) => i % 7 == 0).Append("nobody").ToArray();
        Save(new SaveAudienceRequest { Name = "sevenths", UserIds = { ids } });
        var request = new RankUsersRequest { ProductId = "P3", TopK = 20, Audience = "sevenths" };
        var saved = RankUsersCall.Answer(_model, _catalog, request, CallClock.Start(TimeProvider.System)).Single();
        request.Audience = "";
        request.UserIds.AddRange(ids);
        var inline = RankUsersCall.Answer(_model, _catalog, request, CallClock.Start(TimeProvider.System)).Single();
        Assert.Equal(inline.Users, saved.Users);
        Assert.Equal(inline.Skipped, saved.Skipped);
        Assert.Equal(20, saved.Users.Count);
    }

    private string[] Combined(AudienceOperation operation)
    {
        Save(
            new SaveAudienceRequest
            {
                Name = "c",
                Combination = new AudienceCombination { Operation = operation, Audiences = { "a", "b" } },
            });
        return [.. _catalog.Audiences.Ids("c")];
    }

    private Audience Save(SaveAudienceRequest request) => AudienceAnswers.Save(_model, _catalog, request);
}

using Engine.Protos.V1;
using Engine.Scoring.Models;
using Engine.Server.Catalog;
using Engine.Server.Contract;
using Engine.Server.Errors;
using Tests.Shared;

namespace Engine.Tests.Server;

public sealed class PlacementStoreTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly ScoringModel _model;
    private readonly WorkspaceCatalog _catalog;

    public PlacementStoreTests() => (_model, _catalog) = (
        new ScoringModel(RandomSnapshot.Open(RandomSnapshot.Content(3, products: 60), _folder)),
        new WorkspaceCatalog(_folder.Path));

    public void Dispose()
    {
        _model.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void A_placement_comes_back_as_it_was_saved()
    {
        var saved = PlacementAnswers.Save(_model, _catalog, new SavePlacementRequest { Placement = Home() });
        Assert.Equal(1, saved.Version);
        var read =
            PlacementAnswers.Describe(_model, _catalog, new WorkspaceCatalog(_folder.Path).Placements.Get("home"));
        Assert.Equal(saved, read);
        Assert.Equal(Home().Rules, read.Rules);
        Assert.Equal(Home().Sources, read.Sources);
        Assert.Equal("", read.Problem);
    }

    [Fact]
    public void A_save_on_another_version_is_refused()
    {
        var request = new SavePlacementRequest { Placement = Home(), ExpectedVersion = 0 };
        Assert.Equal(1, PlacementAnswers.Save(_model, _catalog, request).Version);
        Assert.Throws<StateException>(() => PlacementAnswers.Save(_model, _catalog, request));
        request.ExpectedVersion = 1;
        Assert.Equal(2, PlacementAnswers.Save(_model, _catalog, request).Version);
        Assert.Equal(1, _catalog.Placements.Get("home", 1).Version);
    }

    [Fact]
    public void A_check_saves_nothing()
    {
        PlacementAnswers.Save(
            _model, _catalog, new SavePlacementRequest { Placement = Home(), ValidateOnly = true });
        Assert.Empty(_catalog.Placements.List());

        // And refuses what a save would.
        var later = new SavePlacementRequest { Placement = Home(), ValidateOnly = true, ExpectedVersion = 1 };
        Assert.Throws<StateException>(() => PlacementAnswers.Save(_model, _catalog, later));
    }

    [Fact]
    public void A_rule_that_does_not_fit_the_tags_is_refused_by_its_field()
    {
        foreach (var (field, rule) in ((string, PlacementRule)[])
        [
            ("rules[0].boost.rule", new() { Boost = new() { Rule = "no_such_tag = 'x'", Addend = 1 } }),
            ("rules[0].cap.tag", new() { Cap = new() { Tag = "price", Most = 1 } }),
            ("rules[0].from", new() { Diversity = new() { Weight = 1 }, From = "tomorrow" }),
            ("rules[0].from", new() { Diversity = new() { Weight = 1 }, From = "1/2/2026 00:00:00Z" }),
            ("rules[0].from", new() { Diversity = new() { Weight = 1 }, From = "2026-05-01T00:00:00" }),
            ("rules[0].to", new() { Diversity = new() { Weight = 1 }, To = "12:30Z" }),
            ("rules[0].to", new() { Diversity = new() { Weight = 1 }, To = "2026-05-01T00:00:00 GMT" }),
        ])
        {
            var request = new SavePlacementRequest { Placement = new() { Name = "x", Rules = { rule } } };
            var refused = Assert.ThrowsAny<InputException>(() => PlacementAnswers.Save(_model, _catalog, request));
            Assert.StartsWith($"found {field} = ", refused.Message);
        }

        Assert.Empty(_catalog.Placements.List());
    }

    [Fact]
    public void A_page_answers_from_one_snapshot_without_repeats()
    {
        PlacementAnswers.Save(_model, _catalog, new SavePlacementRequest { Placement = Home() });
        var second = Home();
        second.Name = "second";
        PlacementAnswers.Save(_model, _catalog, new SavePlacementRequest { Placement = second });
        var page = PlacementCall.Answer(
            _model,
            _catalog,
            new RecommendPageRequest { Placements = { "home", "second" }, PageProductIds = { "P1" } },
            CallClock.Start(TimeProvider.System));
        var ids = page.Placements.SelectMany(one => one.Products.Select(product => product.ProductId)).ToList();
        Assert.Equal(10, ids.Count);
        Assert.Equal(ids.Count, ids.Distinct(StringComparer.Ordinal).Count());
        Assert.DoesNotContain("P1", ids);
        Assert.Equal(
            ("P7", true), (page.Placements[0].Products[1].ProductId, page.Placements[0].Products[1].Pinned));
        Assert.All(
            page.Placements,
            one => Assert.Equal(60, one.EligibleCount + one.Removed.Sum(clause => clause.Removed)));
    }

    [Theory]
    [InlineData("2026-05-01T00:00:00Z", "2026-05-01T00:00:00Z")]
    [InlineData("2026-05-01T00:00:00.25Z", "2026-05-01T00:00:00.25Z")]
    [InlineData("2026-05-01T00:30:00+02:00", "2026-04-30T22:30:00Z")]
    [InlineData("2026-04-30T20:00:00.5-05:30", "2026-05-01T01:30:00.5Z")]
    public void A_time_is_kept_in_UTC(string text, string expected)
    {
        var placement = new Placement
        {
            Name = "x",
            Rules = { new PlacementRule { Diversity = new() { Weight = 1 }, From = text } },
        };
        var saved = PlacementAnswers.Save(_model, _catalog, new SavePlacementRequest { Placement = placement });
        Assert.Equal(expected, saved.Rules[0].From);
    }

    [Fact]
    public void An_arm_names_a_snapshot_of_its_own_workspace()
    {
        PlacementAnswers.Save(_model, _catalog, new SavePlacementRequest { Placement = Home() });
        Directory.CreateDirectory(_folder.File("shop"));
        Directory.Move(_folder.File("placements"), _folder.File("shop/placements"));
        Directory.CreateDirectory(_folder.File("other"));
        File.WriteAllText(_folder.File("shop/S1.snapshot"), "");
        File.WriteAllText(_folder.File("other/S2.snapshot"), "");
        var catalog = new WorkspaceCatalog(_folder.File("shop"));
        Assert.Equal(1, ExperimentAnswers.Save(catalog, Of("S1")).Version);
        foreach (var id in (string[])["../other/S2", "S2", "../shop/S1", "./S1", "S1.snapshot", "\0"])
        {
            var refused = Assert.Throws<FieldException>(() => ExperimentAnswers.Save(catalog, Of(id)));
            Assert.Equal("arms[0].snapshot_id", refused.Field);
        }

        static SaveExperimentRequest Of(string id) => new()
        {
            Experiment = new Experiment
            {
                Name = "x",
                Arms = { new ExperimentArm { Name = "a", Placement = "home", SnapshotId = id, Share = 1 } },
            },
        };
    }

    private static Placement Home() => new()
    {
        Name = "home",
        TopK = 5,
        Sources = { PlacementSource.User, PlacementSource.Popular },
        Rules =
        {
            new PlacementRule { Pin = new() { ProductId = "P7", Place = 2 } },
            new PlacementRule { Boost = new() { Rule = "price < 50", Addend = 0.5f }, From = "2020-01-01T00:00:00Z" },
        },
    };
}

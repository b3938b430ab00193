using Engine.Scoring.Events;
using Engine.Scoring.Ids;
using Engine.Scoring.Models;
using Engine.Scoring.Placements;
using Engine.Scoring.Queries;
using Engine.Scoring.Ranking;
using Engine.Snapshots.Manifest;
using Engine.Snapshots.Writing;
using Tests.Shared;

namespace Engine.Tests.Scoring;

/// <summary>The fallback chain of a placement: which source answers whom.</summary>
public sealed class PlacementChainTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly SnapshotContent _content = RandomSnapshot.Content(21, products: 90);
    private readonly ScoringModel _model;
    private readonly UserEvents _events = new();

    public PlacementChainTests()
    {
        _model = new ScoringModel(RandomSnapshot.Open(_content, _folder));
        _events.Add("new"u8, "P3"u8, EventType.Purchase, EventTime.Of(new DateTime(2021, 8, 2)), 1);
        _events.Publish();
    }

    public void Dispose()
    {
        _model.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData("user", "P5", PlacementSource.User)]
    [InlineData("user", "", PlacementSource.User)]
    [InlineData("new", "", PlacementSource.User)]
    [InlineData("new", "P5", PlacementSource.User)]
    [InlineData("nobody", "P5", PlacementSource.Basket)]
    [InlineData("", "P5", PlacementSource.Basket)]
    [InlineData("nobody", "gone", PlacementSource.Popular)]
    [InlineData("", "", PlacementSource.Popular)]
    public void The_first_source_that_knows_the_shopper_answers_like_Recommend(
        string user, string recent, PlacementSource expected)
    {
        PlacementSource[] chain =
            [PlacementSource.User, PlacementSource.Basket, PlacementSource.Related, PlacementSource.Popular];
        var rows = Ask(chain, user, recent).Rows.ToArray();
        Assert.Equal(10, rows.Length);
        Assert.All(rows, row => Assert.Equal(expected, row.Source));
        AssertIsRecommend(rows, expected == PlacementSource.Basket ? "" : user, recent, expected);
    }

    [Theory]
    [InlineData("user")]
    [InlineData("new")]
    public void A_user_is_known_behind_a_basket_without_products(string user)
    {
        PlacementSource[] chain = [PlacementSource.Basket, PlacementSource.User, PlacementSource.Popular];
        foreach (var recent in (string[])["", "gone"])
        {
            var answer = Ask(chain, user, recent);
            Assert.All(answer.Rows.ToArray(), row => Assert.Equal(PlacementSource.User, row.Source));
            AssertIsRecommend(answer.Rows.ToArray(), user, recent, PlacementSource.User);

            // Each id is told once, whoever looked at it.
            Assert.Equal(
                recent.Length > 0 ? [new SkippedId("gone", SkipReason.UnknownProduct)] : [],
                answer.Competition.Skipped.Kept);
        }

        AssertIsRecommend(Ask(chain, user, "P5").Rows.ToArray(), "", "P5", PlacementSource.Basket);
    }

    [Fact]
    public void Products_related_to_the_page_come_first_when_nobody_knows_the_shopper()
    {
        PlacementSource[] chain =
            [PlacementSource.User, PlacementSource.Basket, PlacementSource.Related, PlacementSource.Popular];
        var page = Enumerable.Range(0, 90).First(product => Related(product).Count is > 0 and < 8);
        foreach (var (user, recent, then) in ((string, string, PlacementSource)[])[
            ("", "", PlacementSource.Popular), ("", "P5", PlacementSource.Basket), ("new", "", PlacementSource.User)])
        {
            var related = then == PlacementSource.Popular ? Related(page).Count : 0;
            var rows = Ask(chain, user, recent, $"P{page}").Rows.ToArray();
            Assert.Equal(10, rows.Length);
            Assert.All(rows[..related], row => Assert.Contains(row.Product.Value, Related(page)));
            Assert.Equal(
                [.. Enumerable.Repeat(PlacementSource.Related, related), .. Enumerable.Repeat(then, 10 - related)],
                rows.Select(row => row.Source));
        }
    }

    private PlacementAnswer Ask(PlacementSource[] chain, string user, string recent, string page = "")
    {
        var query = new PlacementQuery
        {
            Definition = new PlacementDefinition("home") { Sources = chain },
            UserId = user == "user" ? _content.UserIds[2] : user,
            Events = new EventView(_events, _events.Version),
        };
        query.Recent.AddRange(Recent(recent));
        query.PageProductIds.AddRange(page.Length > 0 ? [page] : []);
        var answer = new PlacementAnswer();
        PlacementRecommender.Recommend(_model, query, answer);
        return answer;
    }

    private void AssertIsRecommend(PlacementRow[] rows, string user, string recent, PlacementSource source)
    {
        var query = new RecommendQuery
        {
            UserId = user == "user" ? _content.UserIds[2] : user,
            TopK = 10,
            OnUnknown = UnknownUserPolicy.PopularInPool,
            Events = new EventView(_events, _events.Version),
        };
        query.Recent.AddRange(Recent(recent));
        var plain = new RecommendAnswer();
        Recommender.Recommend(_model, query, plain);
        Assert.Equal(
            plain.Products.ToArray().Select(one => (
                one.Product,
                source == PlacementSource.Popular ? MathF.Log(1f + one.Score) : one.Score)),
            rows.Select(row => (row.Product, row.AdjustedScore)));
    }

    private static RecentBehavior[] Recent(string product) =>
        product.Length > 0 ? [new RecentBehavior(product, BehaviorType.Purchase, 0, 1)] : [];

    private HashSet<int> Related(int product)
    {
        var (first, last) = ((int)_content.Related.Offsets[product], (int)_content.Related.Offsets[product + 1]);
        return [.. Enumerable.Range(first, last - first)
            .Where(at => _content.Related.Supports[at] >= 3 && _content.Related.Strengths[at] > 0)
            .Select(at => _content.Related.Products[at])];
    }
}

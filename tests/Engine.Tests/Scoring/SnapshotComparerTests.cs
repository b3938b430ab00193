using Engine.Scoring.Comparing;
using Engine.Scoring.Models;
using Engine.Scoring.Queries;
using Engine.Scoring.Ranking;
using Tests.Shared;

namespace Engine.Tests.Scoring;

/// <summary>The figures of a comparison against counting them from single answers.</summary>
public sealed class SnapshotComparerTests
{
    [Fact]
    public void A_snapshot_does_not_differ_from_itself()
    {
        using var folder = new TemporaryFolder();
        using var model =
            new ScoringModel(RandomSnapshot.Open(RandomSnapshot.Content(1, users: 90, products: 70), folder));
        var diff = Compare(model, model);
        Assert.Equal(
            (1, 1, 0, 0, 0, 0),
            (
                diff.OverlapAt10, diff.OverlapAt50, diff.ChangedWholly, diff.ExposureMoved, diff.ProductsGone,
                diff.UsersGone));
        Assert.Equal(1, diff.RankCorrelation, 9);
        Assert.Equal(diff.Coverage.Before, diff.Coverage.After);
        Assert.Equal(diff.Score.Before, diff.Score.After);
    }

    [Fact]
    public void Figures_equal_those_counted_from_single_answers()
    {
        using var folder = new TemporaryFolder();
        using var before =
            new ScoringModel(RandomSnapshot.Open(RandomSnapshot.Content(1, users: 90, products: 70), folder));
        using var after =
            new ScoringModel(RandomSnapshot.Open(RandomSnapshot.Content(2, users: 80, products: 60), folder));
        var diff = Compare(before, after);
        Assert.Equal(
            (80, 80, 10, 0, 10, 0, 70),
            (
                diff.ComparedUsers, diff.SharedUsers, diff.UsersGone, diff.UsersAdded, diff.ProductsGone,
                diff.ProductsAdded, diff.ProductsBefore));

        var users = Enumerable.Range(0, 80).Select(user => after.Snapshot.UserIds.Get(user)).ToArray();
        var (old, current) =
            (users.Select(user => Top(before, user)).ToArray(), users.Select(user => Top(after, user)).ToArray());
        Assert.Equal(
            old.Zip(current, (a, b) => a.Take(10).Intersect(b.Take(10)).Count() / 10.0).Average(), diff.OverlapAt10, 9);
        Assert.Equal(old.Zip(current, (a, b) => a.Intersect(b).Count() / 50.0).Average(), diff.OverlapAt50, 9);
        Assert.Equal(
            old.Zip(current, (a, b) => a.Take(10).Intersect(b.Take(10)).Any() ? 0.0 : 1).Average(),
            diff.ChangedWholly,
            9);
        var (shown, shows) = (Exposure(old), Exposure(current));
        Assert.Equal(
            shown.Keys.Union(shows.Keys)
                .Sum(product => Math.Abs(shown.GetValueOrDefault(product) - shows.GetValueOrDefault(product))) / 2,
            diff.ExposureMoved,
            9);
        Assert.Equal((shown.Count / 70.0, shows.Count / 60.0), (diff.Coverage.Before, diff.Coverage.After));
        var move = diff.Products[0];
        Assert.Equal(
            (shown.GetValueOrDefault(move.Name), shows.GetValueOrDefault(move.Name)), (move.Before, move.After));
        Assert.Equal(1, diff.Categories.Sum(category => category.Before), 9);
    }

    [Fact]
    public void A_sample_is_stated_and_audiences_are_counted()
    {
        using var folder = new TemporaryFolder();
        using var before = new ScoringModel(RandomSnapshot.Open(RandomSnapshot.Content(1, users: 90), folder));
        using var after = new ScoringModel(RandomSnapshot.Open(RandomSnapshot.Content(2, users: 80), folder));
        var gone = before.Snapshot.UserIds.Get(
            Enumerable.Range(0, 90).First(user => after.Snapshot.UserIds.Find(before.Snapshot.UserIds.Utf8(user)) < 0));
        var diff = SnapshotComparer.Compare(
            before,
            after,
            new ComparisonOptions
            {
                Users = 25,
                Threads = 1,
                Audiences = [("some", [gone, after.Snapshot.UserIds.Get(0), "nobody"])],
            },
            CancellationToken.None);
        Assert.Equal((25, 80), (diff.ComparedUsers, diff.SharedUsers));
        Assert.Equal(new AudienceTurnover("some", 3, 2, 1, 1, 0), Assert.Single(diff.Audiences));
        Assert.Contains(
            "text tags: Category",
            Assert.Throws<InputException>(
                () =>
                    SnapshotComparer.Compare(
                        before, after, new ComparisonOptions { Category = "brand" }, CancellationToken.None)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void The_policy_names_every_figure_beyond_it()
    {
        using var folder = new TemporaryFolder();
        using var before =
            new ScoringModel(RandomSnapshot.Open(RandomSnapshot.Content(1, users: 90, products: 70), folder));
        using var after =
            new ScoringModel(RandomSnapshot.Open(RandomSnapshot.Content(2, users: 80, products: 60), folder));
        var diff = Compare(before, after);
        Assert.Empty(new ActivationPolicy().Judge(diff));
        Assert.Empty(new ActivationPolicy { MinOverlapAt10 = diff.OverlapAt10, MaxUsersGone = 10 / 90.0 }.Judge(diff));
        var policy = new ActivationPolicy
        {
            MinOverlapAt10 = 1,
            MaxProductsGone = 0.1,
            MaxUsersGone = 0.1,
            MaxExposureMoved = 0,
            MaxProductMove = 0,
            MinCoverage = 1.1,
        };
        Assert.Equal(6, policy.Judge(diff).Count);
        Assert.Contains("the share of products gone is 0.1429; the policy allows 0.1", policy.Judge(diff));
    }

    private static SnapshotDiff Compare(ScoringModel before, ScoringModel after) =>
        SnapshotComparer.Compare(
            before, after, new ComparisonOptions { Users = int.MaxValue, Threads = 2 }, CancellationToken.None);

    private static string[] Top(ScoringModel model, string user)
    {
        var answer = new RecommendAnswer();
        Recommender.Recommend(model, new RecommendQuery { UserId = user, TopK = 50 }, answer);
        return [.. answer.Products.ToArray().Select(row => model.Snapshot.ProductIds.Get(row.Product.Value))];
    }

    private static Dictionary<string, double> Exposure(string[][] lists) =>
        lists.SelectMany(list => list.Take(10))
            .GroupBy(product => product)
            .ToDictionary(group => group.Key, group => group.Count() / (10.0 * lists.Length));
}

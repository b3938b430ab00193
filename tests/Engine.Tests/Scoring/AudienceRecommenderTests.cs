using CsCheck;
using Engine.Kernels.Search;
using Engine.Scoring.Ids;
using Engine.Scoring.Models;
using Engine.Scoring.Queries;
using Engine.Scoring.Ranking;
using Engine.Snapshots.Writing;
using Engine.Tests.Signature;
using Tests.Shared;

namespace Engine.Tests.Scoring;

public class AudienceRecommenderTests
{
    [Fact]
    public void The_answer_is_that_of_the_definition_and_near_the_mean_of_the_members_scores() => Question.Any.Sample(
        question =>
        {
            using var folder = new TemporaryFolder();
            var content = question.Content;
            using var model = new ScoringModel(RandomSnapshot.Open(content, folder));
            int[] members = [.. Enumerable
                .Range(0, content.UserIds.Count)
                .Where(u => u == question.User || question.Random.Next(2) == 0)];
            var query = QueryOf(question, members);
            var answer = new RecommendAnswer();
            Assert.Equal(members.Length, AudienceRecommender.Recommend(model, query, answer));

            var (vector, history, own) = Mean(content, members);
            var eligible = Enumerable.Range(0, content.ProductIds.Count)
                .Where(p => question.Pool is null || question.Pool.Contains(p)).ToArray();
            var expected = PlainModel.Best(
                eligible.Select(p => new ScoredRow(p, PlainModel.Score(content, vector, history, own, 0, p))),
                question.TopK);
            Assert.Equal(expected, answer.Products.Rows());
            Assert.Equal(eligible.Length, answer.EligibleCount);
            for (var i = 0; i < expected.Length; i++)
            {
                AssertNearMean(model, content, members, answer, i);
            }
        },
        iter: 150);

    [Fact]
    public void One_member_is_answered_as_the_user()
    {
        using var folder = new TemporaryFolder();
        var content = RandomSnapshot.Content(7);
        using var model = new ScoringModel(RandomSnapshot.Open(content, folder));
        var query = new AudienceQuery { TopK = 30 };
        query.Users.HasAudience = true;
        query.Users.AudienceUserIds.AddRange([content.UserIds[5], "nobody", content.UserIds[5]]);
        var (mean, single) = (new RecommendAnswer(), new RecommendAnswer());
        Assert.Equal(1, AudienceRecommender.Recommend(model, query, mean));
        Recommender.Recommend(model, new RecommendQuery { UserId = content.UserIds[5], TopK = 30 }, single);
        Assert.Equal(single.Products.ToArray(), mean.Products.ToArray());
        Assert.Equal(ScoreSource.Audience, mean.Source);
        Assert.Equal(
            [SkipReason.UnknownUser, SkipReason.Duplicate], mean.Skipped.Kept.Select(skipped => skipped.Reason));
    }

    [Fact]
    public void An_audience_of_nobody_is_answered_by_nothing()
    {
        using var folder = new TemporaryFolder();
        using var model = new ScoringModel(RandomSnapshot.Open(RandomSnapshot.Content(7), folder));
        var query = new AudienceQuery();
        query.Users.HasAudience = true;
        var answer = new RecommendAnswer();
        Assert.Equal(0, AudienceRecommender.Recommend(model, query, answer));
        Assert.Equal(0, answer.Products.Length);
        Assert.Equal(ScoreSource.None, answer.Source);
        Assert.Equal(30, answer.EligibleCount);
        query.TopK = 0;
        Assert.Throws<InputException>(() => AudienceRecommender.Recommend(model, query, answer));
    }

    private static AudienceQuery QueryOf(Question question, int[] members)
    {
        var query = new AudienceQuery { TopK = question.TopK, Explain = true };
        query.Users.HasAudience = true;
        query.Users.AudienceUserIds.AddRange(members.Reverse().Select(u => question.Content.UserIds[u]));
        query.Filter.HasPool = question.Pool is not null;
        query.Filter.PoolProductIds.AddRange((question.Pool ?? []).Select(p => question.Content.ProductIds[p]));
        return query;
    }

    /// <summary>The mean member by definition: sums of multiples of 2^-56, divided and rounded to fp32.</summary>
    private static (float[] Vector, SparseContent History, float[] Own) Mean(SnapshotContent content, int[] members)
    {
        var vector = new Int128[content.UserFactors.Columns];
        var profile = new SortedDictionary<int, (Int128 History, Int128 Own)>();
        foreach (var user in members)
        {
            for (var k = 0; k < vector.Length; k++)
            {
                vector[k] += Units(content.UserFactors.Row(user)[k]);
            }

            for (var at = content.Profile.Offsets[user]; at < content.Profile.Offsets[user + 1]; at++)
            {
                var (history, own) = profile.GetValueOrDefault(content.Profile.Indices[at]);
                profile[content.Profile.Indices[at]] =
                    (history + Units(content.ProfileHistory[at]), own + Units(content.ProfileOwn[at]));
            }
        }

        return (
            [.. vector.Select(Mean)],
            new SparseContent(
                [0, profile.Count],
                [.. profile.Keys],
                [.. profile.Values.Select(sum => Mean(sum.History))]),
            [.. profile.Values.Select(sum => Mean(sum.Own))]);

        Int128 Units(float value) => (Int128)Math.Round(value * Math.Pow(2, 56));
        float Mean(Int128 sum) => (float)((double)sum / (members.Length * Math.Pow(2, 56)));
    }

    private static void AssertNearMean(
        ScoringModel model, SnapshotContent content, int[] members, RecommendAnswer answer, int index)
    {
        var product = answer.Products[index];
        double sum = 0, bound = 0;
        var explained = new ExplainAnswer();
        foreach (var user in members)
        {
            sum += PlainModel.Score(content, user, product.Product.Value);
            Explainer.Explain(
                model,
                new RecommendQuery { UserId = content.UserIds[user] },
                content.ProductIds[product.Product.Value],
                explained);
            bound += explained.Explanations.Bound(0);
        }

        var allowed = (2 * bound / members.Length) + answer.Explanations.Bound(index);
        Assert.InRange(Math.Abs(product.Score - (sum / members.Length)), 0, allowed);
    }
}

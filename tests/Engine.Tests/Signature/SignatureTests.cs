using System.Globalization;
using CsCheck;
using Engine.Kernels.Scan;
using Engine.Kernels.Search;
using Engine.Scoring.Audiences;
using Engine.Scoring.Batch;
using Engine.Scoring.Models;
using Engine.Scoring.Pools;
using Engine.Scoring.Queries;
using Engine.Scoring.Ranking;
using Engine.Server.Batch;
using Engine.Snapshots.Ids;
using Engine.Tests.Scoring;
using Tests.Shared;

namespace Engine.Tests.Signature;

/// <summary>One snapshot, one number: every mode against every other and against the plain loop, bit for bit.</summary>
public class SignatureTests
{
    [Fact]
    public void All_modes_agree_with_each_other_and_with_the_plain_loop() => Question.Any.Sample(
        question =>
        {
            using var folder = new TemporaryFolder();
            using var model = new ScoringModel(RandomSnapshot.Open(question.Content, folder));
            var recommended = new RecommendAnswer();
            Recommender.Recommend(model, question.QueryOf(question.User), recommended);
            Assert.Equal(question.ProductsOf(question.User), recommended.Products.Rows());
            Assert.Equal(question.EligibleFor(question.User).Length, recommended.EligibleCount);

            var users = RankAll(model, question);
            var explained = new ExplainAnswer();
            for (var i = 0; i < recommended.Products.Length; i++)
            {
                var (product, score) = recommended.Products[i];
                Assert.Equal(score, PairScorer.Score(model, new UserOrdinal(question.User), product));
                Assert.Equal(score, recommended.Explanations.Score(i));
                Explainer.Explain(
                    model, question.QueryOf(question.User), question.Content.ProductIds[product.Value], explained);
                Assert.Equal(score, explained.Explanations.Score(0));
                if (product.Value == question.Product)
                {
                    Assert.Contains(new ScoredRow(question.User, score), users);
                }
            }
        },
        iter: 200,
        print: Describe);

    [Fact]
    public void Batches_give_the_rows_of_Recommend_at_any_number_of_threads() => Question.Any.Sample(
        question =>
        {
            using var folder = new TemporaryFolder();
            using var model = new ScoringModel(RandomSnapshot.Open(question.Content, folder));
            UserOrdinal[] users =
            [
                .. Enumerable.Range(0, question.Content.UserIds.Count).Append(question.User).Append(question.User)
                    .Select(user => new UserOrdinal(user)),
            ];
            var batch = new StreamedBatch(model, question.QueryOf(question.User), question.Random.Next(1, 4));
            var rows = 0;
            var single = new RecommendAnswer();

            // Twice: a stream asks again and again.
            for (var message = 0; message < 2; message++)
            {
                batch.Run(users, (position, products, eligibleCount) =>
                {
                    Recommender.Recommend(model, question.QueryOf(users[position].Value), single);
                    Assert.Equal(single.Products.ToArray(), products.ToArray());
                    Assert.Equal(single.EligibleCount, eligibleCount);
                    Assert.Equal(rows++ % users.Length, position);
                });
            }

            Assert.Equal(2 * users.Length, rows);
        },
        iter: 150,
        print: Describe);

    [Fact]
    public void The_file_of_a_task_holds_the_rows_of_Recommend() => Question.Any.Sample(
        question =>
        {
            using var folder = new TemporaryFolder();
            using var model = new ScoringModel(RandomSnapshot.Open(question.Content, folder));
            var query = question.QueryOf(0);
            query.Filter.SavedPool = query.Filter.HasPool
                ? model.Resolve(PoolDefinition.OfIds(query.Filter.PoolProductIds))
                : null;
            query.Filter.HasPool = false;
            var plan = new BatchPlan(model, AudienceMembers.All(model.Snapshot), query);
            var path = folder.File("rows.csv");
            BatchRun.Run(
                plan, path, new BatchRunOptions { Threads = question.Random.Next(1, 4) }, null, CancellationToken.None);

            var expected = new List<(float Score, string Row)>();
            var single = new RecommendAnswer();
            for (var user = 0; user < question.Content.UserIds.Count; user++)
            {
                Recommender.Recommend(model, question.QueryOf(user), single);
                for (var i = 0; i < single.Products.Length; i++)
                {
                    var rank = plan.IsSingleProduct ? "" : $"{i + 1},";
                    var (product, score) = single.Products[i];
                    var probability = CalibratedScores.Probability(model.Snapshot, score);
                    var percentile = CalibratedScores.Place(model.Snapshot, product, score).Percentile;
                    expected.Add((score, string.Create(
                        CultureInfo.InvariantCulture,
                        $"{question.Content.UserIds[user]},{rank}{question.Content.ProductIds[product.Value]},{score},"
                        + $"{probability},{percentile},{question.Content.ProductNames[product.Value]}")));
                }
            }

            // Scores for one product are sorted from the highest to the lowest, ties in the order of the users.
            var rows =
                (plan.IsSingleProduct ? expected.OrderByDescending(one => one.Score) : expected.AsEnumerable()).Select(
                    one => one.Row);
            Assert.Equal(rows, File.ReadLines(path).Skip(1));
        },
        iter: 100,
        print: Describe);

    [Fact]
    public void Users_are_ranked_within_any_audience() => Question.Any.Sample(
        question =>
        {
            using var folder = new TemporaryFolder();
            var (content, random) = (question.Content, question.Random);
            using var model = new ScoringModel(RandomSnapshot.Open(content, folder));
            var inline = SomeUsers(question);
            var saved = random.Next(2) == 0 ? SomeUsers(question) : null;
            var query = new RankUsersQuery
            {
                ProductId = content.ProductIds[question.Product],
                TopK = random.Next(1, content.UserIds.Count + 2),
                Purchased = question.Purchased,
                HasAudience = random.Next(3) != 0,
                Audience = saved is null
                    ? null
                    : AudienceMembers.Of(model.Snapshot, saved.Select(u => new UserOrdinal(u))),
            };
            query.AudienceUserIds.AddRange(
                inline.Concat(inline.Take(2)).Select(u => content.UserIds[u]).Append("nobody"));
            int[] eligible =
            [
                .. Enumerable.Range(0, content.UserIds.Count)
                    .Where(u => !query.HasAudience || inline.Contains(u))
                    .Where(u => saved is null || saved.Contains(u))
                    .Where(u => question.Purchased == PurchasedPolicy.Include
                        || PlainModel
                            .Purchased(content, u)
                            .Contains(question.Product) == (question.Purchased == PurchasedPolicy.Only)),
            ];
            var expected = PlainModel.Best(
                eligible.Select(u => new ScoredRow(u, PlainModel.Score(content, u, question.Product))),
                eligible.Length);
            var answer = new RankUsersAnswer();
            foreach (var curve in (bool[])[false, true])
            {
                query.EstimateCurve = curve;
                UserRanker.Rank(model, query, answer);
                Assert.Equal(expected.Take(query.TopK), answer.Users.Rows());
                Assert.Equal(eligible.Length, answer.EligibleCount);
            }

            if (eligible.Length > 0)
            {
                AssertCounts(answer.Curve!, expected);
            }
        },
        iter: 200,
        print: Describe);

    [Fact]
    public void Top_zero_is_refused_where_it_asks_for_nothing()
    {
        using var folder = new TemporaryFolder();
        var content = RandomSnapshot.Content(3);
        using var model = new ScoringModel(RandomSnapshot.Open(content, folder));
        Assert.Throws<InputException>(() => Recommender.Recommend(
            model, new RecommendQuery { UserId = content.UserIds[0], TopK = 0 }, new RecommendAnswer()));
        Assert.Throws<InputException>(() => UserRanker.Rank(
            model, new RankUsersQuery { ProductId = content.ProductIds[0], TopK = 0 }, new RankUsersAnswer()));
        Assert.Throws<InputException>(
            () => new BatchPlan(model, AudienceMembers.All(model.Snapshot), new RecommendQuery { TopK = 0 }));

        // A curve is something by itself.
        var answer = new RankUsersAnswer();
        UserRanker.Rank(
            model, new RankUsersQuery { ProductId = content.ProductIds[0], TopK = 0, EstimateCurve = true }, answer);
        Assert.Equal(0, answer.Users.Length);
        Assert.Equal(content.UserIds.Count, answer.EligibleCount);
    }

    private static int[] SomeUsers(Question question) =>
        [.. Enumerable.Range(0, question.Content.UserIds.Count).Where(_ => question.Random.Next(3) != 0)];

    private static ScoredRow[] RankAll(ScoringModel model, Question question)
    {
        var count = question.Content.UserIds.Count;
        var query = new RankUsersQuery { ProductId = question.Content.ProductIds[question.Product], TopK = count + 1 };
        var answer = new RankUsersAnswer();
        UserRanker.Rank(model, query, answer);
        var expected = PlainModel.Best(
            Enumerable.Range(0, count)
                .Select(u => new ScoredRow(u, PlainModel.Score(question.Content, u, question.Product))),
            count);
        Assert.Equal(expected, answer.Users.Rows());

        // With the curve it is another search, on all cores.
        query.EstimateCurve = true;
        UserRanker.Rank(model, query, answer);
        Assert.Equal(expected, answer.Users.Rows());
        AssertCounts(answer.Curve!, expected);
        return expected;
    }

    private static void AssertCounts(AudienceCurve curve, ScoredRow[] users)
    {
        for (var i = 0; i < AudienceCurve.Thresholds; i++)
        {
            // One rounding each for the threshold, the bin and the bound's sum.
            var slack = curve.ScoreError + (4e-7f * (Math.Abs(curve.Threshold(i)) + Math.Abs(curve.Low)));
            Assert.InRange(
                curve.CountAt(i),
                users.Count(user => user.Score >= curve.Threshold(i) + slack),
                users.Count(user => user.Score >= curve.Threshold(i) - slack));
        }
    }

    private static string Describe(Question question) =>
        $"{question.Content.UserIds.Count} users, {question.Content.ProductIds.Count} products, top {question.TopK}, "
        + $"{question.Purchased}, pool of {question.Pool?.Length}";
}

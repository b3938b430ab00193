using CsCheck;
using Engine.Model;
using Engine.Model.Kernels;
using Engine.Scoring;
using Engine.Scoring.Streaming;
using Engine.Scoring.Explaining;
using Engine.Scoring.Hosting;
using Engine.Scoring.Queries;
using Engine.Tests.Scoring;
using Engine.Tests.Snapshots;

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
            Assert.Equal(question.ProductsOf(question.User), recommended.Products.ToArray());
            Assert.Equal(question.EligibleFor(question.User).Length, recommended.EligibleCount);

            var users = RankAll(model, question);
            var explained = new ExplainAnswer();
            for (var i = 0; i < recommended.Products.Length; i++)
            {
                var (product, score) = recommended.Products[i];
                Assert.Equal(score, PairScorer.Score(model, new UserOrdinal(question.User), new ProductOrdinal(product)));
                Assert.Equal(score, recommended.Explanations.Score(i));
                Explainer.Explain(model, question.QueryOf(question.User), question.Content.ProductIds[product], explained);
                Assert.Equal(score, explained.Explanations.Score(0));
                if (product == question.Product)
                {
                    Assert.Contains(new ScoredProduct(question.User, score), users);
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
            int[] users = [.. Enumerable.Range(0, question.Content.UserIds.Count), question.User, question.User];
            var batch = new StreamedBatch(model, question.QueryOf(question.User), question.Random.Next(1, 4));
            var rows = 0;
            var single = new RecommendAnswer();

            // Twice: a stream asks again and again.
            for (var message = 0; message < 2; message++)
            {
                batch.Run(users, (position, products, eligibleCount) =>
                {
                    Recommender.Recommend(model, question.QueryOf(users[position]), single);
                    Assert.Equal(single.Products.ToArray(), products.ToArray());
                    Assert.Equal(single.EligibleCount, eligibleCount);
                    Assert.Equal(rows++ % users.Length, position);
                });
            }

            Assert.Equal(2 * users.Length, rows);
        },
        iter: 150,
        print: Describe);

    private static ScoredProduct[] RankAll(ScoringModel model, Question question)
    {
        var count = question.Content.UserIds.Count;
        var query = new RankUsersQuery { ProductId = question.Content.ProductIds[question.Product], TopK = count + 1 };
        var answer = new RankUsersAnswer();
        UserRanker.Rank(model, query, answer);
        var expected = PlainModel.Best(
            Enumerable.Range(0, count).Select(u => new ScoredProduct(u, PlainModel.Score(question.Content, u, question.Product))), count);
        Assert.Equal(expected, answer.Users.ToArray());

        // With the curve it is another search, on all cores.
        query.EstimateCurve = true;
        UserRanker.Rank(model, query, answer);
        Assert.Equal(expected, answer.Users.ToArray());
        AssertCounts(answer.Curve!, expected);
        return expected;
    }

    private static void AssertCounts(AudienceCurve curve, ScoredProduct[] users)
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
        $"{question.Content.UserIds.Count} users, {question.Content.ProductIds.Count} products, top {question.TopK}, {question.Purchased}, pool of {question.Pool?.Length}";
}

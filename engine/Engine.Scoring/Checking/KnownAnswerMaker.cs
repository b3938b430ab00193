using Engine.Scoring.Models;
using Engine.Snapshots.Manifest;

namespace Engine.Scoring.Checking;

/// <summary>
/// Chooses questions about a model and keeps its answers: users and products evenly over their order, so that all norms
/// are among them. Equal models give equal answers.
/// </summary>
public static class KnownAnswerMaker
{
    /// <summary>
    /// Of this engine. Raise it with every change of the order in which scores, baskets or profiles are computed: bits
    /// of another number are compared within rounding.
    /// </summary>
    public const int Arithmetic = 1;

    private const int Users = 48;
    private const int Products = 16;
    private const int Rankings = 4;
    private const int MostInBasket = 5;

    /// <summary>Asks and keeps. No answer depends on users that are not asked about.</summary>
    /// <param name="model">It may hold some users of the snapshot only.</param>
    /// <param name="places">By user of the model, the ordinal in the snapshot that will hold the answers.</param>
    public static KnownAnswers Of(ScoringModel model, IReadOnlyList<int> places)
    {
        var questions = new KnownQuestions(model);
        var users = Evenly(model.Users.Rows, Users).Where(user => !model.Snapshot.HiddenUsers.Contains(user)).ToArray();
        var products = Evenly(model.Products.Rows, Products);
        var answers = new List<KnownAnswer>();
        foreach (var user in users)
        {
            Add(KnownQuestion.User, [places[user]], questions.TopOf(user));
        }

        for (var i = 0; i < products.Length; i++)
        {
            // 1, 2, .. products, the next ones in the list.
            int[] basket =
            [
                .. Enumerable.Range(0, 1 + (i % MostInBasket)).Select(k => products[(i + k) % products.Length])
                    .Distinct(),
            ];
            Add(KnownQuestion.Basket, basket, questions.TopOfBasket(basket));
            Add(KnownQuestion.Related, [products[i]], questions.RelatedTo(products[i]));
        }

        foreach (var place in users.Length == 0 ? [] : Evenly(products.Length, Rankings))
        {
            var (found, scores) = questions.Rank(products[place], users);
            Add(
                KnownQuestion.Audience, [products[place]], (Array.ConvertAll(found, user => places[user]), scores));
        }

        return new KnownAnswers { Arithmetic = Arithmetic, Answers = [.. answers] };

        void Add(KnownQuestion question, int[] asked, (int[] Found, float[] Scores) rows)
        {
            // A score that overflows is refused elsewhere.
            if (Array.TrueForAll(rows.Scores, float.IsFinite))
            {
                answers.Add(new KnownAnswer(question, asked, rows.Found, rows.Scores));
            }
        }
    }

    private static int[] Evenly(int count, int most) =>
        [.. Enumerable.Range(0, Math.Min(count, most)).Select(i => (int)((long)i * count / Math.Min(count, most)))];
}

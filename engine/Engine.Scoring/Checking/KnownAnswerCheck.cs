using Engine.Kernels;
using Engine.Scoring.Models;
using Engine.Snapshots;
using Engine.Snapshots.Manifest;

namespace Engine.Scoring.Checking;

/// <summary>
/// Whether a model answers as the engine did that wrote its snapshot. Rows must have the same ids and the same scores,
/// bit for bit. Two things may make a sound engine differ, and are let pass. Profiles are derived with the C library's
/// power and logarithm, whose last bits are not the same everywhere; another <see cref="KnownAnswerMaker.Arithmetic"/>
/// rounds elsewhere. So the scores of users may differ by what rounding can do to their terms, and users or products
/// whose scores are closer than that may change places. Baskets of another arithmetic are not compared: how much their
/// solve may amplify a rounding is not bounded here.
/// </summary>
public static class KnownAnswerCheck
{
    /// <summary>Asks every question; of users that the snapshot does not hold or hides, none.</summary>
    /// <exception cref="InputException">The first answer that differs: the model must not be served.</exception>
    /// <exception cref="OperationCanceledException">It was canceled.</exception>
    public static KnownAnswerResult Run(ScoringModel model, CancellationToken cancellation = default)
    {
        if (model.Snapshot.Known is not { } known)
        {
            return default;
        }

        var (result, questions) = (default(KnownAnswerResult), new KnownQuestions(model));
        for (var i = 0; i < known.Answers.Length; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            if (Expected(model.Snapshot, known.Answers[i]) is not { } expected)
            {
                result = result with { Skipped = result.Skipped + 1 };
                continue;
            }

            if (expected.Question == KnownQuestion.Basket && known.Arithmetic != KnownAnswerMaker.Arithmetic)
            {
                result = result with { OtherArithmetic = result.OtherArithmetic + 1 };
                continue;
            }

            var (found, scores) = Ask(questions, expected);
            var comparison = new RowComparison(model, expected, found, scores);
            if (comparison.FindProblem() is { } problem)
            {
                throw new InputException(InvariantText.Of(
                    $"snapshot {model.Snapshot.Id} rejected: known answer {i + 1} of {known.Answers.Length}, "
                    + $"{TextOf(model.Snapshot, expected)}: {problem}. The file is as it was written, so this engine "
                    + $"computes other numbers than the one that wrote it. Run `engine verify` on another machine; if "
                    + $"it fails there too, train again with the trainer of this release"));
            }

            result = result with
            {
                Agreed = result.Agreed + 1,
                Rounded = result.Rounded + (comparison.IsRounded ? 1 : 0),
            };
        }

        return result;
    }

    // The answer in ordinals of this file; null when it is about nobody of it.
    private static KnownAnswer? Expected(Snapshot snapshot, KnownAnswer answer)
    {
        switch (answer.Question)
        {
            case KnownQuestion.User:
                var user = UserAt(snapshot, answer.Asked[0]);
                return user < 0 ? null : answer with { Asked = [user] };
            case KnownQuestion.Audience:
                // The others keep their order: the rank of a user depends on no other.
                var users = Array.ConvertAll(answer.Found, place => UserAt(snapshot, place));
                int[] here = [.. Enumerable.Range(0, users.Length).Where(row => users[row] >= 0)];
                return here.Length == 0 ? null : answer with
                {
                    Found = Array.ConvertAll(here, row => users[row]),
                    Scores = Array.ConvertAll(here, row => answer.Scores[row]),
                };
            default:
                return answer;
        }
    }

    // The ordinal of a user of the whole snapshot; negative for those of other shards and the forgotten.
    private static int UserAt(Snapshot snapshot, int place)
    {
        var user = snapshot.Shard is null ? place : snapshot.UserPlaces.AsSpan().BinarySearch(place);
        return user < 0 || snapshot.HiddenUsers.Contains(user) ? -1 : user;
    }

    private static (int[] Found, float[] Scores) Ask(KnownQuestions questions, KnownAnswer expected) =>
        expected.Question switch
        {
            KnownQuestion.User => questions.TopOf(expected.Asked[0]),
            KnownQuestion.Basket => questions.TopOfBasket(expected.Asked),
            KnownQuestion.Related => questions.RelatedTo(expected.Asked[0]),
            _ => questions.Rank(expected.Asked[0], expected.Found),
        };

    private static string TextOf(Snapshot snapshot, KnownAnswer answer) => answer.Question switch
    {
        KnownQuestion.User => InvariantText.Of(
            $"top {answer.Found.Length} of user '{snapshot.UserIds.Get(answer.Asked[0])}'"),
        KnownQuestion.Basket => InvariantText.Of(
            $"top {answer.Found.Length} of a basket of "
            + $"{string.Join(", ", answer.Asked.Select(product => $"'{snapshot.ProductIds.Get(product)}'"))}"),
        KnownQuestion.Related => $"products related to '{snapshot.ProductIds.Get(answer.Asked[0])}'",
        _ => InvariantText.Of(
            $"{answer.Found.Length} users ranked for product '{snapshot.ProductIds.Get(answer.Asked[0])}'"),
    };
}

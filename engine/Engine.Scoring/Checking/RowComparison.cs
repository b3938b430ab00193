using Engine.Kernels;
using Engine.Scoring.Models;
using Engine.Scoring.Queries;
using Engine.Scoring.Ranking;
using Engine.Snapshots.Manifest;

namespace Engine.Scoring.Checking;

/// <summary>Compares the rows of one answer with those that are expected.</summary>
/// <param name="model">Who answered.</param>
/// <param name="expected">In ordinals of the model.</param>
/// <param name="found">Ordinals, best first.</param>
/// <param name="scores">A score each.</param>
internal sealed class RowComparison(ScoringModel model, KnownAnswer expected, int[] found, float[] scores)
{
    // Two engines may each be off by the bound, to either side; the derived terms of the sparse part by two units more,
    // which is less than another bound (RoundingBound).
    private const double Bounds = 3;

    /// <summary>Whether a row agreed within rounding only.</summary>
    public bool IsRounded { get; private set; }

    /// <summary>The first row that differs, for a person; null when none does.</summary>
    public string? FindProblem()
    {
        if (found.Length != expected.Found.Length)
        {
            return InvariantText.Of($"found {found.Length} rows, expected {expected.Found.Length}");
        }

        for (var row = 0; row < found.Length; row++)
        {
            if (found[row] == expected.Found[row]
                && BitConverter.SingleToInt32Bits(scores[row])
                    == BitConverter.SingleToInt32Bits(expected.Scores[row]))
            {
                continue;
            }

            if (!AgreesWithinRounding(row))
            {
                return InvariantText.Of(
                    $"at rank {row + 1} found {Row(found[row], scores[row])}, "
                    + $"expected {Row(expected.Found[row], expected.Scores[row])}");
            }

            IsRounded = true;
        }

        return null;
    }

    private bool AgreesWithinRounding(int row)
    {
        if (expected.Question is KnownQuestion.Basket or KnownQuestion.Related)
        {
            return false;
        }

        // The score of this rank, and the score of what is found at it: what was not among the rows may have come from
        // below the last.
        var slack = Math.Max(SlackOf(found[row]), SlackOf(expected.Found[row]));
        var place = Array.IndexOf(expected.Found, found[row]);
        var own = expected.Scores[place < 0 ? ^1 : place];
        return Math.Abs((double)scores[row] - expected.Scores[row]) <= slack
            && Math.Abs((double)scores[row] - own) <= slack;
    }

    // What rounding may do to the score of the pair.
    private double SlackOf(int ordinal)
    {
        var (user, product) = expected.Question == KnownQuestion.User
            ? (expected.Asked[0], ordinal)
            : (ordinal, expected.Asked[0]);
        var answer = new ExplainAnswer();
        Explainer.Explain(
            model,
            new RecommendQuery { UserId = model.Snapshot.UserIds.Get(user) },
            model.Snapshot.ProductIds.Get(product),
            answer);
        return Bounds * answer.Explanations.Bound(0);
    }

    private string Row(int ordinal, float score)
    {
        var id = expected.Question == KnownQuestion.Audience
            ? $"user '{model.Snapshot.UserIds.Get(ordinal)}'"
            : $"product '{model.Snapshot.ProductIds.Get(ordinal)}'";
        return InvariantText.Of($"{id} with {score:R} (bits {BitConverter.SingleToInt32Bits(score):x8})");
    }
}

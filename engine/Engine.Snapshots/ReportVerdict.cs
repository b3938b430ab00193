using System.Runtime.CompilerServices;
using Engine.Snapshots.Manifest;

namespace Engine.Snapshots;

/// <summary>One sentence of a verdict.</summary>
/// <param name="Trust">Whether the snapshot can be used for it.</param>
/// <param name="Use">What for.</param>
/// <param name="Because">Why, one or more reasons: phrases with values, which other languages say otherwise.</param>
public readonly record struct VerdictSentence(
    bool Trust, string Use, IReadOnlyList<FormattableString> Because)
{
    /// <summary>"Trust it for ..., because ...", or "Do not use it for ..., because ...".</summary>
    public string Text
    {
        get
        {
            var because = string.Join("; ", Because.Select(FormattableString.Invariant));
            return Trust ? $"Trust it for {Use}, because {because}." : $"Do not use it for {Use}, because {because}.";
        }
    }
}

/// <summary>
/// What a snapshot is good for, in words, derived from the measured figures of its report alone: the evaluated lists
/// beside the best simple rule with the intervals of both, the users for a product beside theirs, and the calibration.
/// </summary>
public static class ReportVerdict
{
    /// <summary>How recall is divided: for every place that shows one.</summary>
    public const string RecallInWords =
        "Recall@K is the share of what a customer bought in the window that the list of K products holds: "
        + "hits divided by the smaller of K and the number of products bought, averaged over customers.";

    /// <summary>Customers in the window below which no figure decides anything.</summary>
    private const int FewCustomers = 100;

    /// <summary>
    /// How far probabilities may be off: the calibration error beside the base rate, and predicted beside actual
    /// purchases.
    /// </summary>
    private const double CalibrationTolerance = 0.1;

    private const string Served = "served";
    private static readonly string[] Rules =
        ["popularity", "personal_frequency", "personal_then_global_frequency", "decayed_frequency"];

    /// <summary>
    /// The sentences, what to trust first; a window of few customers before all. Never empty: a report without an
    /// evaluation says that.
    /// </summary>
    public static IReadOnlyList<VerdictSentence> Of(TrainingReport report)
    {
        if (report.Holdout is not { } holdout || report.Rankings.Length == 0)
        {
            return [
                Not(
                    "decisions yet",
                    Say(
                        "nothing was evaluated: the report holds no window with purchases that the model had not "
                        + "seen. Train on more days")),
            ];
        }

        var sentences = new List<VerdictSentence>();
        Add(
            sentences,
            Lists(
                report,
                "all",
                "lists of products for each customer",
                "lists of products for each customer as an improvement on a simple rule"));
        Add(
            sentences,
            Lists(
                report,
                "new",
                "products that a customer has not bought yet",
                "products that a customer has not bought yet as an improvement on a simple rule"));
        Add(sentences, LeastActive(report));
        Add(sentences, UsersOfProduct(report));
        sentences.Add(Probabilities(report.Probability));
        var few = holdout.Users >= FewCustomers ? Array.Empty<VerdictSentence>() :
        [
            Not(
                "decisions by these figures",
                Say(
                    "only {0:N0} customers purchased in the evaluated window; expected {1} or more",
                    holdout.Users,
                    FewCustomers)),
        ];
        return [.. few, .. sentences.OrderByDescending(sentence => sentence.Trust)];
    }

    private static VerdictSentence? Lists(TrainingReport report, string segment, string use, string improvement)
    {
        var rows = report.Rankings.Where(row => row.Segment == segment && row.K == 10).ToArray();
        if (rows.FirstOrDefault(row => row.Model == Served) is not { } served
            || rows.Where(row => Rules.Contains(row.Model)).MaxBy(row => row.Ndcg) is not { } rule)
        {
            return null;
        }

        var figures = Say(
            "nDCG@10 is {0:F4} [{1:F4}, {2:F4}] and that of the best simple rule ({3}) {4:F4} [{5:F4}, {6:F4}], "
            + "over {7:N0} customers",
            served.Ndcg,
            served.NdcgInterval[0],
            served.NdcgInterval[1],
            rule.Model,
            rule.Ndcg,
            rule.NdcgInterval[0],
            rule.NdcgInterval[1],
            served.Users);
        return served.NdcgInterval[0] > rule.NdcgInterval[1]
            ? Trust(use, figures, Say("the 95 % intervals do not overlap"))
            : served.Ndcg > rule.Ndcg
                ? Not(improvement, figures, Say("the 95 % intervals overlap, so the gain is not proven"))
                : Not(use, figures, Say("the rule is as good"));
    }

    private static VerdictSentence? LeastActive(TrainingReport report)
    {
        const string Use = "customers with few purchases";
        if (report.Rankings.FirstOrDefault(
            row => row is { Model: Served, Segment: "activity_1", K: 10 }) is not { } least)
        {
            return null;
        }

        var figures = Say(
            "the lists of the least active tenth find {0:P1} of their purchases at K = 10 [{1:P1}, {2:P1}], "
            + "over {3:N0} customers",
            least.Recall,
            least.RecallInterval[0],
            least.RecallInterval[1],
            least.Users);
        return least.Users < FewCustomers ? Not(Use, figures, Say("expected {0} customers or more", FewCustomers))
            : least.RecallInterval[0] > 0 ? Trust("customers with few purchases too", figures)
            : Not(Use, figures, Say("the interval reaches 0"));
    }

    private static VerdictSentence? UsersOfProduct(TrainingReport report)
    {
        const string Use = "finding the users who want one product";
        if (report.ProductDirection.FirstOrDefault(row => row.Model == Served) is not { } served
            || report.ProductDirection.FirstOrDefault(row => row.Model != Served) is not { } rule)
        {
            return Not(Use, Say("it was not evaluated: no product had enough purchasers in the window"));
        }

        var figures = Say(
            "the best 10 % of users hold {0:F2} times the purchasers of a random 10 % and those of the simple rule "
            + "{1:F2} times (mean AUC {2:F3} and {3:F3}), over {4:N0} products",
            served.Lift10,
            rule.Lift10,
            served.AucMean,
            rule.AucMean,
            served.Products);
        return served.Lift10 > rule.Lift10 && served.AucMean > rule.AucMean
            ? Trust(Use, figures)
            : Not(Use, figures, Say("the rule is as good in one of them"));
    }

    private static VerdictSentence Probabilities(ProbabilityReport? probability)
    {
        const string Use = "probabilities and expected numbers of purchasers";
        if (probability is null)
        {
            return Not(Use, Say("the window held too few purchases to check them"));
        }

        var figures = Say(
            "predicted purchases are {0:F3} times the actual ones, the calibration error is {1:P1} of the base rate, "
            + "and the log-loss is {2:F6} beside {3:F6} of the base rate alone",
            probability.PredictedOverActual,
            probability.EceOfBaseRate,
            probability.LogLoss,
            probability.BaseLogLoss);
        return probability.EceOfBaseRate <= CalibrationTolerance
            && Math.Abs(probability.PredictedOverActual - 1) <= CalibrationTolerance
            && probability.LogLoss < probability.BaseLogLoss
            ? Trust(Use, figures)
            : Not(
                Use,
                figures,
                Say(
                    "expected both within {0:P0} and the log-loss below that of the base rate", CalibrationTolerance));
    }

    private static void Add(List<VerdictSentence> sentences, VerdictSentence? sentence)
    {
        if (sentence is { } found)
        {
            sentences.Add(found);
        }
    }

    private static FormattableString Say(string phrase, params object[] values) =>
        FormattableStringFactory.Create(phrase, values);

    private static VerdictSentence Trust(string use, params FormattableString[] because) => new(true, use, because);

    private static VerdictSentence Not(string use, params FormattableString[] because) => new(false, use, because);
}

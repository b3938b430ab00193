using System.Globalization;
using Engine.Snapshots.Manifest;

namespace Engine.Snapshots;

/// <summary>One sentence of a verdict.</summary>
/// <param name="Trust">Whether the snapshot can be used for it.</param>
/// <param name="Text">"Trust it for ..., because ...", or "Do not use it for ..., because ...".</param>
public readonly record struct VerdictSentence(bool Trust, string Text);

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
                    "nothing was evaluated: the report holds no window with purchases that the model had not seen. "
                    + "Train on more days"),
            ];
        }

        var sentences = new List<VerdictSentence>();
        Add(sentences, Lists(report, "all", "lists of products for each customer"));
        Add(sentences, Lists(report, "new", "products that a customer has not bought yet"));
        Add(sentences, LeastActive(report));
        Add(sentences, UsersOfProduct(report));
        sentences.Add(Probabilities(report.Probability));
        var few = holdout.Users >= FewCustomers ? Array.Empty<VerdictSentence>() :
        [
            Not(
                "decisions by these figures",
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"only {holdout.Users:N0} customers purchased in the evaluated window; "
                    + $"expected {FewCustomers} or more")),
        ];
        return [.. few, .. sentences.OrderByDescending(sentence => sentence.Trust)];
    }

    private static VerdictSentence? Lists(TrainingReport report, string segment, string use)
    {
        var rows = report.Rankings.Where(row => row.Segment == segment && row.K == 10).ToArray();
        if (rows.FirstOrDefault(row => row.Model == Served) is not { } served
            || rows.Where(row => Rules.Contains(row.Model)).MaxBy(row => row.Ndcg) is not { } rule)
        {
            return null;
        }

        var figures =
            string.Create(
                CultureInfo.InvariantCulture,
                $"nDCG@10 is {served.Ndcg:F4} [{served.NdcgInterval[0]:F4}, {served.NdcgInterval[1]:F4}] and that of "
                + $"the best simple rule ({rule.Model}) {rule.Ndcg:F4} [{rule.NdcgInterval[0]:F4}, "
                + $"{rule.NdcgInterval[1]:F4}], over {served.Users:N0} customers");
        return served.NdcgInterval[0] > rule.NdcgInterval[1] ? Trust(
            use, figures + "; the 95 % intervals do not overlap")
            : served.Ndcg > rule.Ndcg ? Not(
                use + " as an improvement on a simple rule",
                figures + "; the 95 % intervals overlap, so the gain is not proven")
            : Not(use, figures + "; the rule is as good");
    }

    private static VerdictSentence? LeastActive(TrainingReport report)
    {
        if (report.Rankings.FirstOrDefault(
            row => row is { Model: Served, Segment: "activity_1", K: 10 }) is not { } least)
        {
            return null;
        }

        var figures =
            string.Create(
                CultureInfo.InvariantCulture,
                $"the lists of the least active tenth find {least.Recall:P1} of their purchases at K = 10 "
                + $"[{least.RecallInterval[0]:P1}, {least.RecallInterval[1]:P1}], over {least.Users:N0} customers");
        return least.Users < FewCustomers
            ? Not("customers with few purchases", $"{figures}; expected {FewCustomers} customers or more")
            : least.RecallInterval[0] > 0 ? Trust("customers with few purchases too", figures)
            : Not("customers with few purchases", figures + "; the interval reaches 0");
    }

    private static VerdictSentence? UsersOfProduct(TrainingReport report)
    {
        const string Use = "finding the users who want one product";
        if (report.ProductDirection.FirstOrDefault(row => row.Model == Served) is not { } served
            || report.ProductDirection.FirstOrDefault(row => row.Model != Served) is not { } rule)
        {
            return Not(Use, "it was not evaluated: no product had enough purchasers in the window");
        }

        var figures =
            string.Create(
                CultureInfo.InvariantCulture,
                $"the best 10 % of users hold {served.Lift10:F2} times the purchasers of a random 10 % and those of "
                + $"the simple rule {rule.Lift10:F2} times (mean AUC {served.AucMean:F3} and {rule.AucMean:F3}), "
                + $"over {served.Products:N0} products");
        return served.Lift10 > rule.Lift10 && served.AucMean > rule.AucMean
            ? Trust(Use, figures)
            : Not(Use, figures + "; the rule is as good in one of them");
    }

    private static VerdictSentence Probabilities(ProbabilityReport? probability)
    {
        const string Use = "probabilities and expected numbers of purchasers";
        if (probability is null)
        {
            return Not(Use, "the window held too few purchases to check them");
        }

        var figures =
            string.Create(
                CultureInfo.InvariantCulture,
                $"predicted purchases are {probability.PredictedOverActual:F3} times the actual ones, "
                + $"the calibration error is {probability.EceOfBaseRate:P1} of the base rate, and the log-loss is "
                + $"{probability.LogLoss:F6} beside {probability.BaseLogLoss:F6} of the base rate alone");
        return probability.EceOfBaseRate <= CalibrationTolerance
            && Math.Abs(probability.PredictedOverActual - 1) <= CalibrationTolerance
            && probability.LogLoss < probability.BaseLogLoss
            ? Trust(Use, figures)
            : Not(
                Use,
                figures + string.Create(
                    CultureInfo.InvariantCulture,
                    $"; expected both within {CalibrationTolerance:P0} and the log-loss below that of the base rate"));
    }

    private static void Add(List<VerdictSentence> sentences, VerdictSentence? sentence)
    {
        if (sentence is { } found)
        {
            sentences.Add(found);
        }
    }

    private static VerdictSentence Trust(string use, string because) =>
        new(true, $"Trust it for {use}, because {because}.");

    private static VerdictSentence Not(string use, string because) =>
        new(false, $"Do not use it for {use}, because {because}.");
}

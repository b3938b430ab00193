using System.Globalization;
using Engine.Snapshots;
using Trainer.Data.Rows;
using Trainer.Data.Scoping;
using Trainer.Evaluation.Splits;
using Trainer.Pipeline.Scoring;
using Trainer.Pipeline.Settings;

namespace Trainer.Pipeline.Evaluation;

/// <summary>
/// What a person should know of a training: warnings of its data, then those of its score and its evaluation.
/// </summary>
internal static class TrainingWarnings
{
    /// <summary>
    /// What an update lost of the snapshot that it replaces: days, more than half of the users or of the products.
    /// </summary>
    public static IEnumerable<string> Since(Snapshot? previous, ScopedDataset scoped)
    {
        if (previous is null)
        {
            yield break;
        }

        var (last, lastBefore) = (scoped.Scope.End, previous.Manifest.Scope.LastDay);
        if (last < lastBefore)
        {
            yield return $"the data end on {last:yyyy-MM-dd}, before {lastBefore:yyyy-MM-dd}, the last day of "
                + $"snapshot {previous.Id}, which this one replaces: see that they are the newest tables";
        }

        foreach (var (what, ids, before) in new[]
        {
            ("users", scoped.UserIds, previous.UserIds), ("products", scoped.ProductIds, previous.ProductIds),
        })
        {
            var known = ids.LongCount(id => before.Find(id) >= 0);
            if (known * 2 < before.Count)
            {
                yield return string.Create(
                    CultureInfo.InvariantCulture,
                    $"only {known:N0} of the {before.Count:N0} {what} of snapshot {previous.Id}, which this one "
                    + $"replaces, are in scope: see that the tables are whole and write ids as before");
            }
        }
    }

    /// <summary>All warnings, for the report.</summary>
    public static List<string> Of(
        Dataset dataset, LearningResult learned, HoldoutResult? evaluation, TrainOptions options)
    {
        var warnings = new List<string>(dataset.Report.Warnings);
        if (options.ItemFactors is { } imported)
        {
            var end = dataset.LastBehaviorDay.AddDays(-options.Horizon);
            warnings.Add(
                $"the item factors come from {imported}: figures of days that they were fitted on are too high. "
                + $"To judge them, fit them on the days to {end:yyyy-MM-dd}");
        }

        if (learned.Candidates.Length == 0)
        {
            warnings.Add(
                $"the last {2 * TemporalSplits.LearningWindow} days and what lies before them hold too few purchases "
                + "to learn the score from: products are ranked by how often and how recently the user purchased "
                + "them, then by how they sell");
        }
        else if (learned.Score.IsRule)
        {
            warnings.Add(
                $"no model beats the {learned.Score.Name} baseline on the learning windows: the baseline is served");
        }

        if (evaluation is null)
        {
            warnings.Add(
                $"the last {options.Horizon} days hold too few purchases of known users to judge the model on");
            return warnings;
        }

        if (evaluation.Reranker is { Wins: false } verdict)
        {
            warnings.Add(
                "the re-ranker does not beat the served score beyond chance on the held-out window (nDCG@10 "
                + $"{verdict.Reranked:F4} against {verdict.Served:F4}): none is kept");
        }

        var ranked = evaluation.Rankings.First(row => row.Segment == "all").Users;
        if (ranked < evaluation.Facts.Users)
        {
            warnings.Add(
                $"lists were judged for {ranked} of the {evaluation.Facts.Users} users who purchased in the last "
                + $"{options.Horizon} days, evenly drawn");
        }

        var metrics = evaluation.Metrics();
        warnings.AddRange(
            from baseline in metrics
            where HoldoutEvaluation.Baselines.Contains(baseline.Model) && baseline.RecallAt20 >= metrics[0].RecallAt20
            select $"the served score does not beat {baseline.Model}: Recall@20 {metrics[0].RecallAt20:F4} against "
                + $"{baseline.RecallAt20:F4}");
        return warnings;
    }
}

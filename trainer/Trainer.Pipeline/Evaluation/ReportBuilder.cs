using Engine.Snapshots.Manifest;
using Trainer.Data.Rows;
using Trainer.Pipeline.Fitting;
using Trainer.Pipeline.Scoring;

namespace Trainer.Pipeline.Evaluation;

/// <summary>Builds the report that a snapshot stores.</summary>
internal static class ReportBuilder
{
    /// <summary>The report of a model that is only evaluated, not published.</summary>
    public static TrainingReport Empty { get; } = new()
    {
        Counts = [],
        Rejected = [],
        Warnings = [],
        Losses = [],
        Metrics = [],
        Holdout = null,
    };

    /// <summary>The report of a final fit.</summary>
    public static TrainingReport Build(
        ScopeModel model, HoldoutResult? evaluation, LearningResult learned, IReadOnlyList<string> warnings)
    {
        var read = model.Scoped.Dataset.Report;
        return new TrainingReport
        {
            Counts = [.. Counts(model, read)],
            Rejected = [.. Rejections("behavior", read.Behaviors), .. Rejections("product", read.Products)],
            Warnings = [.. warnings],
            Losses = [.. model.Als.Epochs.Select(epoch => epoch.Loss)],
            Metrics = evaluation?.Metrics() ?? [],
            Holdout = evaluation?.Facts,
            Rankings = evaluation?.Rankings ?? [],
            Coverage = evaluation?.Coverage ?? [],
            ProductDirection = evaluation?.ProductDirection ?? [],
            Probability = evaluation?.Probability,
            Demand = evaluation?.Demand,
            Candidates =
                [.. learned.Candidates.Select(
                    candidate =>
                        new CandidateRow(candidate.Name, candidate.Ndcg, candidate.Name == learned.Score.Name))],
            Features = FeatureEffects.Of(learned.Score, learned.Splits),
        };
    }

    private static IEnumerable<StageCount> Counts(ScopeModel model, ReadReport read)
    {
        var scope = model.Scoped.Report;
        yield return new("product rows read", read.Products.RowsRead);
        yield return new("product rows accepted", read.Products.Accepted);
        yield return new("behavior rows read", read.Behaviors.RowsRead);
        yield return new("behavior rows accepted", read.Behaviors.Accepted);
        yield return new(
            $"behavior rows kept that repeat an earlier one exactly{(read.RepeatedIsEstimate ? ", about" : "")}",
            read.RepeatedRows);
        foreach (var (kind, count) in read.Kinds)
        {
            yield return new($"behavior rows of type {kind.ToString().ToLowerInvariant()}", count);
        }

        yield return new("refund rows without a purchase", read.Refunds.Unmatched);
        yield return new("purchases cancelled by refunds", read.Refunds.CancelledPurchases);
        yield return new("behaviors before the scope year", scope.BeforeScope);
        yield return new("behaviors of users without a purchase in it", scope.IneligibleUser);
        yield return new("behaviors with products without a purchase in it", scope.IneligibleProduct);
        yield return new("behaviors in scope", scope.InScope);
        yield return new("users in scope", model.Scoped.UserCount);
        yield return new("users left out", scope.UsersLeftOut);
        yield return new("products in scope", model.Scoped.ProductCount);
        yield return new("products left out", scope.ProductsLeftOut);
    }

    private static IEnumerable<RejectedRows> Rejections(string table, TableReport report) =>
        from rejection in report.Rejections.Select(rejection => (Verdict: "rejected", Rows: rejection))
            .Concat(report.Notes.Select(note => (Verdict: "kept without a part", Rows: note)))
        select new RejectedRows(
            $"{table}, {rejection.Verdict}: {Words(rejection.Rows.Reason.ToString())}",
            rejection.Rows.Count,
            [.. rejection.Rows.First.Select(
                row => new Engine.Snapshots.Manifest.RejectedRow(Path.GetFileName(row.File), row.Line, row.Text))]);

    // BadTime -> bad time
    private static string Words(string name) =>
        string.Concat(
            name.Select(
                (c, i) => char.IsUpper(c) && i > 0 ? $" {char.ToLowerInvariant(c)}" : $"{char.ToLowerInvariant(c)}"));
}

using Engine.Snapshots.Manifest;

namespace Trainer.Pipeline.Evaluation;

/// <summary>The evaluation of a model on a held-out window.</summary>
public sealed record HoldoutResult
{
    /// <summary>Which window, and who purchased in it.</summary>
    public required HoldoutFacts Facts { get; init; }

    /// <summary>Lists of products for users, all models.</summary>
    public required RankingRow[] Rankings { get; init; }

    /// <summary>How the lists spread.</summary>
    public required CoverageRow[] Coverage { get; init; }

    /// <summary>Users for products.</summary>
    public required ProductDirectionRow[] ProductDirection { get; init; }

    /// <summary>Probabilities; null when the window holds too few purchases.</summary>
    public required ProbabilityReport? Probability { get; init; }

    /// <summary>What the score knows of demand; null for a rule.</summary>
    public DemandReport? Demand { get; init; }

    /// <summary>The calibration for windows as long as this one.</summary>
    public required CalibrationTerms Calibration { get; init; }

    /// <summary>The evaluation of the re-ranker; null without one.</summary>
    internal RerankVerdict? Reranker { get; init; }

    /// <summary>The short table: lists of 10 and 20, all products.</summary>
    public ModelMetrics[] Metrics() =>
    [
        .. from model in Rankings.Select(row => row.Model).Distinct()
           let ten = Rankings.Single(row => row.Model == model && row is { Segment: "all", K: 10 })
           let twenty = Rankings.Single(row => row.Model == model && row is { Segment: "all", K: 20 })
           select new ModelMetrics(model, ten.Recall, twenty.Recall, ten.Ndcg, twenty.Ndcg),
    ];
}

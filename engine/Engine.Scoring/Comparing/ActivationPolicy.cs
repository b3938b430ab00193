using Engine.Kernels;

namespace Engine.Scoring.Comparing;

/// <summary>
/// How much a new snapshot may change before a person must look. A bound that is null does not count.
/// </summary>
public sealed record ActivationPolicy
{
    /// <summary>Users to compare, 1 or more.</summary>
    public int Users { get; init; } = 20_000;

    /// <summary>The tag that stands for the category; null for the first text tag.</summary>
    public string? Category { get; init; }

    /// <summary>Least overlap@10, 0..1.</summary>
    public double? MinOverlapAt10 { get; init; }

    /// <summary>Least overlap@50, 0..1.</summary>
    public double? MinOverlapAt50 { get; init; }

    /// <summary>Least rank correlation, -1..1.</summary>
    public double? MinRankCorrelation { get; init; }

    /// <summary>Largest share of users of whose top 10 nothing stays.</summary>
    public double? MaxChangedWholly { get; init; }

    /// <summary>Largest share of top-10 places that go to other products.</summary>
    public double? MaxExposureMoved { get; init; }

    /// <summary>Largest change of one product's share of the top-10 places.</summary>
    public double? MaxProductMove { get; init; }

    /// <summary>Largest change of one category's share of the top-10 places.</summary>
    public double? MaxCategoryMove { get; init; }

    /// <summary>Largest share of the products that are gone.</summary>
    public double? MaxProductsGone { get; init; }

    /// <summary>Largest share of the users that are gone.</summary>
    public double? MaxUsersGone { get; init; }

    /// <summary>Largest share of a saved audience's predicted users that are gone.</summary>
    public double? MaxAudienceLeft { get; init; }

    /// <summary>Least coverage, 0..1.</summary>
    public double? MinCoverage { get; init; }

    /// <summary>Largest share of the most popular hundredth of the products.</summary>
    public double? MaxPopularityShare { get; init; }

    /// <summary>Largest change of the mean score of the best product, either way.</summary>
    public double? MaxScoreDrift { get; init; }

    /// <summary>Largest change of the mean probability of the best product, either way.</summary>
    public double? MaxProbabilityDrift { get; init; }

    /// <summary>Largest relative loss of nDCG@10 on the held-out window, 0..1.</summary>
    public double? MaxNdcgDrop { get; init; }

    /// <summary>Largest relative loss of recall@10 on the held-out window, 0..1.</summary>
    public double? MaxRecallDrop { get; init; }

    /// <summary>The number that is out of its range, and the range; null when there is none.</summary>
    public string? FindProblem()
    {
        (string Key, double? Bound)[] shares =
        [
            ("min_overlap_at10", MinOverlapAt10), ("min_overlap_at50", MinOverlapAt50),
            ("max_changed_wholly", MaxChangedWholly), ("max_exposure_moved", MaxExposureMoved),
            ("max_product_move", MaxProductMove), ("max_category_move", MaxCategoryMove),
            ("max_products_gone", MaxProductsGone), ("max_users_gone", MaxUsersGone),
            ("max_audience_left", MaxAudienceLeft), ("min_coverage", MinCoverage),
            ("max_popularity_share", MaxPopularityShare), ("max_probability_drift", MaxProbabilityDrift),
            ("max_ndcg_drop", MaxNdcgDrop), ("max_recall_drop", MaxRecallDrop),
        ];
        var (key, bound) = Array.Find(shares, share => share.Bound is not (null or (>= 0 and <= 1)));
        return Users < 1 ? InvariantText.Of($"found users = {Users}; expected 1 or more")
            : key is not null ? InvariantText.Of($"found {key} = {bound}; expected 0 to 1")
            : MinRankCorrelation is not (null or (>= -1 and <= 1))
                ? InvariantText.Of($"found min_rank_correlation = {MinRankCorrelation}; expected -1 to 1")
            : MaxScoreDrift is not (null or >= 0)
                ? InvariantText.Of($"found max_score_drift = {MaxScoreDrift}; expected 0 or more")
            : null;
    }

    /// <summary>The figures beyond the policy, a sentence each; none when the snapshot may be served.</summary>
    public IReadOnlyList<string> Judge(SnapshotDiff diff)
    {
        ArgumentNullException.ThrowIfNull(diff);
        var breaches = new List<string>();
        Least("overlap@10", diff.OverlapAt10, MinOverlapAt10);
        Least("overlap@50", diff.OverlapAt50, MinOverlapAt50);
        Least("the rank correlation", diff.RankCorrelation, MinRankCorrelation);
        Most("the share of users of whose top 10 nothing stays", diff.ChangedWholly, MaxChangedWholly);
        Most("the share of top-10 places that went to other products", diff.ExposureMoved, MaxExposureMoved);
        Most("the largest change of a product's exposure", Largest(diff.Products), MaxProductMove);
        Most("the largest change of a category's exposure", Largest(diff.Categories), MaxCategoryMove);
        Most("the share of products gone", Share(diff.ProductsGone, diff.ProductsBefore), MaxProductsGone);
        Most("the share of users gone", Share(diff.UsersGone, diff.UsersGone + diff.SharedUsers), MaxUsersGone);
        foreach (var audience in diff.Audiences)
        {
            Most(
                $"the share of audience '{audience.Name}' that is gone",
                Share(audience.Left, audience.Before),
                MaxAudienceLeft);
        }

        Least("the coverage", diff.Coverage.After, MinCoverage);
        Most("the share of the most popular products", diff.PopularityShare.After, MaxPopularityShare);
        Most("the drift of the best score", Math.Abs(diff.Score.After - diff.Score.Before), MaxScoreDrift);
        Most(
            "the drift of the best probability",
            Math.Abs(diff.Probability.After - diff.Probability.Before),
            MaxProbabilityDrift);
        Most("the loss of held-out nDCG@10", Drop(diff.Ndcg), MaxNdcgDrop);
        Most("the loss of held-out recall@10", Drop(diff.Recall), MaxRecallDrop);
        return breaches;

        // A figure that is not known is beyond any bound that is given for it.
        void Least(string figure, double found, double? bound)
        {
            if (bound is { } least && !(found >= least))
            {
                breaches.Add(
                    FormattableString.Invariant(
                        $"{figure} is {found:0.####}; the policy asks for {least:0.####} or more"));
            }
        }

        void Most(string figure, double found, double? bound)
        {
            if (bound is { } most && !(found <= most))
            {
                breaches.Add(
                    FormattableString.Invariant($"{figure} is {found:0.####}; the policy allows {most:0.####}"));
            }
        }
    }

    private static double Largest(IEnumerable<ExposureMove> moves) =>
        moves.Select(move => Math.Abs(move.After - move.Before)).DefaultIfEmpty(0).Max();

    private static double Share(long part, long all) => all == 0 ? 0 : (double)part / all;

    private static double Drop(
        Change change) => change.Before == change.After ? 0 : (change.Before - change.After) / change.Before;
}

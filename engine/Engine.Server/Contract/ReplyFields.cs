using Engine.Scoring.Explaining;
using Engine.Scoring.Ids;
using Engine.Scoring.Queries;
using Engine.Scoring.Ranking;
using Engine.Snapshots;
using Engine.Snapshots.Ids;
using Engine.Snapshots.Manifest;
using Google.Protobuf.Collections;
using Proto = Engine.Protos.V1;

namespace Engine.Server.Contract;

/// <summary>From the terms of the engine to the fields of the contract.</summary>
internal static class ReplyFields
{
    /// <summary>Bytes of the largest reply: what gRPC clients accept by default.</summary>
    public const int MaximumBytes = 4 << 20;

    /// <summary>Sets the percentile and, if calibrated, the probability of a score.</summary>
    public static void Calibrate(Snapshot snapshot, ProductOrdinal product, Proto.ScoredProduct scored)
    {
        (scored.Percentile, scored.PercentileError) = CalibratedScores.Place(snapshot, product, scored.Score);
        if (CalibratedScores.Probability(snapshot, scored.Score) is { } probability)
        {
            scored.Probability = probability;
        }
    }

    /// <summary>The kept skipped ids; the caller sets the count of all.</summary>
    public static void Fill(RepeatedField<Proto.Skipped> target, SkippedIds skipped)
    {
        foreach (var id in skipped.Kept)
        {
            target.Add(new Proto.Skipped { Id = id.Id, Reason = ReasonOf(id.Reason) });
        }
    }

    /// <summary>Says why nothing competes when the pool or the rule of a request holds no product.</summary>
    public static void WarnWhenEmpty(ProductFilter? filter, RepeatedField<string> warnings)
    {
        if (filter?.EmptyPool is { } pool)
        {
            warnings.Add(pool.Problem);
        }
    }

    /// <summary>Buckets.</summary>
    public static void Fill(RepeatedField<Proto.BucketRange> target, IEnumerable<BucketRange> buckets) =>
        target.AddRange(
            buckets.Select(range => new Proto.BucketRange { First = range.First, Last = range.Last }));

    /// <summary>The terms of one score.</summary>
    public static void Fill(RepeatedField<Proto.Contribution> target, Snapshot snapshot, ReadOnlySpan<ScoreTerm> terms)
    {
        foreach (var term in terms)
        {
            var contribution = new Proto.Contribution
            {
                Kind = KindOf(term.Kind),
                ProductId = term.Product is { } product ? snapshot.ProductIds.Get(product.Value) : "",
                Value = term.Value,
            };
            if (term.Kind == TermKind.Boost)
            {
                contribution.Rule = term.Rule;
            }

            target.Add(contribution);
        }
    }

    /// <summary>Where a term comes from.</summary>
    public static Proto.Contribution.Types.Kind KindOf(TermKind kind) => kind switch
    {
        TermKind.Factors => Proto.Contribution.Types.Kind.Factors,
        TermKind.ProductRate => Proto.Contribution.Types.Kind.ProductRate,
        TermKind.UserRate => Proto.Contribution.Types.Kind.UserRate,
        TermKind.Similarity => Proto.Contribution.Types.Kind.Similarity,
        TermKind.OwnHistory => Proto.Contribution.Types.Kind.OwnHistory,
        TermKind.Related => Proto.Contribution.Types.Kind.Related,
        TermKind.Boost => Proto.Contribution.Types.Kind.Boost,
        TermKind.Diversity => Proto.Contribution.Types.Kind.Diversity,
        _ => Proto.Contribution.Types.Kind.Purchasers,
    };

    /// <summary>Where scores come from.</summary>
    public static Proto.Source SourceOf(ScoreSource source) => source switch
    {
        ScoreSource.User => Proto.Source.User,
        ScoreSource.Recent => Proto.Source.Recent,
        ScoreSource.UserAndRecent => Proto.Source.UserAndRecent,
        ScoreSource.Popularity => Proto.Source.Popularity,
        ScoreSource.Audience => Proto.Source.Audience,
        _ => Proto.Source.None,
    };

    /// <summary>Why an id was skipped.</summary>
    public static Proto.SkipReason ReasonOf(SkipReason reason) => reason switch
    {
        SkipReason.UnknownProduct => Proto.SkipReason.UnknownProduct,
        SkipReason.UnknownUser => Proto.SkipReason.UnknownUser,
        SkipReason.Blocked => Proto.SkipReason.Blocked,
        _ => Proto.SkipReason.Duplicate,
    };
}

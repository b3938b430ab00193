using Engine.Scoring.Batch;
using Engine.Tables.Parquet.Writing;

namespace Engine.Server.Results;

/// <summary>
/// The columns of a result: user_id, item_rank (not of a single product), item_id, score, probability, percentile,
/// item_name; of a campaign also user_reason (what the user did) and item_reason (how the product goes with it); of a
/// re-ranked result also re_ranked, which is true in every row. Results of earlier versions end their numbers with the
/// score.
/// </summary>
internal static class ResultColumns
{
    /// <summary>
    /// The calibrated probability; empty when the snapshot is not calibrated or the score was re-ranked.
    /// </summary>
    public const string Probability = "probability";

    /// <summary>The percentile among the product's users; empty when the score was re-ranked.</summary>
    public const string Percentile = "percentile";

    /// <summary>The product's name.</summary>
    public const string ItemName = "item_name";

    /// <summary>The column that marks re-ranked scores, which online answers do not have.</summary>
    public const string Reranked = "re_ranked";

    /// <summary>What results of earlier versions lack.</summary>
    private static readonly ResultColumn[] Details =
    [
        new(Probability, ParquetType.Number64, Optional: true),
        new(Percentile, ParquetType.Number32, Optional: true),
        new(ItemName, ParquetType.Text),
    ];

    /// <summary>The value of that column.</summary>
    public static ReadOnlySpan<byte> Yes => "true"u8;

    /// <summary>Left to right.</summary>
    public static IReadOnlyList<ResultColumn> Of(BatchPlan plan) =>
        Of(plan.IsSingleProduct, plan.Reasons is not null, plan.Reranker is not null);

    /// <summary>Left to right.</summary>
    public static IReadOnlyList<ResultColumn> Of(bool isSingleProduct, bool hasReasons, bool isReranked)
    {
        var columns = new List<ResultColumn> { new("user_id", ParquetType.Text) };
        if (!isSingleProduct)
        {
            columns.Add(new("item_rank", ParquetType.Whole32));
        }

        columns.AddRange([new("item_id", ParquetType.Text), new("score", ParquetType.Number32), .. Details]);
        if (hasReasons)
        {
            columns.AddRange([new("user_reason", ParquetType.Text), new("item_reason", ParquetType.Text)]);
        }

        if (isReranked)
        {
            columns.Add(new(Reranked, ParquetType.Text));
        }

        return columns;
    }

    /// <summary>The columns of a stored result, which an earlier version may have written.</summary>
    /// <param name="columns">As this version writes them.</param>
    /// <param name="stored">How many the file has.</param>
    public static IReadOnlyList<ResultColumn> Stored(IReadOnlyList<ResultColumn> columns, int stored) =>
        stored == columns.Count - Details.Length ? [.. columns.Except(Details)] : columns;
}

/// <summary>One column of a result.</summary>
/// <param name="Name">As the file and the table call it.</param>
/// <param name="Type">Its kind of value.</param>
/// <param name="Optional">Whether cells may be empty: all of a result, or none.</param>
internal readonly record struct ResultColumn(string Name, ParquetType Type, bool Optional = false);

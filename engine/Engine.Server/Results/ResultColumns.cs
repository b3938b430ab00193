using Engine.Scoring.Batch;
using Engine.Tables.Parquet.Writing;

namespace Engine.Server.Results;

/// <summary>
/// The columns of a result: user_id, item_rank (not of a single product), item_id, score; of a campaign also user_reason (what
/// the user did) and item_reason (how the product goes with it); of a re-ranked result also re_ranked, which is true in every row.
/// </summary>
internal static class ResultColumns
{
    /// <summary>The column that marks re-ranked scores, which online answers do not have.</summary>
    public const string Reranked = "re_ranked";

    /// <summary>The value of that column.</summary>
    public static ReadOnlySpan<byte> Yes => "true"u8;

    /// <summary>Left to right.</summary>
    public static IReadOnlyList<ResultColumn> Of(BatchPlan plan) => Of(plan.IsSingleProduct, plan.Reasons is not null, plan.Reranker is not null);

    /// <summary>Left to right.</summary>
    public static IReadOnlyList<ResultColumn> Of(bool isSingleProduct, bool hasReasons, bool isReranked)
    {
        var columns = new List<ResultColumn> { new("user_id", ParquetType.Text) };
        if (!isSingleProduct)
        {
            columns.Add(new("item_rank", ParquetType.Whole32));
        }

        columns.AddRange([new("item_id", ParquetType.Text), new("score", ParquetType.Number32)]);
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
}

/// <summary>One column of a result.</summary>
/// <param name="Name">As the file and the table call it.</param>
/// <param name="Type">Its kind of value.</param>
internal readonly record struct ResultColumn(string Name, ParquetType Type);

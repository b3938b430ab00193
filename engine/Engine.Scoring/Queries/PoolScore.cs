namespace Engine.Scoring.Queries;

/// <summary>How much a user wants a set of products, as one number.</summary>
public enum PoolScore
{
    /// <summary>The highest score of any product of the set: the number that Recommend gives for it.</summary>
    Best,

    /// <summary>
    /// The mean of the scores, which orders users as their sum does. Definition: the canonical score of a user with the
    /// mean product. Each column of its row, and each user's sparse part, is the sum in double over the products by
    /// ascending ordinal, divided by their number, rounded to fp32 once; a pair without a sparse part counts 0.
    /// </summary>
    Mean,
}

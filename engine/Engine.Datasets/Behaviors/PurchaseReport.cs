namespace Engine.Datasets.Behaviors;

/// <summary>One row of purchases.</summary>
/// <param name="User">The place among the users that were asked for.</param>
/// <param name="Product">The place in <see cref="PurchaseReport.ProductIds"/>.</param>
/// <param name="Count">Units that refunds left, 1 or more.</param>
/// <param name="Amount">Money for these units; 0 without a readable amount.</param>
/// <param name="Day">As <see cref="DayNumber"/> counts.</param>
public readonly record struct Purchase(int User, int Product, long Count, double Amount, int Day);

/// <summary>The purchases of some users in some days.</summary>
/// <param name="Purchases">In the order of the rows.</param>
/// <param name="ProductIds">The products of the table that users did something with.</param>
/// <param name="Rows">Rows of the table.</param>
/// <param name="Rejected">Rows that could not be read.</param>
/// <param name="LastDay">The last day of any row; null without rows.</param>
/// <param name="HasAmounts">Whether the mapping names a column of amounts.</param>
public sealed record PurchaseReport(
    IReadOnlyList<Purchase> Purchases,
    IReadOnlyList<string> ProductIds,
    long Rows,
    long Rejected,
    DateOnly? LastDay,
    bool HasAmounts);

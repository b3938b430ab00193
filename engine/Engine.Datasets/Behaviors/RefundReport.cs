namespace Engine.Datasets.Behaviors;

/// <summary>What became of the refunds.</summary>
/// <param name="Rows">Accepted refund rows.</param>
/// <param name="Unmatched">Rows for which no purchase was found, or not for their whole count.</param>
/// <param name="CancelledPurchases">Purchases of which nothing is left.</param>
/// <param name="ReducedPurchases">Purchases of which a part is left.</param>
public sealed record RefundReport(long Rows, long Unmatched, long CancelledPurchases, long ReducedPurchases);

namespace Engine.Campaigns.Lift;

/// <summary>What one user of a campaign had been given, and did afterwards.</summary>
/// <param name="IsTreated">Whether the user got a message; otherwise held out.</param>
/// <param name="Score">The score of the user's best product.</param>
/// <param name="IsRepeat">Whether the user had bought a product of the own list before.</param>
/// <param name="Promised">
/// The purchases that the calibrated probabilities promise: their sum over the list; NaN without any.
/// </param>
/// <param name="ListedBought">Products of the own list that the user bought.</param>
/// <param name="BoughtAny">Whether the user bought anything at all.</param>
/// <param name="ListedRevenue">Revenue from products of the own list.</param>
/// <param name="Revenue">Revenue from all products.</param>
public readonly record struct UserOutcome(
    bool IsTreated, float Score, bool IsRepeat, double Promised, int ListedBought, bool BoughtAny, double ListedRevenue,
    double Revenue);

using Engine.Campaigns.Statistics;

namespace Engine.Campaigns.Experiments;

/// <summary>How often an arm showed a product.</summary>
/// <param name="ProductId">The product.</param>
/// <param name="Shown">Times.</param>
/// <param name="Share">Of all products that the arm showed, each time it showed them.</param>
public sealed record ProductExposure(string ProductId, long Shown, double Share);

/// <summary>What an arm brought.</summary>
/// <param name="Arm">Its name.</param>
/// <param name="Replies">Replies that were logged.</param>
/// <param name="Users">Users who saw this arm and no other.</param>
/// <param name="Buyers">Those of them who bought a product that they had been shown.</param>
/// <param name="Rate">Buyers by user.</param>
/// <param name="Interval">Wilson's 95 % interval of the rate.</param>
/// <param name="AgainstFirst">The rate less that of the first arm; null for the first arm.</param>
/// <param name="Products">Those that it showed most.</param>
public sealed record ArmReport(
    string Arm,
    long Replies,
    long Users,
    long Buyers,
    double Rate,
    Interval Interval,
    ProportionDifference? AgainstFirst,
    IReadOnlyList<ProductExposure> Products);

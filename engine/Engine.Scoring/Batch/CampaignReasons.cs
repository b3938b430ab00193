using System.Globalization;
using System.Text;
using Engine.Scoring.Audiences;
using Engine.Scoring.Queries;
using Engine.Snapshots.Mapping;
using Engine.Snapshots;
using Engine.Snapshots.Ids;
using Engine.Snapshots.Manifest;

namespace Engine.Scoring.Batch;

/// <summary>
/// Why a row of a campaign is there: what the user did with A, and how the product goes with A. Any thread may ask.
/// </summary>
public sealed class CampaignReasons
{
    private readonly Snapshot _snapshot;
    private readonly BehaviorFilter _behavior;
    private readonly string _productId;
    private readonly int _product;
    private readonly int _firstDay;
    private readonly int _firstScopeDay;
    private readonly int _scopeStart;
    private readonly Dictionary<ProductOrdinal, byte[]> _products;

    internal CampaignReasons(
        Snapshot snapshot, BehaviorFilter behavior, string productId, IEnumerable<RelatedProduct> related)
    {
        (_snapshot, _behavior, _productId) = (snapshot, behavior, productId);
        _product = snapshot.ProductIds.Find(productId);
        (_firstDay, _firstScopeDay) = BehaviorAudience.FirstDays(snapshot, behavior.WithinDays);
        _scopeStart = _firstDay - _firstScopeDay;
        _products = related.ToDictionary(product => product.Product, Describe);
    }

    /// <summary>Related products that the campaign's minimum support left out.</summary>
    public int BelowMinSupportCount { get; init; }

    /// <summary>Related products that the campaign's least strength left out.</summary>
    public int BelowStrengthCount { get; init; }

    /// <summary>All that the reasons depend on beside the snapshot.</summary>
    public string Description => string.Create(
        CultureInfo.InvariantCulture,
        $"campaign {_productId} {string.Join(' ', _behavior.Types.Order())} "
        + $"{_behavior.AtLeast} {_behavior.WithinDays}");

    /// <summary>
    /// The strongest thing that a user did, how often and when last: "purchase of A x2, last on 2021-07-30".
    /// </summary>
    public ReadOnlySpan<byte> OfUser(UserOrdinal user)
    {
        var strongest = Add(default, _snapshot.History.Row(user.Value), _firstScopeDay, _scopeStart);
        if (_snapshot.OutOfScope is { } outside)
        {
            strongest = Add(strongest, outside.OfUser(user.Value), _firstDay, 0);
        }

        var (type, count, day) = strongest;
        return Encoding.UTF8.GetBytes(string.Create(
            CultureInfo.InvariantCulture,
            $"{Word((BehaviorType)type)} of {_productId} x{count}, "
            + $"last on {DateOnly.FromDateTime(DateTime.UnixEpoch).AddDays(day):yyyy-MM-dd}"));
    }

    /// <summary>
    /// How a product goes with A: "bought with A by 120 users, confidence 0.123, lift 3.21, strength 0.321".
    /// </summary>
    public ReadOnlySpan<byte> OfProduct(ProductOrdinal product) => _products[product];

    /// <summary>
    /// The strongest type so far, its units and its last day since 1970-01-01, after the rows of a history.
    /// </summary>
    private (int Type, long Count, int Day) Add(
        (int Type, long Count, int Day) strongest, HistoryRow history, int firstDay, int dayZero)
    {
        for (var i = 0; i < history.Count; i++)
        {
            int type = history.Type(i);
            if (history.Product(i) != _product || history.Day(i) < firstDay || type < strongest.Type
                || !_behavior.Types.Contains((BehaviorType)type))
            {
                continue;
            }

            // A purchase is the strongest and has the largest number.
            strongest = type == strongest.Type ? strongest : (type, 0, 0);
            strongest = (type, strongest.Count + history.Units(i), Math.Max(strongest.Day, dayZero + history.Day(i)));
        }

        return strongest;
    }

    private byte[] Describe(RelatedProduct product) => Encoding.UTF8.GetBytes(string.Create(
        CultureInfo.InvariantCulture,
        $"bought with {_productId} by {product.Figures.Support} users, confidence {product.Figures.Confidence:0.000}, "
        + $"lift {product.Figures.Lift:0.00}, strength {product.Strength:0.000}"));

    private static string Word(BehaviorType type) => type switch
    {
        BehaviorType.Purchase => "purchase",
        BehaviorType.Cart => "cart",
        BehaviorType.Favorite => "favorite",
        _ => "view",
    };
}

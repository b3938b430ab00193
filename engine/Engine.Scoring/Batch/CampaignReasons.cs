using System.Globalization;
using System.Text;
using Engine.Scoring.Audiences;
using Engine.Scoring.Queries;
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
    private readonly DateOnly _firstDay;
    private readonly int _firstCounted;
    private readonly Dictionary<ProductOrdinal, byte[]> _products;

    internal CampaignReasons(Snapshot snapshot, BehaviorFilter behavior, string productId, IEnumerable<RelatedProduct> related)
    {
        (_snapshot, _behavior, _productId) = (snapshot, behavior, productId);
        _product = snapshot.ProductIds.Find(productId);
        _firstDay = snapshot.Manifest.Scope.LastDay.AddDays(-snapshot.Manifest.Scope.Days);
        _firstCounted = BehaviorAudience.FirstDay(snapshot, behavior.WithinDays);
        _products = related.ToDictionary(product => product.Product, Describe);
    }

    /// <summary>All that the reasons depend on beside the snapshot.</summary>
    public string Description => string.Create(
        CultureInfo.InvariantCulture, $"campaign {_productId} {string.Join(' ', _behavior.Types.Order())} {_behavior.AtLeast} {_behavior.WithinDays}");

    /// <summary>The strongest thing that a user did, how often and when last: "purchase of A x2, last on 2021-07-30".</summary>
    public ReadOnlySpan<byte> OfUser(UserOrdinal user)
    {
        var history = _snapshot.History.Row(user.Value);
        var (type, count, day) = (0, 0L, 0);
        for (var i = 0; i < history.Count; i++)
        {
            if (history.Products[i] != _product || history.Days[i] < _firstCounted || !_behavior.Types.Contains((BehaviorType)history.Types[i]))
            {
                continue;
            }

            // Types stand in ascending order, and a purchase is the last of them.
            (count, day) = history.Types[i] == type ? (count, day) : (0, 0);
            type = history.Types[i];
            count += history.Counts[i];
            day = Math.Max(day, history.Days[i]);
        }

        return Utf8($"{Word((BehaviorType)type)} of {_productId} x{count}, last on {_firstDay.AddDays(day):yyyy-MM-dd}");
    }

    /// <summary>How a product goes with A: "bought with A by 120 users, confidence 0.123, lift 3.21, strength 0.321".</summary>
    public ReadOnlySpan<byte> OfProduct(ProductOrdinal product) => _products[product];

    private byte[] Describe(RelatedProduct product) => Utf8(
        $"bought with {_productId} by {product.Figures.Support} users, confidence {product.Figures.Confidence:0.000}, lift {product.Figures.Lift:0.00}, strength {product.Strength:0.000}");

    private static string Word(BehaviorType type) => type switch
    {
        BehaviorType.Purchase => "purchase",
        BehaviorType.Cart => "cart",
        BehaviorType.Favorite => "favorite",
        _ => "view",
    };

    private static byte[] Utf8(FormattableString text) => Encoding.UTF8.GetBytes(text.ToString(CultureInfo.InvariantCulture));
}

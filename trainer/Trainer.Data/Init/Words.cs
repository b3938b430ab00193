using Trainer.Data.Mapping;

namespace Trainer.Data.Init;

/// <summary>The names that columns and behaviour types go by, in English tables and in Alibaba's; plain form, likeliest first.</summary>
internal static class Words
{
    public static readonly string[] User =
        ["userid", "user", "customerid", "customer", "memberid", "member", "visitorid", "buyerid", "uid", "clientid", "shopperid", "accountid"];

    public static readonly string[] Product =
        ["productid", "product", "itemid", "item", "spuid", "spu", "goodsid", "stockcode", "sku", "skuid", "articleid", "article", "asin", "objectid", "object", "itemcode", "productcode", "contentid", "pid"];

    public static readonly string[] Type =
        ["behaviortype", "behaviourtype", "behavior", "behaviour", "eventtype", "event", "action", "actiontype", "type", "btag", "activity"];

    public static readonly string[] Time =
        ["behaviortime", "behaviourtime", "eventtime", "time", "timestamp", "timestamps", "datetime", "ts", "invoicedate", "orderdate", "ordertime", "date", "createdat", "day", "ds", "gmtcreate"];

    public static readonly string[] Count = ["count", "quantity", "qty", "cnt", "num", "number", "units", "behaviorcount"];

    public static readonly string[] Amount = ["amount", "total", "totalprice", "revenue", "value", "payment", "gmv", "behavioramount", "price"];

    public static readonly string[] Channel = ["channel", "behaviorchannel", "source", "platform", "device", "store", "storeid"];

    public static readonly string[] Order =
        ["orderid", "order", "invoice", "invoiceno", "invoiceid", "transactionid", "transaction", "receiptid", "basketid", "orderno"];

    public static readonly string[] Name =
        ["productname", "name", "title", "producttitle", "itemname", "goodsname", "description", "productdescription", "label"];

    /// <summary>Parts of a name that say: codes, not quantities, even when they are written in digits.</summary>
    public static readonly string[] Codes =
        ["id", "code", "cate", "category", "brand", "family", "shop", "seller", "group", "class", "line", "department", "type"];

    /// <summary>Parts of a name that say: a statistic of past behaviour.</summary>
    public static readonly string[] Statistics =
        ["sales", "sold", "purchases", "orders", "views", "clicks", "visits", "rating", "reviews", "ctr", "gmv", "7d", "30d", "60d", "90d", "180d"];

    private static readonly Dictionary<string, BehaviorKind> Kinds = new(StringComparer.Ordinal)
    {
        ["pv"] = BehaviorKind.View,
        ["view"] = BehaviorKind.View,
        ["click"] = BehaviorKind.View,
        ["clk"] = BehaviorKind.View,
        ["browse"] = BehaviorKind.View,
        ["pageview"] = BehaviorKind.View,
        ["visit"] = BehaviorKind.View,
        ["detail"] = BehaviorKind.View,
        ["productview"] = BehaviorKind.View,
        ["fav"] = BehaviorKind.Favorite,
        ["favorite"] = BehaviorKind.Favorite,
        ["favourite"] = BehaviorKind.Favorite,
        ["collect"] = BehaviorKind.Favorite,
        ["wish"] = BehaviorKind.Favorite,
        ["wishlist"] = BehaviorKind.Favorite,
        ["like"] = BehaviorKind.Favorite,
        ["bookmark"] = BehaviorKind.Favorite,
        ["cart"] = BehaviorKind.Cart,
        ["addtocart"] = BehaviorKind.Cart,
        ["addcart"] = BehaviorKind.Cart,
        ["basket"] = BehaviorKind.Cart,
        ["addtobasket"] = BehaviorKind.Cart,
        ["buy"] = BehaviorKind.Purchase,
        ["purchase"] = BehaviorKind.Purchase,
        ["purchased"] = BehaviorKind.Purchase,
        ["order"] = BehaviorKind.Purchase,
        ["pay"] = BehaviorKind.Purchase,
        ["paid"] = BehaviorKind.Purchase,
        ["transaction"] = BehaviorKind.Purchase,
        ["sale"] = BehaviorKind.Purchase,
        ["bought"] = BehaviorKind.Purchase,
        ["refund"] = BehaviorKind.Refund,
        ["refunded"] = BehaviorKind.Refund,
        ["return"] = BehaviorKind.Refund,
        ["returned"] = BehaviorKind.Refund,
        ["cancel"] = BehaviorKind.Refund,
        ["cancelled"] = BehaviorKind.Refund,
        ["canceled"] = BehaviorKind.Refund,
    };

    /// <summary>What a value of the type column stands for, or null when no word is known.</summary>
    public static BehaviorKind? Kind(string value) => Kinds.TryGetValue(Plain(value), out var kind) ? kind : null;

    /// <summary>Lower case, letters and digits only: <c>Add-To_Cart</c> is <c>addtocart</c>.</summary>
    public static string Plain(string text) =>
        string.Concat(text.Where(char.IsLetterOrDigit).Select(char.ToLowerInvariant));

    /// <summary>Whether a name has one of the parts, as a whole word or (three letters on) at the start of one.</summary>
    public static bool HasPart(string name, string[] parts) =>
        name.Split(['_', '-', ' ', '.']).Select(Plain).Any(word =>
            parts.Any(part => word == part || (part.Length >= 3 && word.StartsWith(part, StringComparison.Ordinal))));
}

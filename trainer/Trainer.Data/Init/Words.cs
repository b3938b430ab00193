using Engine.Datasets.Mapping;

namespace Trainer.Data.Init;

/// <summary>
/// The names that columns and behavior types go by, in English and Chinese tables; plain form, likeliest first.
/// </summary>
internal static class Words
{
    public static readonly string[] User =
        [
            "userid", "user", "customerid", "customer", "memberid", "member", "visitorid", "buyerid", "uid",
            "clientid", "shopperid", "accountid", "用户id", "用户编号", "用户", "会员id", "会员编号", "会员号", "会员", "会员卡号", "客户id",
            "客户编号", "客户号", "客户", "顾客id", "顾客", "买家id", "买家", "buyer", "openid", "unionid", "手机号", "cardid",
            "membercode", "customercode", "cust", "custid", "userno", "usercode", "userkey", "shopperid", "personid",
            "householdkey",
        ];

    public static readonly string[] Product =
        [
            "productid", "product", "itemid", "item", "spuid", "spu", "goodsid", "stockcode", "sku", "skuid",
            "articleid", "article", "asin", "objectid", "object", "itemcode", "productcode", "contentid", "pid",
            "商品id", "商品编号", "商品编码", "商品代码", "商品号", "货号", "产品id", "产品编号", "产品编码", "宝贝id", "物品id", "款号", "spu编码",
            "spu编号", "sku编码", "sku编号", "商品", "产品", "prodid", "productno", "itemno", "goods", "goodscode", "movieid",
            "materialid",
        ];

    public static readonly string[] Type =
        [
            "behaviortype", "behaviourtype", "behavior", "behaviour", "eventtype", "event", "action", "actiontype",
            "type", "btag", "activity", "行为类型", "行为", "事件类型", "事件", "操作类型", "动作", "动作类型", "类型", "交互类型", "eventname",
            "behaviorname",
        ];

    public static readonly string[] Time =
        [
            "behaviortime", "behaviourtime", "eventtime", "time", "timestamp", "timestamps", "datetime", "ts",
            "invoicedate", "orderdate", "ordertime", "date", "createdat", "day", "ds", "gmtcreate", "行为时间", "事件时间",
            "时间", "发生时间", "操作时间", "下单时间", "支付时间", "付款时间", "购买时间", "交易时间", "成交时间", "订单时间", "订单日期", "下单日期", "购买日期",
            "交易日期", "日期", "时间戳", "创建时间", "eventtimestamp", "eventdate", "behaviordate", "purchasedate",
            "transactiondate", "transactiontime", "tdat", "tdate", "datetimeid", "paytime", "timestampms",
            "createtime", "orderpurchasetimestamp", "visittime",
        ];

    public static readonly string[] Count = [
        "count", "quantity", "qty", "cnt", "num", "number", "units", "behaviorcount", "数量", "购买数量", "件数", "商品数量", "销量",
        "次数", "行为次数", "购买件数", "amountofitems", "orderquantity",
    ];

    public static readonly string[] Amount = [
        "amount", "total", "totalprice", "revenue", "value", "payment", "gmv", "behavioramount", "price", "金额", "订单金额",
        "支付金额", "实付金额", "付款金额", "实付", "总价", "总金额", "成交金额", "交易金额", "销售额", "单价", "价格", "salesprice", "unitprice",
        "paymentvalue",
    ];

    public static readonly string[] Channel = [
        "channel", "behaviorchannel", "source", "platform", "device", "store", "storeid", "渠道", "来源", "来源渠道", "平台",
        "终端", "设备", "店铺", "门店", "saleschannelid", "utmsource",
    ];

    public static readonly string[] Order =
        [
            "orderid", "order", "invoice", "invoiceno", "invoiceid", "transactionid", "transaction", "receiptid",
            "basketid", "orderno", "订单号", "订单id", "订单编号", "订单", "交易号", "交易单号", "流水号", "小票号", "单号", "子订单号", "发票号",
        ];

    public static readonly string[] Name =
        [
            "productname", "name", "title", "producttitle", "itemname", "goodsname", "description",
            "productdescription", "label", "商品名称", "商品名", "产品名称", "产品名", "名称", "标题", "商品标题", "宝贝标题", "品名", "prodname",
        ];

    /// <summary>Parts of a name that say: what a row is.</summary>
    public static readonly string[] TypeParts =
        [
            "event", "action", "aktion", "accion", "behav", "activity", "operation", "status", "行为", "行為",
            "动作", "動作", "操作", "事件", "状态", "狀態",
        ];

    // The words are in simplified characters; tables of Hong Kong and Taiwan have these in their place.
    private const string Traditional = "戶編號員會顧買購瀏覽點擊訪問關歡願單車訂類動時間發創數額價貨產寶貝標題稱實總銷來終設備鋪門轉評論註冊錄換為據詳讚費臺賬";
    private const string Simplified = "户编号员会顾买购浏览点击访问关欢愿单车订类动时间发创数额价货产宝贝标题称实总销来终设备铺门转评论注册录换为据详赞费台账";

    /// <summary>Parts of a name that say: codes, not quantities, even when they are written in digits.</summary>
    public static readonly string[] Codes =
        [
            "id", "code", "cate", "category", "brand", "family", "shop", "seller", "group", "class", "line",
            "department", "type", "类目", "分类", "品类", "品牌", "编码", "编号", "代码", "型号", "店铺", "系列",
        ];

    /// <summary>Parts of a name that say: a statistic of past behavior.</summary>
    public static readonly string[] Statistics =
        [
            "sales", "sold", "purchases", "orders", "views", "clicks", "visits", "rating", "reviews", "ctr", "gmv",
            "7d", "30d", "60d", "90d", "180d", "销量", "销售量", "销售额", "浏览量", "点击", "访问", "评分", "评论", "好评", "收藏量", "加购量",
            "近7天", "近30天", "近60天", "近90天",
        ];

    /// <summary>Of the words for a purchase, those that say: ordered, perhaps not yet paid.</summary>
    public static readonly string[] Ordered = ["order", "ordered", "placedorder", "checkout", "下单", "订单"];

    private static readonly Dictionary<string, BehaviorKind> Kinds = new(StringComparer.Ordinal)
    {
        ["share"] = BehaviorKind.Ignored,
        ["forward"] = BehaviorKind.Ignored,
        ["removefromcart"] = BehaviorKind.Ignored,
        ["removecart"] = BehaviorKind.Ignored,
        ["deletefromcart"] = BehaviorKind.Ignored,
        ["unfavorite"] = BehaviorKind.Ignored,
        ["unfav"] = BehaviorKind.Ignored,
        ["search"] = BehaviorKind.Ignored,
        ["comment"] = BehaviorKind.Ignored,
        ["review"] = BehaviorKind.Ignored,
        ["rate"] = BehaviorKind.Ignored,
        ["rating"] = BehaviorKind.Ignored,
        ["login"] = BehaviorKind.Ignored,
        ["register"] = BehaviorKind.Ignored,
        ["impression"] = BehaviorKind.Ignored,
        ["exposure"] = BehaviorKind.Ignored,
        ["show"] = BehaviorKind.Ignored,
        ["分享"] = BehaviorKind.Ignored,
        ["转发"] = BehaviorKind.Ignored,
        ["移出购物车"] = BehaviorKind.Ignored,
        ["删除购物车"] = BehaviorKind.Ignored,
        ["取消收藏"] = BehaviorKind.Ignored,
        ["搜索"] = BehaviorKind.Ignored,
        ["评论"] = BehaviorKind.Ignored,
        ["评价"] = BehaviorKind.Ignored,
        ["登录"] = BehaviorKind.Ignored,
        ["注册"] = BehaviorKind.Ignored,
        ["曝光"] = BehaviorKind.Ignored,
        ["展示"] = BehaviorKind.Ignored,
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
        ["浏览"] = BehaviorKind.View,
        ["浏览商品"] = BehaviorKind.View,
        ["点击"] = BehaviorKind.View,
        ["查看"] = BehaviorKind.View,
        ["访问"] = BehaviorKind.View,
        ["看"] = BehaviorKind.View,
        ["查看详情"] = BehaviorKind.View,
        ["商品浏览"] = BehaviorKind.View,
        ["浏览详情"] = BehaviorKind.View,
        ["曝光点击"] = BehaviorKind.View,
        ["viewitem"] = BehaviorKind.View,
        ["viewproduct"] = BehaviorKind.View,
        ["pageviews"] = BehaviorKind.View,
        ["productdetail"] = BehaviorKind.View,
        ["viewed"] = BehaviorKind.View,
        ["views"] = BehaviorKind.View,
        ["clicks"] = BehaviorKind.View,
        ["clicked"] = BehaviorKind.View,
        ["browsing"] = BehaviorKind.View,
        ["screenview"] = BehaviorKind.View,
        ["收藏"] = BehaviorKind.Favorite,
        ["收藏商品"] = BehaviorKind.Favorite,
        ["加收藏"] = BehaviorKind.Favorite,
        ["关注"] = BehaviorKind.Favorite,
        ["喜欢"] = BehaviorKind.Favorite,
        ["点赞"] = BehaviorKind.Favorite,
        ["心愿单"] = BehaviorKind.Favorite,
        ["加入收藏"] = BehaviorKind.Favorite,
        ["favorites"] = BehaviorKind.Favorite,
        ["favored"] = BehaviorKind.Favorite,
        ["addtofavorites"] = BehaviorKind.Favorite,
        ["addtowishlist"] = BehaviorKind.Favorite,
        ["addwishlist"] = BehaviorKind.Favorite,
        ["collected"] = BehaviorKind.Favorite,
        ["加购"] = BehaviorKind.Cart,
        ["加购物车"] = BehaviorKind.Cart,
        ["加入购物车"] = BehaviorKind.Cart,
        ["加车"] = BehaviorKind.Cart,
        ["购物车"] = BehaviorKind.Cart,
        ["添加购物车"] = BehaviorKind.Cart,
        ["加入购物袋"] = BehaviorKind.Cart,
        ["carts"] = BehaviorKind.Cart,
        ["carted"] = BehaviorKind.Cart,
        ["addtobag"] = BehaviorKind.Cart,
        ["additemtocart"] = BehaviorKind.Cart,
        ["addedtocart"] = BehaviorKind.Cart,
        ["购买"] = BehaviorKind.Purchase,
        ["下单"] = BehaviorKind.Purchase,
        ["支付"] = BehaviorKind.Purchase,
        ["付款"] = BehaviorKind.Purchase,
        ["成交"] = BehaviorKind.Purchase,
        ["交易"] = BehaviorKind.Purchase,
        ["订单"] = BehaviorKind.Purchase,
        ["买"] = BehaviorKind.Purchase,
        ["已购买"] = BehaviorKind.Purchase,
        ["已付款"] = BehaviorKind.Purchase,
        ["已支付"] = BehaviorKind.Purchase,
        ["消费"] = BehaviorKind.Purchase,
        ["购物"] = BehaviorKind.Purchase,
        ["交易成功"] = BehaviorKind.Purchase,
        ["支付成功"] = BehaviorKind.Purchase,
        ["已完成"] = BehaviorKind.Purchase,
        ["buys"] = BehaviorKind.Purchase,
        ["purchases"] = BehaviorKind.Purchase,
        ["checkout"] = BehaviorKind.Purchase,
        ["ordered"] = BehaviorKind.Purchase,
        ["placedorder"] = BehaviorKind.Purchase,
        ["payment"] = BehaviorKind.Purchase,
        ["transactions"] = BehaviorKind.Purchase,
        ["sales"] = BehaviorKind.Purchase,
        ["completed"] = BehaviorKind.Purchase,
        ["退款"] = BehaviorKind.Refund,
        ["退货"] = BehaviorKind.Refund,
        ["退单"] = BehaviorKind.Refund,
        ["取消"] = BehaviorKind.Refund,
        ["取消订单"] = BehaviorKind.Refund,
        ["已退款"] = BehaviorKind.Refund,
        ["已退货"] = BehaviorKind.Refund,
        ["退换货"] = BehaviorKind.Refund,
        ["退款成功"] = BehaviorKind.Refund,
        ["refunds"] = BehaviorKind.Refund,
        ["returns"] = BehaviorKind.Refund,
        ["cancellation"] = BehaviorKind.Refund,
        ["chargeback"] = BehaviorKind.Refund,
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

    /// <summary>
    /// Lower case, simplified characters, letters and digits only: <c>Add-To_Cart</c> is <c>addtocart</c>.
    /// </summary>
    public static string Plain(string text) =>
        string.Concat(text.Where(char.IsLetterOrDigit).Select(char.ToLowerInvariant).Select(
            c => Traditional.IndexOf(c, StringComparison.Ordinal) is var at and >= 0 ? Simplified[at] : c));

    /// <summary>
    /// What a column of its own stands for by its name: <c>is_buy</c>, <c>cart_cnt</c>, <c>购买次数</c>; or null.
    /// </summary>
    public static BehaviorKind? KindOfColumn(string name)
    {
        var plain = Plain(name);
        foreach (var affix in (string[])[
            "", "is", "has", "num", "flag", "cnt", "count", "times", "qty", "次数", "数量", "数", "是否",
        ])
        {
            var rest = affix.Length > 0 && plain.StartsWith(affix, StringComparison.Ordinal) ? plain[affix.Length..]
                : affix.Length > 0 && plain.EndsWith(affix, StringComparison.Ordinal) ? plain[..^affix.Length]
                : affix.Length == 0 ? plain : "";
            if (Kinds.TryGetValue(rest, out var kind) && kind != BehaviorKind.Ignored)
            {
                return kind;
            }
        }

        return null;
    }

    /// <summary>Whether a column's name says one of the roles of a mapping.</summary>
    public static bool IsRole(string name) => Roles.Contains(Plain(name));

    /// <summary>
    /// Whether a name has one of the parts, as a whole word or (three letters on) at the start of one; words of other
    /// scripts are not set apart, so they count wherever they are.
    /// </summary>
    public static bool HasPart(string name, string[] parts) =>
        parts.Any(part => !char.IsAscii(part[0]) && name.Contains(part, StringComparison.Ordinal))
        || name.Split(['_', '-', ' ', '.']).Select(Plain).Any(word =>
            parts.Any(
                part => word == part
                    || (part.Length >= 3 && char.IsAscii(part[0]) && word.StartsWith(part, StringComparison.Ordinal))));

    private static readonly HashSet<string> Roles = new(
        [.. User, .. Product, .. Type, .. Time, .. Count, .. Amount, .. Channel, .. Order, .. Name],
        StringComparer.Ordinal);
}

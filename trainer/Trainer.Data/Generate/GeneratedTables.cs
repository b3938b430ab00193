using Engine.Tables.Rows;
using Engine.Datasets.Mapping;

namespace Trainer.Data.Generate;

/// <summary>The columns of the generated tables and their mapping.</summary>
internal static class GeneratedTables
{
    /// <summary>The behavior table's columns.</summary>
    public static readonly TableColumn[] Behavior =
    [
        new("user_id", ColumnType.Text), new("product_id", ColumnType.Text), new("behavior_type", ColumnType.Text),
        new("behavior_time", ColumnType.Time), new("behavior_count", ColumnType.WholeNumber),
        new("behavior_amount", ColumnType.Number),
        new("behavior_channel", ColumnType.Text),
        new("order_id", ColumnType.Text),
    ];

    /// <summary>The product table's columns.</summary>
    public static readonly TableColumn[] Product =
    [
        new("product_id", ColumnType.Text), new("product_name", ColumnType.Text), new("category", ColumnType.Text),
        new("line", ColumnType.Text), new("colors", ColumnType.Text), new("sizes", ColumnType.Text),
        new("price", ColumnType.Number), new("launch_date", ColumnType.Time), new("sales_90d", ColumnType.WholeNumber),
    ];

    /// <summary>The type column's value for a kind.</summary>
    public static string TypeValue(BehaviorKind kind) => kind switch
    {
        BehaviorKind.View => "view",
        BehaviorKind.Favorite => "favorite",
        BehaviorKind.Cart => "cart",
        BehaviorKind.Purchase => "purchase",
        BehaviorKind.Refund => "refund",
        _ => "share",
    };

    /// <summary>The mapping of these tables.</summary>
    public static DatasetDefinition Definition(
        IReadOnlyList<string> behaviorFiles, IReadOnlyList<string> productFiles) =>
        new()
        {
            Behavior = new BehaviorTable
            {
                Files = behaviorFiles,
                UserId = "user_id",
                ProductId = "product_id",
                Type = "behavior_type",
                Time = "behavior_time",
                Count = "behavior_count",
                Amount = "behavior_amount",
                Channel = "behavior_channel",
                OrderId = "order_id",
                Types = Enum.GetValues<BehaviorKind>().ToDictionary(TypeValue),
            },
            Product = new ProductTable
            {
                Files = productFiles,
                ProductId = "product_id",
                ProductName = "product_name",
                Tags =
                [
                    new TagDefinition { Column = "category", Alias = "Category" },
                    new TagDefinition { Column = "line", Alias = "Product line" },
                    new TagDefinition { Column = "colors", Alias = "Colors", Type = TagType.Multi, Separator = "|" },
                    new TagDefinition { Column = "sizes", Alias = "Sizes", Type = TagType.Multi, Separator = "/" },
                    new TagDefinition { Column = "price", Alias = "Price", Type = TagType.Number },
                    new TagDefinition { Column = "launch_date", Alias = "Launch date", Type = TagType.Date },
                    new TagDefinition
                    {
                        Column = "sales_90d",
                        Alias = "90-day sales",
                        Type = TagType.Number,
                        Statistical = true,
                    },
                ],
            },
        };
}

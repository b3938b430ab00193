namespace Trainer.Data.Mapping;

/// <summary>
/// What dataset.json says: a behavior table, a product table and how their columns map (product.md, rules 2, 3, 5, 6).
/// Read and written by <see cref="DatasetFile"/>; keys are snake_case.
/// </summary>
public sealed record DatasetDefinition
{
    /// <summary>What kind of id the user ids are (<c>user_id</c>, <c>phone</c>, ...); an audience must be of the same.</summary>
    public string IdentityType { get; init; } = "user_id";

    /// <summary><c>product</c>, or <c>category</c>: the item is a category, and a key repeated in the product table is no error.</summary>
    public ItemMode Item { get; init; } = ItemMode.Product;

    /// <summary>
    /// The source file of the database that holds both tables (rule 1), relative to dataset.json; null when they are files.
    /// </summary>
    public string? Source { get; init; }

    /// <summary>The behavior table.</summary>
    public required BehaviorTable Behavior { get; init; }

    /// <summary>The product table.</summary>
    public required ProductTable Product { get; init; }
}

/// <summary>What an item is.</summary>
public enum ItemMode
{
    /// <summary>A product at SPU granularity.</summary>
    Product,

    /// <summary>A category of products: its id is the key of the product table and the object of behaviours.</summary>
    Category,
}

/// <summary>The behavior table and its columns.</summary>
public sealed record BehaviorTable
{
    /// <summary>Files or folders, CSV (.csv, .csv.gz) or Parquet, relative to dataset.json; empty with a source.</summary>
    public IReadOnlyList<string> Files { get; init; } = [];

    /// <summary>The table's name in the source; null without a source.</summary>
    public string? Table { get; init; }

    /// <summary>The column of user ids.</summary>
    public required string UserId { get; init; }

    /// <summary>The column of product ids, the behaviour's object.</summary>
    public required string ProductId { get; init; }

    /// <summary>The column of behaviour types, whose values <see cref="Types"/> maps.</summary>
    public required string Type { get; init; }

    /// <summary>The column of times.</summary>
    public required string Time { get; init; }

    /// <summary>
    /// How times are written: <c>auto</c> (ISO 8601 date or date and time, or yyyyMMdd), <c>unix_seconds</c>,
    /// <c>unix_milliseconds</c>, or a .NET format such as <c>dd/MM/yyyy HH:mm</c>. No zone is converted.
    /// </summary>
    public string TimeFormat { get; init; } = TimeParser.Auto;

    /// <summary>The column of counts, whole numbers; null or empty = 1.</summary>
    public string? Count { get; init; }

    /// <summary>The column of amounts of money. Part of the mapping; training does not read it.</summary>
    public string? Amount { get; init; }

    /// <summary>The column of channels. Part of the mapping; training does not read it.</summary>
    public string? Channel { get; init; }

    /// <summary>The column of order ids; with it a refund cancels only purchases of its own order.</summary>
    public string? OrderId { get; init; }

    /// <summary>For each value of the type column what it stands for; a value that is absent is rejected.</summary>
    public required IReadOnlyDictionary<string, BehaviorKind> Types { get; init; }
}

/// <summary>The product table and its columns.</summary>
public sealed record ProductTable
{
    /// <summary>Files or folders, CSV (.csv, .csv.gz) or Parquet, relative to dataset.json; empty with a source.</summary>
    public IReadOnlyList<string> Files { get; init; } = [];

    /// <summary>The table's name in the source; null without a source.</summary>
    public string? Table { get; init; }

    /// <summary>The column of product ids, the key.</summary>
    public required string ProductId { get; init; }

    /// <summary>The column of product names; may be the id column when there are no names.</summary>
    public required string ProductName { get; init; }

    /// <summary>The other columns that are of use.</summary>
    public IReadOnlyList<TagDefinition> Tags { get; init; } = [];
}

/// <summary>One product tag.</summary>
public sealed record TagDefinition
{
    /// <summary>The column in the product table.</summary>
    public required string Column { get; init; }

    /// <summary>The name that people use for it; the column's name when absent.</summary>
    public string? Alias { get; init; }

    /// <summary>What its cells are.</summary>
    public TagType Type { get; init; } = TagType.Text;

    /// <summary>For <see cref="TagType.Multi"/>: what stands between two values. JSON arrays are understood without it.</summary>
    public string? Separator { get; init; }

    /// <summary>A statistic of past behaviour, such as 90-day sales: kept out of training, usable in pool rules (rule 5).</summary>
    public bool Statistical { get; init; }
}

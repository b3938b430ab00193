using Engine.Tables.Csv;

namespace Engine.Datasets.Mapping;

/// <summary>
/// What dataset.json says: a behavior table, a product table and how their columns map.
/// Read and written by <see cref="DatasetFile"/>; keys are snake_case.
/// </summary>
public sealed record DatasetDefinition
{
    /// <summary>
    /// What kind of id the user ids are (<c>user_id</c>, <c>phone</c>, ...); an audience must be of the same.
    /// </summary>
    public string IdentityType { get; init; } = "user_id";

    /// <summary>
    /// <c>product</c>, or <c>category</c>: the item is a category, and a key repeated in the product table is no error.
    /// </summary>
    public ItemMode Item { get; init; } = ItemMode.Product;

    /// <summary>
    /// The source file of the database that holds both tables (rule 1), relative to dataset.json; null when they are
    /// files.
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

    /// <summary>A category of products: its id is the key of the product table and the object of behaviors.</summary>
    Category,
}

/// <summary>The behavior table and its columns.</summary>
public sealed record BehaviorTable
{
    /// <summary>
    /// Files or folders, CSV (.csv, .csv.gz) or Parquet, relative to dataset.json; empty with a source.
    /// </summary>
    public IReadOnlyList<string> Files { get; init; } = [];

    /// <summary>The table's name in the source; null without a source.</summary>
    public string? Table { get; init; }

    /// <summary>The column of user ids.</summary>
    public required string UserId { get; init; }

    /// <summary>The column of product ids, the behavior's object.</summary>
    public required string ProductId { get; init; }

    /// <summary>
    /// The column of behavior types, whose values <see cref="Types"/> maps. Without such a column give
    /// <see cref="ConstantType"/> or <see cref="TypeColumns"/>.
    /// </summary>
    public string? Type { get; init; }

    /// <summary>The column of times.</summary>
    public required string Time { get; init; }

    /// <summary>
    /// How times are written: <c>auto</c> (year first, or the month by name), <c>day_first</c>, <c>month_first</c>,
    /// <c>year_first</c>, <c>unix_seconds</c>, <c>unix_milliseconds</c>, <c>unix_microseconds</c>,
    /// <c>unix_nanoseconds</c>, <c>excel_serial</c>, or a .NET format such as <c>dd/MM/yyyy HH:mm</c>. No zone is
    /// converted.
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
    public IReadOnlyDictionary<string, BehaviorKind> Types { get; init; } = new Dictionary<string, BehaviorKind>();

    /// <summary>What every row is, in a table without a type column.</summary>
    public BehaviorKind? ConstantType { get; init; }

    /// <summary>
    /// In a table with one column per type, for each of these columns what it stands for. Its cells are flags or
    /// counts; a row gives one behavior for each that is not empty, 0 or no.
    /// </summary>
    public IReadOnlyDictionary<string, BehaviorKind>? TypeColumns { get; init; }

    /// <summary>What a count below zero means; null is <see cref="Mapping.NegativeCount.Reject"/>.</summary>
    public NegativeCount? NegativeCount { get; init; }

    /// <summary>What rows that repeat an earlier row exactly are; null is <see cref="DuplicateRows.Keep"/>.</summary>
    public DuplicateRows? Duplicates { get; init; }

    /// <summary>
    /// The latest time that can be right, in ISO 8601, or the latest day: later rows are rejected. Null takes all.
    /// </summary>
    public string? LatestTime { get; init; }

    /// <summary>
    /// The encoding of the CSV files, such as <c>gb18030</c>; null for UTF-8. A byte order mark goes before it.
    /// </summary>
    public string? Encoding { get; init; }

    /// <summary>
    /// What separates the cells of the CSV files, one character; null for a comma, or for what a first line
    /// <c>sep=;</c> says.
    /// </summary>
    public string? Separator { get; init; }

    /// <summary>
    /// False when the CSV files have no header line: the columns are <c>column1</c>, <c>column2</c>, ... then.
    /// </summary>
    public bool? Header { get; init; }

    /// <summary>True when numbers are written with a decimal comma: <c>1.234,56</c>.</summary>
    public bool? DecimalComma { get; init; }

    internal CsvFormat Csv() => new() { Encoding = Encoding, Separator = Separator?[0], Header = Header ?? true };

    /// <summary>
    /// The last moment that <see cref="LatestTime"/> takes, of a day its end; null when it takes all.
    /// </summary>
    internal DateTime? LatestMoment() =>
        LatestTime is null || !TimeParser.For(TimeParser.Auto).TryParse(LatestTime, out var time) ? null
        : time.TimeOfDay == TimeSpan.Zero && !LatestTime.Contains(':') ? time.AddTicks(TimeSpan.TicksPerDay - 1)
        : time;
}

/// <summary>
/// What becomes of rows that repeat an earlier row exactly: in every cell of a CSV file, in every mapped cell
/// elsewhere.
/// </summary>
public enum DuplicateRows
{
    /// <summary>They count, and a warning says how many there are.</summary>
    Keep,

    /// <summary>They are dropped, and the counts of the table say how many there were.</summary>
    Drop,
}

/// <summary>What a count below zero means.</summary>
public enum NegativeCount
{
    /// <summary>The row is rejected.</summary>
    Reject,

    /// <summary>
    /// The row is a refund of that many; its order id is its own, so earlier purchases of other orders match too.
    /// </summary>
    Refund,
}

/// <summary>The product table and its columns.</summary>
public sealed record ProductTable
{
    /// <summary>
    /// Files or folders, CSV (.csv, .csv.gz) or Parquet, relative to dataset.json; empty with a source.
    /// </summary>
    public IReadOnlyList<string> Files { get; init; } = [];

    /// <summary>The table's name in the source; null without a source.</summary>
    public string? Table { get; init; }

    /// <summary>The column of product ids, the key.</summary>
    public required string ProductId { get; init; }

    /// <summary>The column of product names; may be the id column when there are no names.</summary>
    public required string ProductName { get; init; }

    /// <summary>The other columns that are of use.</summary>
    public IReadOnlyList<TagDefinition> Tags { get; init; } = [];

    /// <summary>
    /// The encoding of the CSV files, such as <c>gb18030</c>; null for UTF-8. A byte order mark goes before it.
    /// </summary>
    public string? Encoding { get; init; }

    /// <summary>
    /// What separates the cells of the CSV files, one character; null for a comma, or for what a first line
    /// <c>sep=;</c> says.
    /// </summary>
    public string? Separator { get; init; }

    /// <summary>
    /// False when the CSV files have no header line: the columns are <c>column1</c>, <c>column2</c>, ... then.
    /// </summary>
    public bool? Header { get; init; }

    /// <summary>True when numbers are written with a decimal comma: <c>1.234,56</c>.</summary>
    public bool? DecimalComma { get; init; }

    internal CsvFormat Csv() => new() { Encoding = Encoding, Separator = Separator?[0], Header = Header ?? true };
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

    /// <summary>
    /// For <see cref="TagType.Multi"/>: what stands between two values. JSON arrays are understood without it.
    /// </summary>
    public string? Separator { get; init; }

    /// <summary>
    /// A statistic of past behavior, such as 90-day sales: kept out of training, usable in pool rules (rule 5).
    /// </summary>
    public bool Statistical { get; init; }

    /// <summary>
    /// For <see cref="TagType.Date"/>: how dates are written, as in <see cref="BehaviorTable.TimeFormat"/>; null for
    /// <c>auto</c>.
    /// </summary>
    public string? TimeFormat { get; init; }
}

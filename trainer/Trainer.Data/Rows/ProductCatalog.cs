namespace Trainer.Data.Rows;

/// <summary>The product table: one index per product, in the order of the table.</summary>
/// <param name="Ids">Product ids, distinct.</param>
/// <param name="Names">Product names; the id where there is none.</param>
/// <param name="Tags">The tag columns; each has one cell per product.</param>
public sealed record ProductCatalog(string[] Ids, string[] Names, IReadOnlyList<TagColumn> Tags)
{
    /// <summary>How many products there are.</summary>
    public int Count => Ids.Length;
}

/// <summary>One tag of all products; the derived type says of which type it is.</summary>
/// <param name="Alias">The name that people use.</param>
/// <param name="Statistical">Kept out of training (rule 5).</param>
public abstract record TagColumn(string Alias, bool Statistical)
{
    /// <summary>The column of the product table.</summary>
    public required string Column { get; init; }
}

/// <summary>A text tag, coded by a dictionary.</summary>
/// <param name="Alias">The name that people use.</param>
/// <param name="Statistical">Kept out of training.</param>
/// <param name="Values">The distinct values.</param>
/// <param name="Codes">For each product an index into the values, or -1 when empty.</param>
public sealed record TextTag(string Alias, bool Statistical, string[] Values, int[] Codes)
    : TagColumn(Alias, Statistical);

/// <summary>A multi-valued text tag, coded by a dictionary.</summary>
/// <param name="Alias">The name that people use.</param>
/// <param name="Statistical">Kept out of training.</param>
/// <param name="Values">The distinct values.</param>
/// <param name="Offsets">Product p has the codes Offsets[p] .. Offsets[p + 1]; one longer than the products.</param>
/// <param name="Codes">Indexes into the values, distinct within a product, in the order of the cell.</param>
public sealed record MultiTag(string Alias, bool Statistical, string[] Values, int[] Offsets, int[] Codes)
    : TagColumn(Alias, Statistical);

/// <summary>A number tag.</summary>
/// <param name="Alias">The name that people use.</param>
/// <param name="Statistical">Kept out of training.</param>
/// <param name="Values">For each product its number, or NaN when empty.</param>
public sealed record NumberTag(string Alias, bool Statistical, double[] Values) : TagColumn(Alias, Statistical);

/// <summary>A date tag.</summary>
/// <param name="Alias">The name that people use.</param>
/// <param name="Statistical">Kept out of training.</param>
/// <param name="Days">For each product days since 1970-01-01 (negative before), or <see cref="Empty"/>.</param>
public sealed record DateTag(string Alias, bool Statistical, int[] Days) : TagColumn(Alias, Statistical)
{
    /// <summary>The day that stands for no date.</summary>
    public const int Empty = int.MinValue;
}

using System.Runtime.InteropServices;
using Trainer.Data.Rows;
using Trainer.Data.Scoping;
using Trainer.Models.Matrices;

namespace Trainer.Pipeline.Fitting;

/// <summary>
/// What products have in common as rows of pseudo-users for ALS: one for each value of a text tag that is not
/// statistical and for each word of a product name, holding the products that have it. Below the users' rows they pull
/// a product with few users toward products with the same tags, and hardly move one with many. Numbers and dates give
/// no rows.
/// </summary>
public static class TagRows
{
    /// <summary>The most rows that a product joins: those of its rarest values, which describe it best.</summary>
    public const int MostPerProduct = 8;

    private const int FewestProducts = 2;
    private const double LargestShare = 0.25;
    private const int ShortestWord = 2;

    /// <summary>
    /// The rows, rarest values first. Values of one product or of more than a quarter of the products give no row.
    /// </summary>
    /// <param name="scoped">The products, numbered as the columns are.</param>
    /// <param name="weight">Of every entry; a purchase of today weighs 1. At 0 there are no rows.</param>
    public static InteractionMatrix Of(ScopedDataset scoped, double weight)
    {
        var rows = weight > 0 ? Limit(ProductsByValue(scoped), scoped.ProductCount) : [];
        var matrix = new MatrixBuilder(scoped.ProductCount);
        foreach (var row in rows)
        {
            Array.ForEach(row, product => matrix.Add(product, (float)weight));
            matrix.EndRow();
        }

        return matrix.Build();
    }

    /// <summary>
    /// What a product of the catalog has in common with others: the place of the tag and the value; words of its name
    /// under a place of their own. A value can come twice.
    /// </summary>
    internal static IEnumerable<(int Tag, string Value)> ValuesOf(ProductCatalog catalog, int product) =>
        catalog.Tags.SelectMany((tag, place) => Values(tag, product).Select(value => (place, value)))
            .Concat(Words(catalog.Names[product]).Select(word => (catalog.Tags.Count, word)));

    private static List<int[]> Limit(Dictionary<(int Tag, string Value), List<int>> products, int count)
    {
        var taken = new int[count];
        var rows = new List<int[]>();
        foreach (var value in products
            .Where(value => value.Value.Count >= FewestProducts && value.Value.Count <= LargestShare * count)
            .OrderBy(value => value.Value.Count)
                .ThenBy(value => value.Key.Tag)
                .ThenBy(value => value.Key.Value, StringComparer.Ordinal))
        {
            int[] row = [.. value.Value.Where(product => taken[product] < MostPerProduct)];
            if (row.Length >= FewestProducts)
            {
                rows.Add(row);
                Array.ForEach(row, product => taken[product]++);
            }
        }

        return rows;
    }

    private static Dictionary<(int Tag, string Value), List<int>> ProductsByValue(ScopedDataset scoped)
    {
        var catalog = scoped.Dataset.Products;
        var found = new Dictionary<(int Tag, string Value), List<int>>();
        for (var product = 0; product < scoped.ProductCount; product++)
        {
            foreach (var key in ValuesOf(catalog, scoped.ProductSource[product]))
            {
                Add(key, product);
            }
        }

        return found;

        void Add((int Tag, string Value) key, int product)
        {
            ref var list = ref CollectionsMarshal.GetValueRefOrAddDefault(found, key, out _);
            list ??= [];
            if (list.Count == 0 || list[^1] != product)
            {
                list.Add(product);
            }
        }
    }

    private static IEnumerable<string> Values(TagColumn column, int product) => column switch
    {
        { Statistical: true } => [],
        TextTag text when text.Codes[product] >= 0 => [text.Values[text.Codes[product]]],
        MultiTag multi =>
            multi.Codes[multi.Offsets[product]..multi.Offsets[product + 1]].Select(code => multi.Values[code]),
        _ => [],
    };

    // Runs of letters in lower case.
    private static IEnumerable<string> Words(string name)
    {
        for (var start = 0; start < name.Length;)
        {
            var end = start;
            while (end < name.Length && char.IsLetter(name[end]))
            {
                end++;
            }

            if (end - start >= ShortestWord)
            {
                yield return name[start..end].ToLowerInvariant();
            }

            start = end + 1;
        }
    }
}

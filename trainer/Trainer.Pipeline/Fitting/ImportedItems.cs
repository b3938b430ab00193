using System.Globalization;
using Engine;
using Engine.Tables;
using Engine.Tables.Rows;
using Trainer.Data.Scoping;
using Trainer.Models.Matrices;

namespace Trainer.Pipeline.Fitting;

/// <summary>
/// Item factors that another program has fitted, for instance ALS on Spark: a CSV or Parquet file with the columns
/// product_id and factors, which are numbers with spaces or commas between them.
/// </summary>
internal static class ImportedItems
{
    private const string Product = "product_id";
    private const string Factors = "factors";

    // Sums of products of such factors are finite in fp32.
    private const float Most = 1e9f;

    /// <summary>The factors of a scope's products; a product that the file lacks gets zeros.</summary>
    /// <param name="path">The file.</param>
    /// <param name="scoped">The products; other rows of the file are passed over.</param>
    /// <param name="factors">Numbers of each row.</param>
    /// <exception cref="InputException">A row is wrong, or the file has none of the products.</exception>
    /// <exception cref="TableException">The file cannot be read, or lacks a column.</exception>
    public static FactorMatrix Read(string path, ScopedDataset scoped, int factors)
    {
        var places = scoped.ProductIds.Select((id, place) => (id, place))
            .ToDictionary(pair => pair.id, pair => pair.place, StringComparer.Ordinal);
        var placeOf = places.GetAlternateLookup<ReadOnlySpan<char>>();
        var (items, seen) = (new FactorMatrix(scoped.ProductCount, factors), new bool[scoped.ProductCount]);
        using var rows = TableFile.Open(path, [Product, Factors]);
        while (rows.Read())
        {
            if (rows.Fault != RowFault.None)
            {
                throw Wrong(rows, "a broken row", "two cells");
            }

            if (!placeOf.TryGetValue(rows.Text(0), out var place))
            {
                continue;
            }

            if (seen[place])
            {
                throw Wrong(rows, $"product '{rows.Text(0)}' again", "each product once");
            }

            seen[place] = true;
            Parse(rows, items.Row(place));
        }

        return Array.Exists(seen, one => one) ? items : throw new InputException(
            $"{path} has none of the {scoped.ProductCount} products with a purchase in {scoped.Scope}; expected their "
            + "factors. Join the ids of the program that fitted them with those of the product table");
    }

    private static void Parse(TableReader row, Span<float> factors)
    {
        var text = row.Text(1).Trim().Trim("[]");
        var count = 0;
        foreach (var range in text.SplitAny(' ', ',', ';'))
        {
            var number = text[range];
            if (number.IsEmpty)
            {
                continue;
            }

            if (!float.TryParse(number, NumberStyles.Float, CultureInfo.InvariantCulture, out var value)
                || !(MathF.Abs(value) <= Most))
            {
                throw Wrong(row, $"the factor '{number}'", "numbers from -1e9 to 1e9");
            }

            if (count < factors.Length)
            {
                factors[count] = value;
            }

            count++;
        }

        if (count != factors.Length)
        {
            throw Wrong(row, $"{count} factors", $"{factors.Length}. Give the number with --factors");
        }
    }

    private static InputException Wrong(TableReader row, string found, string expected) =>
        new($"{row.File}, line {row.Line}: found {found}; expected {expected}");
}

using Engine;
using Trainer.Data.Mapping;

namespace Trainer.Data.Init;

/// <summary>Guesses the mapping of a product table from its headers, its values and the product ids of the behaviours.</summary>
internal sealed class ProductGuesser(TableProfile table, ColumnProfile behaviorProducts)
{
    private const double Mostly = 0.95;

    private static readonly string[] Separators = ["|", ";", "/", ","];

    /// <summary>What was guessed and why.</summary>
    public List<Guess> Guesses { get; } = [];

    /// <summary>The mapping, its path relative to <paramref name="folder"/>.</summary>
    public ProductTable Find(string folder)
    {
        var id = FindId();
        var name = FindName(id);
        return new ProductTable
        {
            Files = [Path.GetRelativePath(folder, table.Path)],
            ProductId = id.Name,
            ProductName = name.Name,
            Tags = [.. table.Columns.Where(c => c != id && c != name && c.Filled > 0).Select(Tag)],
        };
    }

    private ColumnProfile FindId()
    {
        var (column, shared) = table.Columns
            .Select(c => (Column: c, Shared: behaviorProducts.Share(c.Values.ContainsKey)))
            .MaxBy(candidate => (candidate.Shared, candidate.Column.IsUnique));
        var named = table.Named(Words.Product, []);
        if (shared <= 0)
        {
            column = named ?? throw new InputException(
                $"{table.Path}: no column holds ids that occur in the behaviours' column '{behaviorProducts.Name}', or is " +
                $"named like a product id; the columns are: {string.Join(", ", table.Columns.Select(c => c.Name))}.");
        }

        var repeats = column.IsUnique ? "" : "; CHECK THIS: ids repeat";
        Add("product_id", column.Name, shared > 0
            ? $"it holds {100 * shared:F0} % of the behaviours' products{repeats}"
            : $"its name; none of the behaviours' products was found in its first rows{repeats}");
        return column;
    }

    private ColumnProfile FindName(ColumnProfile id)
    {
        var named = table.Named(Words.Name, [id]);
        var spoken = table.Columns.Where(c => c != id && c.Values.Count * 2 > c.Filled).MaxBy(c => c.Share(v => v.Contains(' ')));
        if (named is null && spoken is not null && spoken.Share(value => value.Contains(' ')) > 0.5)
        {
            Add("product_name", spoken.Name, $"its values read like names; for instance {spoken.Examples()}");
            return spoken;
        }

        Add("product_name", (named ?? id).Name, named is not null
            ? $"its name; for instance {named.Examples()}"
            : "no column of names was found: the product id stands in");
        return named ?? id;
    }

    private TagDefinition Tag(ColumnProfile column)
    {
        var (type, separator, why) = FindType(column);
        var statistical = type == TagType.Number && Words.HasPart(column.Name, Words.Statistics);
        var kind = type.ToString().ToLowerInvariant() + (statistical ? ", statistical" : "");
        Add($"tags.{column.Name}", kind, $"{why}; for instance {column.Examples()}");
        return new TagDefinition
        {
            Column = column.Name,
            Alias = column.Name.Replace('_', ' '),
            Type = type,
            Separator = separator,
            Statistical = statistical,
        };
    }

    private static (TagType Type, string? Separator, string Why) FindType(ColumnProfile column)
    {
        if (column.Share(NumberText.IsNumber) >= Mostly)
        {
            return Words.HasPart(column.Name, Words.Codes)
                ? (TagType.Text, null, "numbers, but its name says codes")
                : (TagType.Number, null, "numbers");
        }

        if (TimeFormatGuesser.Find(column) == TimeParser.Auto)
        {
            return (TagType.Date, null, "dates");
        }

        if (column.Share(value => value.StartsWith('[') && value.EndsWith(']')) >= Mostly)
        {
            return (TagType.Multi, null, "JSON arrays");
        }

        foreach (var separator in Separators.Where(s => column.Share(value => value.Contains(s)) >= 0.2))
        {
            // Parts of a list come back in other lists; parts of a sentence do not.
            var parts = column.Values.Keys.SelectMany(value => value.Split(separator)).ToArray();
            if (parts.Distinct().Count() * 2 <= parts.Length && parts.All(part => part.Length < 40))
            {
                return (TagType.Multi, separator, $"lists with '{separator}' between values");
            }
        }

        return (TagType.Text, null, "text");
    }

    private void Add(string role, string value, string why) => Guesses.Add(new Guess($"product.{role}", value, why));
}

using Engine.Datasets.Behaviors;
using Engine.Datasets.Mapping;
using Trainer.Data.Reading;

namespace Trainer.Data.Init;

/// <summary>
/// Guesses the mapping of a product table from its headers, its values and the product ids of the behaviors.
/// </summary>
internal sealed class ProductGuesser(TableProfile table, ColumnProfile? behaviorProducts)
{
    private const double Mostly = 0.95;

    private static readonly string[] Separators = ["|", ";", "/", ","];

    private readonly OpenPoints _points = new("product");
    private bool _decimalComma;

    /// <summary>What was guessed and what is open.</summary>
    public OpenPoints Points => _points;

    /// <summary>The mapping, without its place.</summary>
    public ProductTable Find()
    {
        FormatGuesser.Say(table, _points);
        var id = FindId();
        var name = FindName(id);
        var others = table.Columns.Where(c => c != id && c != name && c.Filled > 0).ToList();
        _decimalComma = others.Exists(FormatGuesser.HasCommas);
        if (_decimalComma)
        {
            _points.Add("decimal_comma", "true", "numbers have a decimal comma. CHECK THIS");
        }

        return new ProductTable
        {
            ProductId = id?.Name ?? _points.Ask(
                "product_id",
                "no column holds ids that occur in the "
                + $"behaviors{(behaviorProducts is null ? "" : $"' column '{behaviorProducts.Name}'")}, "
                + "or is named like a product id",
                $"one of {string.Join(", ", table.Columns.Select(c => c.Name))}"),
            ProductName = (name ?? id)?.Name ?? table.Columns[0].Name,
            Tags = [.. others.Select(Tag)],
            DecimalComma = _decimalComma ? true : null,
            Encoding = table.Csv.Encoding,
            Separator = table.Csv.Separator?.ToString(),
            Header = table.Csv.Header ? null : false,
        };
    }

    private ColumnProfile? FindId()
    {
        var (column, shared) = table.Columns
            .Select(c => (Column: c, Shared: behaviorProducts?.Share(c.Values.ContainsKey) ?? 0))
            .MaxBy(candidate => (candidate.Shared, candidate.Column.IsUnique));
        if (shared <= 0)
        {
            if (table.Named(Words.Product, []) is not { } named)
            {
                return null;
            }

            column = named;
        }

        var repeats = column.IsUnique ? "" : "; CHECK THIS: ids repeat";
        Add("product_id", column.Name, shared > 0
            ? $"it holds {100 * shared:F0} % of the behaviors' products{repeats}"
            : $"its name; none of the behaviors' products was found in its first rows{repeats}. CHECK THIS");
        return column;
    }

    private ColumnProfile? FindName(ColumnProfile? id)
    {
        var named = table.Named(Words.Name, id is null ? [] : [id]);
        var spoken = table.Columns
            .Where(c => c != id && c.Values.Count * 2 > c.Filled)
            .MaxBy(c => c.Share(v => v.Contains(' ')));
        if (named is null && spoken is not null && spoken.Share(value => value.Contains(' ')) > 0.5)
        {
            Add("product_name", spoken.Name, $"its values read like names; for instance {spoken.Examples()}");
            return spoken;
        }

        Add("product_name", (named ?? id)?.Name ?? "-", named is not null
            ? $"its name; for instance {named.Examples()}"
            : "no column of names was found: the product id stands in");
        return named ?? id;
    }

    private TagDefinition Tag(ColumnProfile column)
    {
        var (type, separator, why) = FindType(column);
        var format = type == TagType.Date
            && TimeFormatGuesser.Find([.. column.Values.Keys]) is { Format: not TimeParser.Auto } dates
            ? dates.Format
            : null;
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
            TimeFormat = format,
        };
    }

    private (TagType Type, string? Separator, string Why) FindType(ColumnProfile column)
    {
        var decimalComma = _decimalComma && column.IsText;
        if (column.Share(decimalComma ? NumberText.IsCommaNumber : NumberText.IsNumber) >= Mostly)
        {
            return Words.HasPart(column.Name, Words.Codes)
                ? (TagType.Text, null, "numbers, but its name says codes")
                : (
                    TagType.Number,
                    null,
                    column.Values.Keys.FirstOrDefault(value => value.Contains(decimalComma ? '.' : ',')) is { } grouped
                        ? $"numbers with thousands separators. CHECK THIS: {grouped}" : "numbers");
        }

        var dates = TimeFormatGuesser.Find([.. column.Values.Keys]);
        if (dates.IsTime)
        {
            return dates.Format is { } format
                ? (TagType.Date, null, format == TimeParser.Auto ? "dates" : $"dates, {format}")
                : (TagType.Text, null, $"CHECK THIS: dates that {string.Join(" and ", dates.Also)} both read, "
                    + "differently; give it the type date and a time_format");
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

    private void Add(string role, string value, string why) => _points.Add(role, value, why);
}

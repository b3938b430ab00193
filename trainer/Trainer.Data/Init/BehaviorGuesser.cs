using Engine;
using Trainer.Data.Mapping;

namespace Trainer.Data.Init;

/// <summary>Guesses the mapping of a behavior table from its headers and values.</summary>
internal sealed class BehaviorGuesser(TableProfile table)
{
    private const int MaxTypes = 30;

    private static readonly BehaviorKind[] Numbered =
        [BehaviorKind.View, BehaviorKind.Favorite, BehaviorKind.Cart, BehaviorKind.Purchase];

    private readonly HashSet<ColumnProfile> _taken = [];

    /// <summary>What was guessed and why.</summary>
    public List<Guess> Guesses { get; } = [];

    /// <summary>The column that was taken for the product id.</summary>
    public ColumnProfile? Products { get; private set; }

    /// <summary>
    /// The mapping, its path relative to <paramref name="folder"/>. Errors: <see cref="InputException"/> when a required
    /// column cannot be found.
    /// </summary>
    public BehaviorTable Find(string folder)
    {
        var user = Required("user_id", table.Named(Words.User, _taken), "its name");
        Products = Required("product_id", table.Named(Words.Product, _taken), "its name");
        var (type, typeWhy) = FindType();
        type = Required("type", type, typeWhy);
        var types = MapTypes(type);
        var (time, format) = FindTime();
        time = Required("time", time, $"its values are times, format {format}");
        return new BehaviorTable
        {
            Files = [Path.GetRelativePath(folder, table.Path)],
            UserId = user.Name,
            ProductId = Products.Name,
            Type = type.Name,
            Time = time.Name,
            TimeFormat = format!,
            Count = Optional("count", Words.Count, IsNumber)?.Name,
            OrderId = Optional("order_id", Words.Order, _ => true)?.Name,
            Amount = Optional("amount", Words.Amount, IsNumber)?.Name,
            Channel = Optional("channel", Words.Channel, _ => true)?.Name,
            Types = types,
        };
    }

    private static bool IsNumber(string value) => NumberText.IsNumber(value);

    private (ColumnProfile? Column, string Why) FindType()
    {
        var byValues = table.Columns
            .Where(c => !_taken.Contains(c) && c.Values.Count is > 0 and <= MaxTypes)
            .Where(c => c.Values.Keys.Any(value => Words.Kind(value) == BehaviorKind.Purchase))
            .MaxBy(c => c.Share(value => Words.Kind(value) is not null));
        return byValues is not null
            ? (byValues, "its values are behaviour types")
            : (table.Named(Words.Type, _taken), "its name");
    }

    private Dictionary<string, BehaviorKind> MapTypes(ColumnProfile column)
    {
        var values = column.Values.Keys.Take(MaxTypes).Order(StringComparer.Ordinal).ToArray();
        var numbered = values.All(value => value is "1" or "2" or "3" or "4");
        var types = new Dictionary<string, BehaviorKind>();
        foreach (var value in values)
        {
            var kind = numbered ? Numbered[value[0] - '1'] : Words.Kind(value);
            types[value] = kind ?? BehaviorKind.Ignored;
            var why = numbered ? "Tianchi's numbering: 1 view, 2 favorite, 3 cart, 4 purchase"
                : kind is null ? "not a word that is known: CHECK THIS" : "a known word";
            Add($"types.{value}", types[value].ToString().ToLowerInvariant(), $"{why}; {column.Values[value]} rows");
        }

        return types.ContainsValue(BehaviorKind.Purchase) ? types : throw new InputException(
            $"{table.Path}: no value of '{column.Name}' means a purchase; its values are: {column.Examples()}. " +
            "Write dataset.json by hand and map them in behavior.types.");
    }

    private (ColumnProfile? Column, string? Format) FindTime()
    {
        var named = Words.Time.Select(word => table.Named([word], _taken));
        return named.Concat(table.Columns.Where(c => !_taken.Contains(c)))
            .Where(column => column is not null)
            .Select(column => (column, TimeFormatGuesser.Find(column!)))
            .FirstOrDefault(candidate => candidate.Item2 is not null);
    }

    private ColumnProfile Required(string role, ColumnProfile? column, string why)
    {
        if (column is null)
        {
            throw new InputException(
                $"{table.Path}: no column looks like {role}; the columns are: " +
                $"{string.Join(", ", table.Columns.Select(c => c.Name))}. Rename one, or write dataset.json by hand.");
        }

        return Take(role, column, why);
    }

    private ColumnProfile? Optional(string role, string[] words, Func<string, bool> fits)
    {
        var column = table.Named(words, _taken);
        if (column is not null && (column.Filled == 0 || column.Share(fits) >= 0.9))
        {
            return Take(role, column, "its name");
        }

        Add(role, "-", "no column of such a name (optional)");
        return null;
    }

    private ColumnProfile Take(string role, ColumnProfile column, string why)
    {
        _taken.Add(column);
        Add(role, column.Name, $"{why}; for instance {column.Examples()}");
        return column;
    }

    private void Add(string role, string value, string why) => Guesses.Add(new Guess($"behavior.{role}", value, why));
}

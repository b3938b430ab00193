using Engine.Datasets.Behaviors;
using Engine.Datasets.Mapping;
using Trainer.Data.Reading;

namespace Trainer.Data.Init;

/// <summary>
/// Guesses the mapping of a behavior table from its headers and values, and from the ids of the product table.
/// </summary>
internal sealed class BehaviorGuesser(TableProfile table, TableProfile products)
{
    private const double Half = 0.5;
    private const int MostIds = 2000;

    private readonly HashSet<ColumnProfile> _taken = [];
    private readonly OpenPoints _points = new("behavior");
    private string? _openProduct;

    /// <summary>What was guessed and what is open.</summary>
    public OpenPoints Points => _points;

    /// <summary>The column that was taken for the product id; null when that is open.</summary>
    public ColumnProfile? Products { get; private set; }

    /// <summary>The mapping, without its place.</summary>
    public BehaviorTable Find()
    {
        FormatGuesser.Say(table, _points);
        // What is named goes first: a time column may look like an id, never the other way around.
        var namedUser = FindNamedUser();
        Products = FindProduct();
        var time = FindTime(out var format);
        var types = new TypeGuesser(table, _taken, _points).Find();
        var count = FindCount(types.TypeColumns is not null, out var negative);
        var order = Optional("order_id", Words.Order, _ => true);
        var amount =
            Optional("amount", Words.Amount, value => NumberText.IsNumber(value) || NumberText.IsCommaNumber(value));
        var channel = Optional("channel", Words.Channel, _ => true);
        return new BehaviorTable
        {
            UserId = namedUser?.Name ?? FindUnnamedUser(),
            ProductId = Products?.Name ?? _openProduct
                ?? Ask("product_id", "no column is named like a product id, or holds the ids of the product table"),
            Type = types.Column,
            Types = types.Types,
            ConstantType = types.Constant,
            TypeColumns = types.TypeColumns,
            Time = time ?? Ask("time", "no column holds times that can be read"),
            TimeFormat = format ?? TimeParser.Auto,
            Count = count?.Name,
            OrderId = order?.Name,
            Amount = amount?.Name,
            Channel = channel?.Name,
            NegativeCount = negative,
            DecimalComma = count is not null && FormatGuesser.HasCommas(count) ? true : null,
            Encoding = table.Csv.Encoding,
            Separator = table.Csv.Separator?.ToString(),
            Header = table.Csv.Header ? null : false,
        };
    }

    private ColumnProfile? FindNamedUser()
    {
        var named = table.AllNamed(Words.User, _taken).Distinct().ToList();
        if (named.Count == 0)
        {
            return null;
        }

        var others = named.Skip(1).Where(other => other.Filled > 0).ToList();
        if (others.Find(other => other.Filled > 1.05 * named[0].Filled) is { } fuller)
        {
            // Visitors who are not logged in have no user id: which people to count is not for a program to say.
            _points.Open.Add(
                $"behavior.user_id: '{named[0].Name}' is empty in {named[0].Empty} of {table.Rows} rows, "
                + $"'{fuller.Name}' in {fuller.Empty}; rows without a user are rejected. Choose one.");
        }

        return Take(
            "user_id",
            named[0],
            others.Count == 0 ? "its name" : $"its name; CHECK THIS: {List(others)} could be it too");
    }

    private string FindUnnamedUser()
    {
        var left = table.Columns
            .Where(
                c => !_taken.Contains(c) && c.Values.Count > 1
                    && c.Share(value => value.Contains('.') && NumberText.IsNumber(value)) < Half)
            .ToList();
        return left.Count == 1 ? Take("user_id", left[0], "the only column that is left; CHECK THIS").Name
            : Ask("user_id", left.Count == 0
                ? "no column is left for it"
                : $"no column is named like a user id; {List(left)} could be it");
    }

    private ColumnProfile? FindProduct()
    {
        var overlaps = table.Columns.Where(c => !_taken.Contains(c)).ToDictionary(c => c, Overlap);
        var named = table.AllNamed(Words.Product, _taken).Distinct().OrderByDescending(c => overlaps[c] > 0).ToList();
        var held = overlaps.Where(pair => pair.Value > Half).OrderByDescending(pair => pair.Value)
            .Select(pair => pair.Key).ToList();
        if (named.Count > 0 && (overlaps[named[0]] > 0 || held.Count == 0))
        {
            var others = named.Skip(1).Where(other => overlaps[other] > 0).ToList();
            return Take(
                "product_id",
                named[0],
                others.Count == 0 ? "its name" : $"its name; CHECK THIS: {List(others)} could be it too");
        }

        if (held.Count == 1)
        {
            return Take(
                "product_id",
                held[0],
                "its values are ids of the product "
                + $"table{(named.Count > 0 ? $"; CHECK THIS: those of '{named[0].Name}' are not" : "")}");
        }

        if (held.Count > 1)
        {
            _openProduct = Ask("product_id", $"{List(held)} all hold ids of the product table");
            held.ForEach(column => _taken.Add(column));
        }

        return null;
    }

    /// <summary>The largest share of a column's first values that one column of the product table holds.</summary>
    private double Overlap(ColumnProfile column)
    {
        var values = column.Values.Keys.Take(MostIds).ToArray();
        return values.Length == 0
            ? 0
            : products.Columns.Where(c => c.Values.Count * 10 > c.Filled * 9 || c.IsUnique).Append(products.Columns[0])
                .Max(c => (double)values.Count(c.Values.ContainsKey) / values.Length);
    }

    private string? FindTime(out string? format)
    {
        format = null;
        var named = table.AllNamed(Words.Time, _taken).Distinct().ToList();
        var times = named.Concat(table.Columns.Where(c => !_taken.Contains(c) && !named.Contains(c)))
            .Select(column => (Column: column, Guess: TimeFormatGuesser.Find([.. column.Values.Keys])))
            .Where(
                pair => pair.Guess.IsTime
                    && (named.Contains(pair.Column) || pair.Guess.Format != TimeParser.ExcelSerial))
            .ToList();
        if (times.Count == 0)
        {
            return null;
        }

        var (column, guess) = times[0];
        var others = times.Skip(1).Where(pair => named.Contains(pair.Column) || named.Count == 0)
            .Select(pair => pair.Column).ToList();
        var also = others.Count == 0 ? "" : $"; CHECK THIS: {List(others)} could be it too";
        Take("time", column, $"its values are times{also}");
        if (guess.Format is null)
        {
            format = _points.Ask(
                "time_format",
                $"{column.Name} holds dates such as {column.Examples()}, which {string.Join(" and ", guess.Also)} both "
                + "read, differently: say which is right",
                $"{string.Join(" or ", guess.Also)}");
            return column.Name;
        }

        format = guess.Format;
        var unread = guess.Unread is null
            ? "it reads all values"
            : $"CHECK THIS: it does not read all values, for example '{guess.Unread}'";
        _points.Add("time_format", format, unread + Zones(column, format));
        return column.Name;
    }

    private static string Zones(ColumnProfile column, string format)
    {
        var parser = TimeParser.For(format);
        var read = column.Values.Keys.Count(value => parser.TryParse(value, out _));
        return parser.Offsets switch
        {
            [] or [("none", _)] => "",
            [_] when read > 0 => "; the wall clock is kept, no zone is converted",
            { Count: var count } => $"; CHECK THIS: {count} different offsets, the wall clock of each is kept",
        };
    }

    private ColumnProfile? FindCount(bool inTypeColumns, out NegativeCount? negative)
    {
        negative = null;
        if (inTypeColumns)
        {
            return null;
        }

        var count =
            Optional("count", Words.Count, value => NumberText.IsNumber(value) || NumberText.IsCommaNumber(value));
        var below = count?.Values.Where(pair => pair.Key.StartsWith('-')).ToList();
        if (below is { Count: > 0 })
        {
            negative = NegativeCount.Refund;
            _points.Add(
                "negative_count",
                "refund",
                $"{below.Sum(pair => pair.Value)} rows have a count below 0, such as {below[0].Key}: "
                + "they are read as refunds. CHECK THIS; remove the key to reject them");
        }

        return count;
    }

    private ColumnProfile? Optional(string role, string[] words, Func<string, bool> fits)
    {
        var column = table.Named(words, _taken);
        if (column is not null && (column.Filled == 0 || column.Share(fits) >= 0.9))
        {
            return Take(role, column, "its name");
        }

        _points.Add(role, "-", column is null
            ? "no column of such a name (optional)"
            : $"column '{column.Name}' is ignored: '{column.Values.Keys.FirstOrDefault(value => !fits(value))}' is not "
                + "a plain number");
        return null;
    }

    private string Ask(string role, string question) =>
        _points.Ask(role, question, $"one of {string.Join(", ", table.Columns.Select(c => c.Name))}");

    private ColumnProfile Take(string role, ColumnProfile column, string why)
    {
        _taken.Add(column);
        _points.Add(role, column.Name, $"{why}; for instance {column.Examples()}");
        return column;
    }

    private static string List(IEnumerable<ColumnProfile> columns) =>
        string.Join(", ", columns.Select(c => $"'{c.Name}' ({c.Examples()})"));
}

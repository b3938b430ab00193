using Engine.Datasets.Behaviors;
using Engine.Datasets.Mapping;

namespace Trainer.Data.Init;

/// <summary>
/// How a behavior table says what its rows are: by a type column, by a column per type, or not at all.
/// </summary>
internal sealed record TypeMapping(
    string? Column,
    IReadOnlyDictionary<string, BehaviorKind> Types,
    BehaviorKind? Constant,
    IReadOnlyDictionary<string, BehaviorKind>? TypeColumns);

/// <summary>Guesses it.</summary>
internal sealed class TypeGuesser(TableProfile table, HashSet<ColumnProfile> taken, OpenPoints points)
{
    private const int MaxTypes = 30;
    private const int FewTypes = 12;
    private const double MaxUnknown = 0.05;

    private static readonly BehaviorKind[] Numbered =
        [BehaviorKind.View, BehaviorKind.Favorite, BehaviorKind.Cart, BehaviorKind.Purchase];

    private static readonly Dictionary<string, BehaviorKind> None = [];

    /// <summary>Finds it; what it takes is added to the taken columns.</summary>
    public TypeMapping Find()
    {
        var byValues = table.Columns
            .Where(c => !taken.Contains(c) && c.Values.Count is > 0 and <= MaxTypes)
            .Where(c => c.Values.Keys.Any(value => Words.Kind(value) == BehaviorKind.Purchase))
            .MaxBy(c => c.Share(value => Words.Kind(value) is not null));
        if (byValues is not null)
        {
            return Column(byValues, "its values are behavior types");
        }

        if (FindColumns() is { Count: > 0 } columns)
        {
            return new TypeMapping(null, None, null, columns);
        }

        if (table.AllNamed(Words.Type, taken).FirstOrDefault(c => c.Values.Count is > 0 and <= MaxTypes) is { } named)
        {
            return Column(named, "its name");
        }

        var wordy = table.Columns.Where(c => !taken.Contains(c) && IsOfFewWords(c)).ToList();
        if (wordy.Find(c => Words.HasPart(c.Name, Words.TypeParts)) is { } likely)
        {
            return Column(likely, "its name, and its few values are words");
        }

        var others = string.Join(", ", wordy.Select(c => $"'{c.Name}' ({c.Examples()})"));
        points.Add(
            "constant_type",
            "purchase",
            "no column holds behavior types, so every row is read as a purchase. CHECK THIS"
            + (others.Length == 0 ? "" : $": {others} could say what the rows are"));
        return new TypeMapping(null, None, BehaviorKind.Purchase, null);
    }

    private static bool IsOfFewWords(ColumnProfile column) =>
        !Words.IsRole(column.Name) && column.Values.Count is > 1 and <= FewTypes
        && column.Share(value => value.Any(char.IsLetter)) >= 1;

    private TypeMapping Column(ColumnProfile column, string why)
    {
        taken.Add(column);
        points.Add("type", column.Name, $"{why}; for instance {column.Examples()}");
        return new TypeMapping(column.Name, Map(column), null, null);
    }

    private Dictionary<string, BehaviorKind> Map(ColumnProfile column)
    {
        var values = column.Values.Keys.Take(MaxTypes).Order(StringComparer.Ordinal).ToArray();
        var numbered = values.Length > 1 && values.Contains("4")
            && values.All(value => value is "1" or "2" or "3" or "4");
        var types = new Dictionary<string, BehaviorKind>();
        foreach (var value in values)
        {
            var kind = numbered ? Numbered[value[0] - '1'] : Words.Kind(value);
            types[value] = kind ?? BehaviorKind.Ignored;
            var why = numbered ? "Tianchi's numbering: 1 view, 2 favorite, 3 cart, 4 purchase. CHECK THIS"
                : kind is null ? "not a word that is known: CHECK THIS" : "a known word";
            points.Add(
                $"types.{value}", types[value].ToString().ToLowerInvariant(), $"{why}; {column.Values[value]} rows");
        }

        var purchases = types.Where(pair => pair.Value == BehaviorKind.Purchase).Select(pair => pair.Key).ToList();
        if (purchases.Count == 0)
        {
            points.Open.Add(
                $"behavior.types: its {values.Length} values are {string.Join(", ", values)}; "
                + "none is recognized as a purchase. Map them in behavior.types, or, if every row is a purchase, write "
                + "\"constant_type\": \"purchase\" in place of type and types.");
            var ask = values.ToDictionary(value => value, _ => BehaviorKind.Ignored);
            ask[$"{DatasetFile.Open}: the value that means a purchase"] = BehaviorKind.Purchase;
            return ask;
        }

        AskForOne(types, purchases);
        AskForUnknown(types, column, [.. values.Where(value => !numbered && Words.Kind(value) is null)]);
        return types;
    }

    /// <summary>
    /// Behavior of an unknown name is left out only when it is little: the same share as of bad rows.
    /// </summary>
    private void AskForUnknown(Dictionary<string, BehaviorKind> types, ColumnProfile column, string[] unknown)
    {
        if (unknown.Sum(value => column.Values[value]) > MaxUnknown * column.Values.Values.Sum())
        {
            var question = $"what {string.Join(" and ", unknown.Select(value => $"'{value}'"))} is: "
                + "view, favorite, cart, purchase, refund, or ignored";
            types[$"{DatasetFile.Open}: {question}; then remove this line"] = BehaviorKind.Ignored;
            points.Open.Add($"behavior.types: {question}.");
        }
    }

    /// <summary>
    /// Orders and payments of the same sale would count twice: which of them is the purchase is for a person to say.
    /// </summary>
    private void AskForOne(Dictionary<string, BehaviorKind> types, List<string> purchases)
    {
        var ordered = purchases.Where(value => Words.Ordered.Contains(Words.Plain(value))).ToList();
        if (ordered.Count > 0 && ordered.Count < purchases.Count)
        {
            var question = $"'{ordered[0]}' and '{purchases.Except(ordered).First()}' may be two steps of the same "
                + "purchase, which would count twice: set one of them to ignored, or keep both if they are not";
            types[$"{DatasetFile.Open}: {question}; then remove this line"] = BehaviorKind.Ignored;
            points.Open.Add($"behavior.types: {question}.");
        }
    }

    private Dictionary<string, BehaviorKind> FindColumns()
    {
        var found = table.Columns
            .Where(
                c => !taken.Contains(c) && c.Filled > 0 && Words.KindOfColumn(c.Name) is not null
                    && c.Share(IsFlagOrCount) >= 0.95)
            .ToDictionary(c => c, c => Words.KindOfColumn(c.Name)!.Value);
        if (found.Count < 2 || !found.ContainsValue(BehaviorKind.Purchase))
        {
            return [];
        }

        foreach (var (column, kind) in found)
        {
            taken.Add(column);
            points.Add(
                $"type_columns.{column.Name}",
                kind.ToString().ToLowerInvariant(),
                $"its name, and its values are flags or counts; for instance {column.Examples()}");
        }

        return found.ToDictionary(pair => pair.Key.Name, pair => pair.Value);
    }

    private static bool IsFlagOrCount(string value) =>
        TypeColumnsReader.IsUnset(value) || TypeColumnsReader.IsSet(value)
        || (NumberText.TryParse(value, decimalComma: false, out decimal number) && number == decimal.Truncate(number));
}

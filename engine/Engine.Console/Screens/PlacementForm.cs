using System.Globalization;
using Engine.Protos.V1;

namespace Engine.WebConsole.Screens;

/// <summary>One rule of a placement, as entered.</summary>
/// <param name="Kind">One of <see cref="Kinds"/>; empty for none.</param>
/// <param name="Subject">Product id, rule or tag; the addend of an explore rule.</param>
/// <param name="Number">Place, addend, most, least or weight.</param>
/// <param name="From">Active from then on.</param>
/// <param name="To">Active before then.</param>
public sealed record PlacementRow(string Kind, string Subject, string Number, string From, string To)
{
    /// <summary>A row to fill in.</summary>
    public static readonly PlacementRow Blank = new("", "", "", "", "");

    /// <summary>The kinds of rules.</summary>
    public static readonly IReadOnlyList<string> Kinds = ["pin", "boost", "cap", "minimum", "diversity", "explore"];

    /// <summary>The row of a rule.</summary>
    public static PlacementRow Of(PlacementRule rule)
    {
        var (kind, subject, number) = rule.RuleCase switch
        {
            PlacementRule.RuleOneofCase.Pin => ("pin", rule.Pin.ProductId, (double)rule.Pin.Place),
            PlacementRule.RuleOneofCase.Boost => ("boost", rule.Boost.Rule, rule.Boost.Addend),
            PlacementRule.RuleOneofCase.Cap => ("cap", rule.Cap.Tag, rule.Cap.Most),
            PlacementRule.RuleOneofCase.Minimum => ("minimum", rule.Minimum.Rule, rule.Minimum.Least),
            PlacementRule.RuleOneofCase.Explore => ("explore", Text(rule.Explore.Addend), rule.Explore.Most),
            _ => ("diversity", "", rule.Diversity?.Weight ?? 0),
        };
        return new PlacementRow(kind, subject, Text((float)number), rule.From, rule.To);
    }

    private static string Text(float number) => number.ToString("R", CultureInfo.InvariantCulture);

    /// <summary>The rule of the row.</summary>
    /// <exception cref="Grpc.Core.RpcException">INVALID_ARGUMENT: a number is none.</exception>
    internal PlacementRule Rule(int index)
    {
        var rule = new PlacementRule { From = From, To = To };
        var field = $"rules[{index}]";
        switch (Kind)
        {
            case "pin":
                rule.Pin = new PlacementPin { ProductId = Subject, Place = FormValue.Whole($"{field}.place", Number) };
                break;
            case "boost":
                rule.Boost = new PlacementBoost
                {
                    Rule = Subject,
                    Addend = (float)FormValue.Decimal($"{field}.addend", Number),
                };
                break;
            case "cap":
                rule.Cap = new PlacementCap { Tag = Subject, Most = FormValue.Whole($"{field}.most", Number) };
                break;
            case "minimum":
                rule.Minimum = new PlacementMinimum
                {
                    Rule = Subject,
                    Least = FormValue.Whole($"{field}.least", Number),
                };
                break;
            case "explore":
                rule.Explore = new PlacementExplore
                {
                    Most = FormValue.Whole($"{field}.most", Number),
                    Addend = Subject.Length == 0 ? 0 : (float)FormValue.Decimal($"{field}.addend", Subject),
                };
                break;
            default:
                rule.Diversity = new PlacementDiversity
                {
                    Weight = (float)FormValue.Decimal($"{field}.weight", Number),
                };
                break;
        }

        return rule;
    }
}

/// <summary>What a person entered to make or try a placement.</summary>
public sealed record PlacementForm
{
    /// <summary>The button that adds a row.</summary>
    public const string More = "more";

    /// <summary>The button that shows what it would show.</summary>
    public const string Try = "try";

    /// <summary>The button that saves.</summary>
    public const string Save = "save";

    private static readonly string[] Columns = ["kind", "subject", "number", "from", "to"];

    /// <summary>Where products may come from.</summary>
    public static readonly IReadOnlyList<PlacementSource> AllSources =
        [PlacementSource.User, PlacementSource.Basket, PlacementSource.Related, PlacementSource.Popular];

    /// <summary>Its name.</summary>
    public string Name { get; init; } = "";

    /// <summary>The version that was opened: only that one is replaced. 0 for a new one.</summary>
    public long Version { get; init; }

    /// <summary>A saved pool; empty for all products.</summary>
    public string Pool { get; init; } = "";

    /// <summary>A rule; empty for all products.</summary>
    public string Rule { get; init; } = "";

    /// <summary>What about products that the customer bought.</summary>
    public PurchasedPolicy Purchased { get; init; } = PurchasedPolicy.Include;

    /// <summary>The chain of sources, in its order; Unspecified for none.</summary>
    public IReadOnlyList<PlacementSource> Sources { get; init; } =
        [PlacementSource.User, PlacementSource.Basket, PlacementSource.Popular];

    /// <summary>Never in it, as entered.</summary>
    public string Excluded { get; init; } = "";

    /// <summary>Places, as entered.</summary>
    public string TopK { get; init; } = "10";

    /// <summary>Fewer products are answered by none, as entered.</summary>
    public string Minimum { get; init; } = "";

    /// <summary>Its rules; the last ones are blank.</summary>
    public IReadOnlyList<PlacementRow> Rows { get; init; } = [PlacementRow.Blank, PlacementRow.Blank];

    /// <summary>The customer of the try.</summary>
    public string User { get; init; } = "";

    /// <summary>The basket of the try, as entered.</summary>
    public string Basket { get; init; } = "";

    /// <summary>The products on the page of the try, as entered.</summary>
    public string OnPage { get; init; } = "";

    /// <summary>The pressed button.</summary>
    public string Step { get; init; } = "";

    /// <summary>Reads the form.</summary>
    public static PlacementForm Of(IFormCollection form)
    {
        var columns = Columns.Select(name => form[name]).ToArray();
        var rows = Enumerable.Range(0, columns.Min(column => column.Count))
            .Select(i => columns.Select(column => column[i]!.Trim()).ToArray())
            .Where(cells => cells[0].Length > 0)
            .Select(cells => new PlacementRow(cells[0], cells[1], cells[2], cells[3], cells[4]));
        var step = form["step"].ToString();
        return new PlacementForm
        {
            Name = form["name"].ToString().Trim(),
            Version = long.TryParse(form["version"], CultureInfo.InvariantCulture, out var version) ? version : 0,
            Pool = form["pool"].ToString(),
            Rule = form["rule"].ToString().Trim(),
            Purchased = FormValue.Choice("purchased", form["purchased"], PurchasedSelect.Policies),
            Sources = [.. form["source"]
                .Select(name => Enum.TryParse<PlacementSource>(name, out var source) ? source : default)],
            Excluded = form["excluded"].ToString(),
            TopK = form["top"].ToString(),
            Minimum = form["minimum"].ToString(),
            Rows = [.. rows, .. Enumerable.Repeat(PlacementRow.Blank, step == More ? 4 : 2)],
            User = form["user"].ToString().Trim(),
            Basket = form["basket"].ToString(),
            OnPage = form["page"].ToString(),
            Step = step,
        };
    }

    /// <summary>The form of a saved placement.</summary>
    public static PlacementForm Of(Placement placement) => new()
    {
        Name = placement.Name,
        Version = placement.Version,
        Pool = placement.Pool,
        Rule = placement.Rule,
        Purchased = placement.Purchased,
        Sources = [.. placement.Sources],
        Excluded = string.Join(", ", placement.ExcludeProductIds),
        TopK = placement.TopK.ToString(CultureInfo.InvariantCulture),
        Minimum = placement.MinimumCount == 0 ? "" : placement.MinimumCount.ToString(CultureInfo.InvariantCulture),
        Rows = [.. placement.Rules.Select(PlacementRow.Of), PlacementRow.Blank, PlacementRow.Blank],
    };

    /// <summary>The placement as the engine takes it.</summary>
    /// <exception cref="Grpc.Core.RpcException">INVALID_ARGUMENT: a number is none.</exception>
    internal Placement Request()
    {
        var placement = new Placement
        {
            Name = Name,
            Pool = Pool,
            Rule = Rule,
            Purchased = Purchased,
            TopK = FormValue.Whole("top_k", TopK),
            MinimumCount = FormValue.Whole("minimum_count", Minimum),
        };
        placement.Sources.AddRange(Sources.Where(source => source != PlacementSource.Unspecified));
        placement.ExcludeProductIds.AddRange(FormIds.Of(Excluded));
        placement.Rules.AddRange(
            Rows.Where(row => row.Kind.Length > 0).Select((row, index) => row.Rule(index)));
        return placement;
    }
}

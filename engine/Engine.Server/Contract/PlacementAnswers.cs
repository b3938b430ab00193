using System.Globalization;
using Engine.Scoring.Models;
using Engine.Scoring.Placements;
using Engine.Scoring.Pools;
using Engine.Server.Catalog;
using Engine.Server.Errors;
using Proto = Engine.Protos.V1;

namespace Engine.Server.Contract;

/// <summary>Placements in the terms of the contract: the same code in the server and on the command line.</summary>
internal static class PlacementAnswers
{
    // Of RFC 3339: nobody has to guess which number is the month, or the zone.
    private static readonly string[] Times =
        ["yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFzzz"];

    /// <summary>Checks a placement against the model and saves it, unless the request only checks.</summary>
    /// <exception cref="InputException">It is malformed, or does not fit the model.</exception>
    public static Proto.Placement Save(
        ScoringModel model,
        WorkspaceCatalog catalog,
        Proto.SavePlacementRequest request,
        CancellationToken cancellation = default)
    {
        var placement = request.Placement ?? throw new FieldException("placement", "placement is missing");
        NamedFiles.Check("placement", placement.Name);
        var definition = ToDefinition(placement);
        PlacementRecommender.Validate(
            model, definition, PoolOf(model, catalog, definition, cancellation), cancellation);
        long? expected = request.HasExpectedVersion ? request.ExpectedVersion : null;
        return Describe(
            model,
            catalog,
            request.ValidateOnly
                ? catalog.Placements.Check(definition, expected)
                : catalog.Placements.Save(definition, expected),
            cancellation);
    }

    /// <summary>From the contract.</summary>
    /// <exception cref="InputException">A field is out of its range.</exception>
    public static PlacementDefinition ToDefinition(Proto.Placement placement)
    {
        var definition = new PlacementDefinition(placement.Name)
        {
            Pool = placement.Pool,
            Rule = placement.Rule,
            Purchased = RequestFields.Purchased(placement.Purchased),
            ExcludedProductIds = [.. placement.ExcludeProductIds],
            TopK = RequestFields.OrDefault(placement.TopK, RequestFields.DefaultTopK),
            MinimumCount = placement.MinimumCount,
            Rules = [.. placement.Rules.Select(RuleOf)],
        };
        definition = placement.Sources.Count == 0
            ? definition
            : definition with { Sources = [.. placement.Sources.Select(source => (PlacementSource)source)] };
        definition.Check();
        return definition;
    }

    /// <summary>A placement with what it holds in the model.</summary>
    public static Proto.Placement Describe(
        ScoringModel model,
        WorkspaceCatalog catalog,
        PlacementDefinition definition,
        CancellationToken cancellation = default)
    {
        var placement = new Proto.Placement
        {
            Name = definition.Name,
            Version = definition.Version,
            Pool = definition.Pool,
            Rule = definition.Rule,
            Purchased = (Proto.PurchasedPolicy)(definition.Purchased + 1),
            Sources = { definition.Sources.Select(source => (Proto.PlacementSource)source) },
            ExcludeProductIds = { definition.ExcludedProductIds },
            TopK = definition.TopK,
            MinimumCount = definition.MinimumCount,
            Rules = { definition.Rules.Select(ToProto) },
        };
        try
        {
            var pool = PoolOf(model, catalog, definition, cancellation);
            placement.ProductCount = PlacementRecommender.Validate(model, definition, pool, cancellation);
            placement.Problem = pool is { Count: 0 } ? pool.Problem
                : RuleOf(model, definition, cancellation) is { Count: 0 } rule ? rule.Problem
                : "";
        }
        catch (InputException e)
        {
            placement.Problem = e.Message;
        }

        return placement;
    }

    /// <summary>The saved pool that a placement names, or null.</summary>
    /// <exception cref="NotFoundException">There is none of that name.</exception>
    public static ResolvedPool? PoolOf(
        ScoringModel model,
        WorkspaceCatalog catalog,
        PlacementDefinition definition,
        CancellationToken cancellation) =>
        definition.Pool.Length > 0 ? model.Resolve(catalog.Pools.Get(definition.Pool), cancellation) : null;

    /// <summary>The rule of a placement, or null.</summary>
    public static ResolvedPool? RuleOf(
        ScoringModel model, PlacementDefinition definition, CancellationToken cancellation) =>
        definition.Rule.Length > 0 ? model.Resolve(PoolDefinition.OfRule(definition.Rule), cancellation) : null;

    /// <summary>A time of a request; null when it is empty.</summary>
    /// <exception cref="FieldException">It is no time with its offset.</exception>
    public static DateTimeOffset? TimeOf(string field, string text) =>
        text.Length == 0 ? null
        : DateTimeOffset.TryParseExact(
            text, Times, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time
        : throw new FieldException(
            field, $"found {field} = '{text}', expected a time with its offset, for example 2026-05-01T00:00:00Z");

    private static PlacementRule RuleOf(Proto.PlacementRule rule, int index)
    {
        var (from, to) =
            (TimeOf($"rules[{index}].from", rule.From), TimeOf($"rules[{index}].to", rule.To));
        PlacementRule known = rule.RuleCase switch
        {
            Proto.PlacementRule.RuleOneofCase.Pin => new()
            {
                Kind = PlacementRuleKind.Pin,
                ProductId = rule.Pin.ProductId,
                Place = rule.Pin.Place,
            },
            Proto.PlacementRule.RuleOneofCase.Boost => new()
            {
                Kind = PlacementRuleKind.Boost,
                Rule = rule.Boost.Rule,
                Amount = rule.Boost.Addend,
            },
            Proto.PlacementRule.RuleOneofCase.Cap => new()
            {
                Kind = PlacementRuleKind.Cap,
                Tag = rule.Cap.Tag,
                Count = rule.Cap.Most,
            },
            Proto.PlacementRule.RuleOneofCase.Minimum => new()
            {
                Kind = PlacementRuleKind.Minimum,
                Rule = rule.Minimum.Rule,
                Count = rule.Minimum.Least,
            },
            Proto.PlacementRule.RuleOneofCase.Diversity => new()
            {
                Kind = PlacementRuleKind.Diversity,
                Amount = rule.Diversity.Weight,
            },
            Proto.PlacementRule.RuleOneofCase.Explore => new()
            {
                Kind = PlacementRuleKind.Explore,
                Count = rule.Explore.Most,
                Amount = rule.Explore.Addend,
            },
            _ => throw new FieldException(
                $"rules[{index}]", $"rules[{index}] is empty. Give pin, boost, cap, minimum, diversity or explore"),
        };
        return known with { From = from, To = to };
    }

    private static Proto.PlacementRule ToProto(PlacementRule rule)
    {
        var proto = new Proto.PlacementRule { From = Text(rule.From), To = Text(rule.To) };
        switch (rule.Kind)
        {
            case PlacementRuleKind.Pin:
                proto.Pin = new() { ProductId = rule.ProductId, Place = rule.Place };
                break;
            case PlacementRuleKind.Boost:
                proto.Boost = new() { Rule = rule.Rule, Addend = rule.Amount };
                break;
            case PlacementRuleKind.Cap:
                proto.Cap = new() { Tag = rule.Tag, Most = rule.Count };
                break;
            case PlacementRuleKind.Minimum:
                proto.Minimum = new() { Rule = rule.Rule, Least = rule.Count };
                break;
            case PlacementRuleKind.Explore:
                proto.Explore = new() { Most = rule.Count, Addend = rule.Amount };
                break;
            default:
                proto.Diversity = new() { Weight = rule.Amount };
                break;
        }

        return proto;
    }

    private static string Text(DateTimeOffset? time) =>
        time?.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture) ?? "";
}

using System.Globalization;
using Engine.Snapshots;
using Engine.Snapshots.Ids;
using Engine.Snapshots.Manifest;
using Engine.Snapshots.Mapping;

namespace Engine.Scoring.Explaining;

/// <summary>Why a score is high, in one line: the largest term that comes from something that the user
/// did, and what it was; without one, the user's taste as a whole or what the rates of product and user come
/// from.</summary>
public static class Reason
{
    /// <summary>"because the user bought Tea 3 times, last on 2021-07-30".</summary>
    /// <param name="snapshot">The snapshot that answered.</param>
    /// <param name="history">What the user did; empty for a basket alone.</param>
    /// <param name="product">The product that is explained.</param>
    /// <param name="terms">The terms of its score.</param>
    public static string Of(
        Snapshot snapshot, HistoryRow history, ProductOrdinal product, ReadOnlySpan<ScoreTerm> terms)
    {
        ScoreTerm? best = null;
        foreach (var term in terms)
        {
            if (term is { Kind: TermKind.Similarity or TermKind.OwnHistory, Value: > 0 }
                && !(best?.Value >= term.Value))
            {
                best = term;
            }
        }

        if (best is not { } strongest)
        {
            return Taste(terms) ? "because it fits the user's taste as a whole" : Sales(snapshot, history, product);
        }

        var source = strongest.Product ?? product;
        var name = snapshot.ProductNames.Get(source.Value);
        return Did(snapshot, history, source.Value) is { } did
            ? $"because the user {did.Before}{name}{did.After}"
            : $"because of the recent behavior with {name}";
    }

    // Whether the factors say more than how well the product sells.
    private static bool Taste(ReadOnlySpan<ScoreTerm> terms)
    {
        var (taste, sales) = (0f, 0f);
        foreach (var term in terms)
        {
            taste += term.Kind == TermKind.Factors ? term.Value : 0;
            sales += term.Kind == TermKind.ProductRate ? term.Value : 0;
        }

        return taste > Math.Max(sales, 0);
    }

    // What the rates of product and user come from.
    private static string Sales(Snapshot snapshot, HistoryRow history, ProductOrdinal product)
    {
        var buyers = string.Create(
            CultureInfo.InvariantCulture,
            $"because {snapshot.ProductBuyers[product.Value]:N0} users bought it in the scope year");
        var (units, day) = (0L, 0);
        for (var i = 0; i < history.Count; i++)
        {
            if (history.Type(i) == (byte)BehaviorType.Purchase)
            {
                (units, day) = (units + history.Units(i), Math.Max(day, history.Day(i)));
            }
        }

        return units == 0
            ? buyers
            : string.Create(
                CultureInfo.InvariantCulture,
                $"{buyers}, and the user bought {units:N0} units in it, last on {Day(snapshot, day):yyyy-MM-dd}");
    }

    private static DateOnly Day(Snapshot snapshot, int day) =>
        DateOnly.ParseExact(
            snapshot.Manifest.Scope.ScopeStart.AsSpan(0, "yyyy-MM-dd".Length),
            "yyyy-MM-dd",
            CultureInfo.InvariantCulture)
            .AddDays(day);

    private static (string Before, string After)? Did(Snapshot snapshot, HistoryRow history, int product)
    {
        var (type, count, day) = (0, 0L, 0);
        for (var i = 0; i < history.Count; i++)
        {
            if (history.Product(i) != product || history.Type(i) < type)
            {
                continue;
            }

            // A purchase is the strongest behavior and has the largest number.
            (type, count, day) = history.Type(i) > type ? (history.Type(i), 0, 0) : (type, count, day);
            (count, day) = (count + history.Units(i), Math.Max(day, history.Day(i)));
        }

        var after = string.Create(
            CultureInfo.InvariantCulture,
            $"{(count == 1 ? " once" : $" {count} times")}, last on {Day(snapshot, day):yyyy-MM-dd}");
        return (BehaviorType)type switch
        {
            BehaviorType.Purchase => ("bought ", after),
            BehaviorType.Cart => ("put ", " into the cart" + after),
            BehaviorType.Favorite => ("favorited ", after),
            BehaviorType.View => ("viewed ", after),
            _ => null,
        };
    }
}

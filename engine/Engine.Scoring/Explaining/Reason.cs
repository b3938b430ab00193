using System.Globalization;
using Engine.Snapshots;
using Engine.Snapshots.Ids;
using Engine.Snapshots.Manifest;

namespace Engine.Scoring.Explaining;

/// <summary>Why a score is high, in one line: the largest term that comes from something that the user did, and what it was.</summary>
public static class Reason
{
    /// <summary>"because the user bought Tea 3 times, last on 2021-07-30".</summary>
    /// <param name="snapshot">The snapshot that answered.</param>
    /// <param name="user">The stored user; -1 for a basket alone.</param>
    /// <param name="product">The product that is explained.</param>
    /// <param name="terms">The terms of its score.</param>
    public static string Of(Snapshot snapshot, int user, ProductOrdinal product, ReadOnlySpan<ScoreTerm> terms)
    {
        ScoreTerm? best = null;
        foreach (var term in terms)
        {
            if (term is { Kind: TermKind.Similarity or TermKind.OwnHistory, Value: > 0 } && !(best?.Value >= term.Value))
            {
                best = term;
            }
        }

        if (best is not { } strongest)
        {
            return "because it fits the user's taste as a whole, and by how well it sells";
        }

        var source = strongest.Product ?? product;
        var name = snapshot.ProductNames.Get(source.Value);
        return user >= 0 && Did(snapshot, user, source.Value) is { } did
            ? $"because the user {did.Before}{name}{did.After}"
            : $"because of the recent behavior with {name}";
    }

    private static (string Before, string After)? Did(Snapshot snapshot, int user, int product)
    {
        var (type, count, day) = (0, 0L, 0);
        var history = snapshot.History.Row(user);
        for (var i = 0; i < history.Count; i++)
        {
            if (history.Products[i] != product || history.Types[i] < type)
            {
                continue;
            }

            // A purchase is the strongest behavior and has the largest number.
            (type, count, day) = history.Types[i] > type ? (history.Types[i], 0, 0) : (type, count, day);
            (count, day) = (count + history.Counts[i], Math.Max(day, history.Days[i]));
        }

        var start = DateOnly.ParseExact(snapshot.Manifest.Scope.ScopeStart.AsSpan(0, "yyyy-MM-dd".Length), "yyyy-MM-dd", CultureInfo.InvariantCulture);
        var after = string.Create(CultureInfo.InvariantCulture, $"{(count == 1 ? " once" : $" {count} times")}, last on {start.AddDays(day):yyyy-MM-dd}");
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

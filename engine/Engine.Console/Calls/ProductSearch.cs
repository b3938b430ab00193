using Engine.Protos.V1;

namespace Engine.WebConsole.Calls;

/// <summary>
/// Finds products by words of their names or the beginning of their ids, those with most buyers first.
/// </summary>
internal static class ProductSearch
{
    private const int Found = 20;

    // Nobody has it: the engine answers with the products of the pool by their number of buyers.
    private const string NoUser = "-";

    /// <summary>The products of a text; the most popular ones for an empty text.</summary>
    public static Task<IReadOnlyList<ScoredProduct>> Find(EngineCalls calls, string text) =>
        Popular(calls, new PoolFilter { Rule = RuleOf(text) }, Found);

    /// <summary>The products of a pool, those with most buyers first: the score is their number.</summary>
    public static async Task<IReadOnlyList<ScoredProduct>> Popular(EngineCalls calls, PoolFilter pool, int top)
    {
        var request = new RecommendRequest
        {
            Workspace = calls.Workspace,
            UserId = NoUser,
            OnUnknown = OnUnknownUser.PopularInPool,
            TopK = top,
            Pool = pool,
        };
        var reply = await calls.Recommender.RecommendAsync(request, cancellationToken: calls.Cancellation);
        return reply.Products;
    }

    // Rules compare letter by letter; people do not care for capitals.
    private static string RuleOf(string text)
    {
        var words = text.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return words.Length == 0
            ? ""
            : $"({string.Join(" and ", words.Select(word => $"product_name contains {Spellings(word)}"))}) "
                + $"or product_id starts with {Spellings(text.Trim())}";
    }

    private static string Spellings(string word)
    {
        var lower = word.ToLowerInvariant();
        string[] spellings = [word, lower, word.ToUpperInvariant(), char.ToUpperInvariant(lower[0]) + lower[1..]];
        return $"({string.Join(", ", spellings.Distinct(StringComparer.Ordinal).Select(Quoted))})";
    }

    private static string Quoted(string text) => $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";
}

using System.Globalization;
using Engine.Tables;
using Engine.Tables.Rows;

namespace Engine.Server.Commands;

/// <summary>The users of a batch result for one product: those of a range of ranks, or of a score and above.</summary>
/// <param name="Product">Product id.</param>
/// <param name="FirstRank">From this rank, 1 for the best.</param>
/// <param name="LastRank">To this rank, inclusive.</param>
/// <param name="LeastScore">From this score on; null for any.</param>
internal sealed record ResultUsers(string Product, int FirstRank, int LastRank, float? LeastScore)
{
    /// <summary>The user ids in the order of the result, in a stream.</summary>
    /// <exception cref="InputException">The file is no batch result; or ranks are asked of scores for a single product, which have none.</exception>
    public IEnumerable<string> Read(string path)
    {
        using var table = Open(path);
        var columns = table.Columns.ToList();
        var (user, rank, item, score) = (columns.IndexOf("user_id"), columns.IndexOf("item_rank"), columns.IndexOf("item_id"), columns.IndexOf("score"));
        if (user < 0 || item < 0 || score < 0)
        {
            throw new InputException($"{path} has the columns {string.Join(", ", columns)}, expected a batch result with user_id, item_id and score");
        }

        if (rank < 0 && (FirstRank > 1 || LastRank < int.MaxValue))
        {
            throw new InputException($"{path} holds scores for a single product, without ranks, expected --least-score instead of --ranks");
        }

        while (table.Read())
        {
            if (table.Text(item).SequenceEqual(Product) && IsScored(table.Text(score)) && (rank < 0 || IsRanked(table.Text(rank))))
            {
                yield return table.Text(user).ToString();
            }
        }
    }

    private static TableReader Open(string path)
    {
        try
        {
            return TableFile.Open(path);
        }
        catch (TableException e)
        {
            throw new InputException(e.Message, e);
        }
    }

    private bool IsScored(ReadOnlySpan<char> cell) =>
        LeastScore is null || (float.TryParse(cell, CultureInfo.InvariantCulture, out var score) && score >= LeastScore);

    private bool IsRanked(ReadOnlySpan<char> cell) =>
        int.TryParse(cell, NumberStyles.None, CultureInfo.InvariantCulture, out var rank) && rank >= FirstRank && rank <= LastRank;
}

using System.Globalization;
using System.Text;
using Engine.Tables;
using Engine.Tables.Csv;
using Engine.Tables.Rows;

namespace Engine.Server.Results;

/// <summary>
/// The users of a result for one product: those in a range of ranks, with a score or above, or the best of them.
/// </summary>
/// <param name="Product">Product id; empty takes every row, for results of a single product.</param>
/// <param name="FirstRank">From this rank, 1 for the best.</param>
/// <param name="LastRank">To this rank, inclusive.</param>
/// <param name="LeastScore">From this score on; null for any.</param>
/// <param name="Best">Only so many users with the highest scores, 1 or more; null for all.</param>
internal sealed record ResultUsers(string Product, int FirstRank, int LastRank, float? LeastScore, int? Best = null)
{
    private bool HasRanks => FirstRank > 1 || LastRank < int.MaxValue;

    /// <summary>
    /// The user ids of a stored result: the best first when only so many are wanted, else in the result's order, in a
    /// stream. Closes the result.
    /// </summary>
    /// <exception cref="InputException">No row holds the product.</exception>
    public IEnumerable<string> Read(ResultFile opened) => Select(Rows(opened));

    /// <summary>The same from a file, .csv or .parquet, of this version or an earlier one.</summary>
    /// <exception cref="InputException">
    /// The file is not a batch result, no row holds the product, or ranks are given for a result of a single product.
    /// </exception>
    public IEnumerable<string> Read(string path) => Select(Rows(path));

    /// <summary>Every user of a stored result once, in its order, in a stream; closes the result.</summary>
    public static IEnumerable<string> All(ResultFile opened)
    {
        using var file = opened;
        var part = new ResultPart();
        for (var number = 0; number < file.Parts; number++)
        {
            file.Read(number, part);
            for (var row = 0; row < part.Rows; row++)
            {
                // The rows of a user follow each other.
                if (row == 0 || part.Users.Codes[row] != part.Users.Codes[row - 1])
                {
                    yield return Encoding.UTF8.GetString(part.Users.Of(row));
                }
            }
        }
    }

    private IEnumerable<string> Select(IEnumerable<(float Score, Func<string> Id)> rows)
    {
        if (Best is not { } most)
        {
            return rows.Select(row => row.Id());
        }

        var best = new BestUsers(most);
        foreach (var (score, id) in rows)
        {
            best.Add(score, id);
        }

        return best.Users();
    }

    // The id is read at once or not at all: the row moves on.
    private IEnumerable<(float Score, Func<string> Id)> Rows(ResultFile opened)
    {
        using var file = opened;
        var part = new ResultPart();
        var product = Encoding.UTF8.GetBytes(Product);
        var isFound = product.Length == 0;
        for (var number = 0; number < file.Parts; number++)
        {
            file.Read(number, part);
            var code = product.Length == 0 ? 0 : CodeOf(part, product);
            isFound |= code >= 0;
            for (var row = 0; row < part.Rows && code >= 0; row++)
            {
                if (part.Items.Codes[row] == code && IsRanked(part.Rank(row)) && IsScored(part.Score(row)))
                {
                    var at = row;
                    yield return (part.Score(at), () => Encoding.UTF8.GetString(part.Users.Of(at)));
                }
            }
        }

        Check(isFound, "the task");
    }

    private IEnumerable<(float Score, Func<string> Id)> Rows(string path)
    {
        using var table = Open(path);
        var columns = table.Columns.ToList();
        var (user, rank, item, score) = (
            columns.IndexOf("user_id"),
            columns.IndexOf("item_rank"),
            columns.IndexOf("item_id"),
            columns.IndexOf("score"));
        if (user < 0 || item < 0 || score < 0)
        {
            throw new InputException(
                $"found the columns {string.Join(", ", columns)} in {path}; expected user_id, item_id and score: "
                + "give a file that `engine batch` wrote");
        }

        if (rank < 0 && HasRanks)
        {
            throw new InputException(
                $"{path} is a result of a single product and has no ranks. "
                + "Use --least-score or --best instead of --ranks");
        }

        var isFound = false;
        var marked = Encoding.UTF8.GetString(SpreadsheetText.Write(Encoding.UTF8.GetBytes(Product)));
        while (table.Read())
        {
            if (!table.Text(item).SequenceEqual(Product) && !table.Text(item).SequenceEqual(marked))
            {
                continue;
            }

            isFound = true;
            if (!float.TryParse(table.Text(score), NumberStyles.Float, CultureInfo.InvariantCulture, out var value))
            {
                throw new InputException(
                    $"{path}, line {table.Line}: found score '{table.Text(score)}'; expected a number with a decimal "
                    + "point. Give a file that `engine batch` wrote");
            }

            if (IsScored(value)
                && (rank < 0 || IsRanked(RankOf(table.Text(rank)))))
            {
                yield return (value, () => SpreadsheetText.Read(table.Text(user)));
            }
        }

        Check(isFound, path);
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

    private static int RankOf(ReadOnlySpan<char> cell) =>
        int.TryParse(cell, NumberStyles.None, CultureInfo.InvariantCulture, out var rank) ? rank : 0;

    private static int CodeOf(ResultPart part, byte[] product)
    {
        for (var code = 0; part.Rows > 0 && code < part.Items.Distinct; code++)
        {
            if (part.Items.Text(code).SequenceEqual(product))
            {
                return code;
            }
        }

        return -1;
    }

    private void Check(bool isFound, string result)
    {
        if (!isFound)
        {
            throw new InputException(
                $"product '{Product}' is in no row of the result of {result}. Check the id: "
                + "ids are case-sensitive, and leading zeros count");
        }
    }

    private bool IsScored(float score) => LeastScore is null || score >= LeastScore;

    // Rows of a single product have rank 0.
    private bool IsRanked(int rank) => rank == 0 ? !HasRanks : rank >= FirstRank && rank <= LastRank;
}

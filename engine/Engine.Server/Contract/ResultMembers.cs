using Engine.Scoring.Ids;
using System.Text;
using Engine.Server.Results;
using Engine.Server.Tasks;
using Proto = Engine.Protos.V1;

namespace Engine.Server.Contract;

/// <summary>The users of a task's result for one product: those of a range of ranks, or of a score and above.</summary>
internal static class ResultMembers
{
    /// <summary>Their ids in the order of the result, in a stream.</summary>
    /// <exception cref="InputException">The task has no result, or ranks are asked of one that has none.</exception>
    public static IEnumerable<string> Find(TaskStore store, Proto.ResultAudience asked)
    {
        var record = store.Get(asked.TaskId);
        if (record.IsSingleProduct && (asked.FirstRank != 0 || asked.LastRank != 0))
        {
            throw new InputException($"task '{asked.TaskId}' asked about a single product and has no ranks, expected least_score instead of first_rank and last_rank");
        }

        if (!record.IsSingleProduct && asked.ProductId.Length == 0)
        {
            throw new InputException($"found no product_id, expected the product whose users are meant: task '{asked.TaskId}' asked about {record.Counts.Products} products");
        }

        Require.Between("first_rank", asked.FirstRank, 0, record.TopK);
        Require.Between("last_rank", asked.LastRank, 0, int.MaxValue);
        return Read(store.OpenResult(asked.TaskId), asked);
    }

    private static IEnumerable<string> Read(ResultFile opened, Proto.ResultAudience asked)
    {
        using var file = opened;
        var part = new ResultPart();
        var product = Encoding.UTF8.GetBytes(asked.ProductId);
        for (var number = 0; number < file.Parts; number++)
        {
            file.Read(number, part);
            var code = product.Length == 0 ? 0 : CodeOf(part, product);
            for (var row = 0; row < part.Rows && code >= 0; row++)
            {
                if (part.Items.Codes[row] == code && IsMeant(part, row, asked))
                {
                    yield return Encoding.UTF8.GetString(part.Users.Of(row));
                }
            }
        }
    }

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

    private static bool IsMeant(ResultPart part, int row, Proto.ResultAudience asked) =>
        part.Rank(row) >= asked.FirstRank && (asked.LastRank == 0 || part.Rank(row) <= asked.LastRank) && (!asked.HasLeastScore || part.Score(row) >= asked.LeastScore);
}

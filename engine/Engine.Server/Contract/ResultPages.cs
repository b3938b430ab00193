using Engine.Scoring.Ids;
using System.Globalization;
using System.Text;
using Engine.Server.Results;
using Engine.Server.Tasks;
using Engine.Snapshots;
using Proto = Engine.Protos.V1;

namespace Engine.Server.Contract;

/// <summary>Result rows a page at a time: a page token is the number of its first row.</summary>
internal static class ResultPages
{
    private const int DefaultRows = 100;
    private const int MaximumRows = 10_000;

    /// <summary>One page.</summary>
    /// <exception cref="InputException">The size or the token is none.</exception>
    public static Proto.TaskResultsReply Read(TaskStore store, Proto.TaskResultsRequest request)
    {
        var size = RequestFields.OrDefault(request.PageSize, DefaultRows);
        Require.Between("page_size", size, 1, MaximumRows);
        using var file = store.OpenResult(request.TaskId);
        var first = FirstRow(request.PageToken, file.Rows);
        var reply = new Proto.TaskResultsReply { RowCount = file.Rows };
        var part = new ResultPart();
        while (reply.Results.Count < size && first + reply.Results.Count < file.Rows)
        {
            var (number, row) = file.Locate(first + reply.Results.Count);
            file.Read(number, part);
            for (; row < part.Rows && reply.Results.Count < size; row++)
            {
                reply.Results.Add(Row(part, row));
            }
        }

        var next = first + reply.Results.Count;
        reply.NextPageToken = next < file.Rows ? next.ToString(CultureInfo.InvariantCulture) : "";
        // What was re-ranked is in no online answer.
        if (reply.Results.Count > 0 && !store.Get(request.TaskId).IsReranked)
        {
            reply.AskAgain = AskAgain(store.Get(request.TaskId), store.Question(request.TaskId), reply.Results[0].UserId, request.Workspace);
        }

        return reply;
    }

    private static long FirstRow(string token, long rows) =>
        token.Length == 0 ? 0
        : long.TryParse(token, NumberStyles.None, CultureInfo.InvariantCulture, out var row) && row < rows ? row
        : throw new InputException($"found page_token '{token}', expected the next_page_token of the reply before, or none");

    private static Proto.TaskResult Row(ResultPart part, int row) => new()
    {
        UserId = Encoding.UTF8.GetString(part.Users.Of(row)),
        ItemRank = part.Rank(row),
        ItemId = Encoding.UTF8.GetString(part.Items.Of(row)),
        Score = part.Score(row),
        UserReason = part.UserReasons is { } did ? Encoding.UTF8.GetString(did.Of(row)) : "",
        ReRanked = part.IsReranked,
        ItemReason = part.ItemReasons is { } goes ? Encoding.UTF8.GetString(goes.Of(row)) : "",
    };

    private static Proto.RecommendRequest AskAgain(TaskRecord record, TaskQuestion question, string user, string workspace)
    {
        var request = new Proto.RecommendRequest
        {
            Workspace = workspace,
            SnapshotId = record.SnapshotId,
            UserId = user,
            TopK = record.TopK,
            Purchased = TaskAnswers.Purchased(record.Purchased),
            ExcludeProductIds = { question.Excluded.Concat(question.Blocked).Distinct(StringComparer.Ordinal) },
        };
        if (question.Related is { } related)
        {
            request.Pool = new Proto.PoolFilter { Inline = true, ProductIds = { related } };
        }
        else if (question.Pool is { } pool)
        {
            request.Pool = new Proto.PoolFilter { Rule = pool.Rule, ProductIds = { pool.ProductIds }, Inline = pool.ProductIds.Count > 0 };
        }

        return request;
    }
}

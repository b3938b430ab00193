using System.Globalization;
using System.Text;
using Engine.Scoring.Ids;
using Engine.Server.Errors;
using Engine.Server.Results;
using Engine.Server.Tasks;
using Proto = Engine.Protos.V1;

namespace Engine.Server.Contract;

/// <summary>The results of tasks in the terms of the contract: pages, summaries, files, members.</summary>
internal static class TaskResults
{
    private const int DefaultRows = 100;
    private const int MaximumRows = 10_000;
    private const int MaximumProducts = 1_000_000;

    /// <summary>One page of rows; a page token is the number of its first row.</summary>
    /// <exception cref="InputException">
    /// The page size is out of its range, or the token is not one of this result.
    /// </exception>
    public static Proto.TaskResultsReply Page(TaskStore store, Proto.TaskResultsRequest request)
    {
        var size = RequestFields.OrDefault(request.PageSize, DefaultRows);
        Require.Between("page_size", size, 1, MaximumRows);
        using var file = store.OpenResult(request.TaskId, request.HeldOut);
        var first = FirstRow(request.PageToken, file.Rows);
        var reply = new Proto.TaskResultsReply { RowCount = file.Rows };
        foreach (var (part, row) in file.RowsFrom(first, size))
        {
            reply.Results.Add(Row(part, row));
        }

        var next = first + reply.Results.Count;
        reply.NextPageToken = next < file.Rows ? next.ToString(CultureInfo.InvariantCulture) : "";
        var record = store.Get(request.TaskId);
        if (reply.Results.Count > 0 && !record.IsReranked
            && store.Question(request.TaskId) is { Allocation: null } question)
        {
            // No online answer has the scores of a re-ranker, or knows what others got.
            reply.AskAgain = AskAgain(record, question, reply.Results[0].UserId, request.Workspace);
        }

        return reply;
    }

    /// <summary>How many users got each product, and how its scores are distributed.</summary>
    public static Proto.TaskSummaryReply Summary(
        TaskStore store, Proto.TaskSummaryRequest request, CancellationToken cancellation)
    {
        Require.Between("top_k", request.TopK, 0, MaximumProducts);
        using var file = store.OpenResult(request.TaskId);
        var products = ResultSummary.Of(file, store.SummaryPath(request.TaskId), cancellation);
        var record = store.Get(request.TaskId);
        return new Proto.TaskSummaryReply
        {
            Allocation = store.Allocation(request.TaskId) is { } allocated
                ? TaskAllocations.Describe(store.Question(request.TaskId).Allocation!, allocated)
                : null,
            UsersOutOfScope = record.Counts.Users - record.Counts.UsersInScope,
            Notes = { record.Notes },
            ProductCount = products.Count,
            RowCount = products.Sum(product => product.Users),
            Products = { products.Take(RequestFields.OrDefault(request.TopK, DefaultRows)).Select(Describe) },
        };
    }

    /// <summary>A result as a file, in chunks. Each chunk is valid until the next one.</summary>
    /// <exception cref="InputException">There is no such task, or it has no result.</exception>
    public static IEnumerable<ReadOnlyMemory<byte>> Download(
        TaskStore store, string id, Proto.FileFormat format, bool heldOut)
    {
        if (!Enum.IsDefined(format))
        {
            throw new FieldException(
                "format", $"found format = {(int)format}, expected 0..3 (unspecified, csv, parquet, skipped)");
        }

        var file = store.OpenResult(id, heldOut);
        if (format is Proto.FileFormat.Csv or Proto.FileFormat.Unspecified)
        {
            return ResultDownload.OfRows(file);
        }

        file.Dispose();
        return format == Proto.FileFormat.Parquet
            ? ResultDownload.OfFile(store.ResultPath(store.Get(id), heldOut))
            : ResultDownload.OfSkipped(BatchSkipped.PathOf(store.ResultPath(id)));
    }

    /// <summary>The users of a task's result for one product.</summary>
    /// <exception cref="InputException">
    /// There is no result, no row holds the product, or ranks are given for a result without.
    /// </exception>
    public static IEnumerable<string> Members(TaskStore store, Proto.ResultAudience request)
    {
        var record = store.Get(request.TaskId);
        if (record.IsSingleProduct && (request.FirstRank != 0 || request.LastRank != 0))
        {
            throw new InputException(
                $"task '{request.TaskId}' is about a single product and has no ranks. "
                + "Use least_score instead of first_rank and last_rank");
        }

        if (request.AllProducts)
        {
            return request.ProductId.Length == 0 && request.FirstRank == 0 && request.LastRank == 0
                && !request.HasLeastScore && request.Best == 0
                ? ResultUsers.All(store.OpenResult(request.TaskId, request.HeldOut))
                : throw new InputException(
                    "all_products takes every user of the group. Leave out product_id, first_rank, "
                    + "last_rank, least_score and best");
        }

        if (!record.IsSingleProduct && request.ProductId.Length == 0)
        {
            throw new InputException(
                $"product_id is missing: task '{request.TaskId}' is about {record.Counts.Products} products. "
                + "Give the one whose users you want");
        }

        Require.Between("first_rank", request.FirstRank, 0, record.TopK);
        Require.Between("last_rank", request.LastRank, 0, int.MaxValue);
        Require.Between("best", request.Best, 0, int.MaxValue);
        Require.Between("least_score", request.LeastScore, float.MinValue, float.MaxValue);
        if (request.LastRank != 0 && request.LastRank < request.FirstRank)
        {
            throw new FieldException(
                "last_rank",
                $"found last_rank = {request.LastRank} before first_rank = {request.FirstRank}, "
                + "expected the same rank or a later one");
        }

        return new ResultUsers(
            request.ProductId,
            RequestFields.OrDefault(request.FirstRank, 1),
            RequestFields.OrDefault(request.LastRank, int.MaxValue),
            request.HasLeastScore ? request.LeastScore : null,
            request.Best == 0 ? null : request.Best).Read(store.OpenResult(request.TaskId, request.HeldOut));
    }

    private static long FirstRow(string token, long rows) =>
        token.Length == 0 ? 0
        : long.TryParse(token, NumberStyles.None, CultureInfo.InvariantCulture, out var row) && row < rows ? row
        : throw new InputException(
            $"found page_token = '{token}', expected the next_page_token of the previous reply, or none");

    private static Proto.TaskResult Row(ResultPart part, int row)
    {
        var result = Words(part, row);
        if (part.Probability(row) is { } probability)
        {
            result.Probability = probability;
        }

        if (part.Percentile(row) is { } percentile)
        {
            result.Percentile = percentile;
        }

        return result;
    }

    private static Proto.TaskResult Words(ResultPart part, int row) => new()
    {
        UserId = Encoding.UTF8.GetString(part.Users.Of(row)),
        ItemRank = part.Rank(row),
        ItemId = Encoding.UTF8.GetString(part.Items.Of(row)),
        Score = part.Score(row),
        ItemName = part.Names is { } names ? Encoding.UTF8.GetString(names.Of(row)) : "",
        UserReason = part.UserReasons is { } did ? Encoding.UTF8.GetString(did.Of(row)) : "",
        ReRanked = part.IsReranked,
        ItemReason = part.ItemReasons is { } goes ? Encoding.UTF8.GetString(goes.Of(row)) : "",
    };

    private static Proto.ProductSummary Describe(ProductRows product) => new()
    {
        ProductId = product.Id,
        UserCount = product.Users,
        FirstCount = product.Firsts,
        MinScore = product.Least,
        MeanScore = product.Mean,
        MaxScore = product.Most,
        Histogram = { product.Histogram },
    };

    private static Proto.RecommendRequest AskAgain(
        TaskRecord record, TaskQuestion question, string user, string workspace)
    {
        var request = new Proto.RecommendRequest
        {
            Workspace = workspace,
            SnapshotId = record.SnapshotId,
            UserId = user,
            TopK = record.TopK,
            Purchased = TaskAnswers.Purchased(record.Purchased),
            EventsVersion = record.EventsVersion,
            ExcludeProductIds = { question.Excluded.Concat(question.Blocked).Distinct(StringComparer.Ordinal) },
        };
        if (question.Related is { } related)
        {
            request.Pool = new Proto.PoolFilter { Inline = true, ProductIds = { related } };
        }
        else if (question.Pool is { } pool)
        {
            request.Pool = new Proto.PoolFilter
            {
                Rule = pool.Rule,
                ProductIds = { pool.ProductIds },
                Inline = pool.ProductIds.Count > 0,
            };
        }

        return request;
    }
}

using Engine.Scoring.Queries;
using Engine.Server.Tasks;
using Google.Protobuf.WellKnownTypes;
using Proto = Engine.Protos.V1;

namespace Engine.Server.Contract;

/// <summary>A task in the terms of the contract.</summary>
internal static class TaskAnswers
{
    /// <summary>What is said of a task now.</summary>
    public static Proto.Task Describe(EngineTask task)
    {
        var reply = Describe(task.Record);
        if (task.Record.HasEnded)
        {
            return reply;
        }

        reply.RemainingSeconds = -1;
        if (task.Progress is { } progress)
        {
            reply.Progress = (double)progress.Parts / progress.AllParts;
            reply.RemainingSeconds = progress.Remaining.TotalSeconds;
            reply.RowCount = progress.Rows;
        }

        reply.RowsWritten = task.Written;

        return reply;
    }

    /// <summary>What is kept of a task.</summary>
    public static Proto.Task Describe(TaskRecord record)
    {
        var task = new Proto.Task
        {
            TaskId = record.Id,
            State = (Proto.TaskState)record.Stage,
            SnapshotId = record.SnapshotId,
            AudienceSize = record.Counts.Users,
            PoolSize = record.Counts.Products,
            TopK = record.TopK,
            Progress = record.Stage == TaskStage.Succeeded ? 1 : 0,
            Error = record.Error,
            RowCount = record.Rows,
            SingleProduct = record.IsSingleProduct,
            ReRanked = record.IsReranked,
            Audience = record.AudienceName,
            Pool = record.PoolText,
            Campaign = Campaign(record.Campaign),
            Purchased = Purchased(record.Purchased),
            EventsVersion = record.EventsVersion,
            UsersInScope = record.Counts.UsersInScope,
            UsersOutOfScope = record.Counts.Users - record.Counts.UsersInScope,
            CompetingProducts = record.Counts.Competing,
            Notes = { record.Notes },
            CreateTime = Timestamp.FromDateTimeOffset(record.Created),
            StartTime = Time(record.Started),
            EndTime = Time(record.Ended),
            ResultBytes = record.Bytes,
            Table = record.Table is { } table
                ? new Proto.TableTarget { Source = table.Source, Table = table.Table }
                : null,
            RowsWritten = record.Written,
            HoldoutShare = record.Holdout?.Share ?? 0,
            HoldoutSeed = record.Holdout?.Seed ?? "",
            UsersHeldOut = record.Holdout?.HeldOut ?? 0,
        };
        foreach (var (clause, removed) in new[]
        {
            ("out_of_scope", record.Counts.ProductsOutOfScope),
            ("blocked", record.Counts.Blocked),
            ("exclude_product_ids", record.Counts.Excluded),
        })
        {
            task.Removed.Add(new Proto.ClauseCount { Clause = clause, Removed = removed });
        }

        foreach (var skipped in record.Skipped)
        {
            task.Skipped.Add(new Proto.Skipped { Id = skipped.Id, Reason = ReplyFields.ReasonOf(skipped.Reason) });
        }

        return task;
    }

    /// <summary>A policy in the terms of the contract.</summary>
    public static Proto.PurchasedPolicy Purchased(PurchasedPolicy policy) => policy switch
    {
        PurchasedPolicy.Exclude => Proto.PurchasedPolicy.Exclude,
        PurchasedPolicy.Only => Proto.PurchasedPolicy.Only,
        _ => Proto.PurchasedPolicy.Include,
    };

    private static Timestamp? Time(DateTimeOffset? time) =>
        time is { } known ? Timestamp.FromDateTimeOffset(known) : null;

    private static Proto.RelatedCampaign? Campaign(TaskCampaign? campaign) =>
        campaign is null ? null : new Proto.RelatedCampaign
        {
            ProductId = campaign.ProductId,
            Types_ = { campaign.Types.Select(type => (Proto.BehaviorType)type) },
            AtLeast = campaign.AtLeast,
            WithinDays = campaign.WithinDays,
            RelatedTop = campaign.RelatedTop,
            LeastStrength = campaign.LeastStrength,
            MinSupport = campaign.MinSupport,
        };
}

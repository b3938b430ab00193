using System.Globalization;
using Engine.Scoring.Ids;
using Engine.Scoring.Queries;
using Engine.Server.Holdouts;

namespace Engine.Server.Tasks;

/// <summary>The description of a task as stored on disk: everything but its query and its rows.</summary>
internal sealed record TaskRecord
{
    /// <summary>Sorts by time.</summary>
    public required string Id { get; init; }

    /// <summary>Its state.</summary>
    public required TaskStage Stage { get; init; }

    /// <summary>The snapshot that answers.</summary>
    public required string SnapshotId { get; init; }

    /// <summary>When it was created.</summary>
    public required DateTimeOffset Created { get; init; }

    /// <summary>When it began to run, last.</summary>
    public DateTimeOffset? Started { get; init; }

    /// <summary>When it ended.</summary>
    public DateTimeOffset? Ended { get; init; }

    /// <summary>The saved audience; empty for every user.</summary>
    public required string AudienceName { get; init; }

    /// <summary>The pool in words; empty for every product.</summary>
    public required string PoolText { get; init; }

    /// <summary>The campaign, if it is one.</summary>
    public TaskCampaign? Campaign { get; init; }

    /// <summary>Rows of one user at most.</summary>
    public required int TopK { get; init; }

    /// <summary>Whether rows are scores for the one product of the pool.</summary>
    public required bool IsSingleProduct { get; init; }

    /// <summary>Whether scores are those of the snapshot's re-ranker.</summary>
    public bool IsReranked { get; init; }

    /// <summary>How purchased products are treated.</summary>
    public required PurchasedPolicy Purchased { get; init; }

    /// <summary>The events that it sees; 0 for none.</summary>
    public long EventsVersion { get; init; }

    /// <summary>The node of a cluster that alone can run it, because it has the events; null for any.</summary>
    public string? Node { get; init; }

    /// <summary>How many, and what was left out.</summary>
    public required TaskCounts Counts { get; init; }

    /// <summary>The first declared ids that were skipped.</summary>
    public required IReadOnlyList<SkippedId> Skipped { get; init; }

    /// <summary>For a person.</summary>
    public required IReadOnlyList<string> Notes { get; init; }

    /// <summary>Why it failed.</summary>
    public string Error { get; init; } = "";

    /// <summary>Result rows of a task that succeeded.</summary>
    public long Rows { get; init; }

    /// <summary>Bytes of its file.</summary>
    public long Bytes { get; init; }

    /// <summary>The table that takes the result; null for none.</summary>
    public TaskTable? Table { get; init; }

    /// <summary>Rows in that table, counted after publishing.</summary>
    public long Written { get; init; }

    /// <summary>Who is held out; null for nobody.</summary>
    public HoldoutRecord? Holdout { get; init; }

    /// <summary>A new id: ids ascend with time.</summary>
    public static string NewId(DateTimeOffset now) =>
        string.Create(
            CultureInfo.InvariantCulture, $"{now.UtcDateTime:yyyyMMdd-HHmmssfff}-{Guid.NewGuid().ToString("N")[..4]}");

    /// <summary>Whether a name is one that <see cref="NewId"/> gives.</summary>
    public static bool IsId(string name) =>
        name is [.. { Length: 18 } time, '-', _, _, _, _]
        && DateTime.TryParseExact(
            time, "yyyyMMdd-HHmmssfff", CultureInfo.InvariantCulture, DateTimeStyles.None, out _)
        && name[19..].All(char.IsAsciiHexDigitLower);

    /// <summary>Whether it has ended.</summary>
    public bool HasEnded => Stage is TaskStage.Succeeded or TaskStage.Failed or TaskStage.Cancelled;
}

/// <summary>A table of a database.</summary>
/// <param name="Source">The name of a source file.</param>
/// <param name="Table">The table.</param>
internal sealed record TaskTable(string Source, string Table);

/// <summary>The state of a task.</summary>
internal enum TaskStage
{
    /// <summary>It waits in the queue.</summary>
    Queued = 1,

    /// <summary>It runs, or resumes after a restart.</summary>
    Running = 2,

    /// <summary>Its result is complete.</summary>
    Succeeded = 3,

    /// <summary>There is no result.</summary>
    Failed = 4,

    /// <summary>There is no result: it was canceled.</summary>
    Cancelled = 5,
}

/// <summary>Declared sizes, and what is left of them.</summary>
/// <param name="Users">Declared.</param>
/// <param name="UsersInScope">Answered.</param>
/// <param name="Products">Declared.</param>
/// <param name="Competing">Products that compete.</param>
/// <param name="ProductsOutOfScope">Listed products that are not in the snapshot.</param>
/// <param name="Blocked">Products that were blocked.</param>
/// <param name="Excluded">Products that the request excluded.</param>
internal sealed record TaskCounts(
    long Users, long UsersInScope, long Products, long Competing, long ProductsOutOfScope, long Blocked, long Excluded);

using System.Text.Json;
using Engine.Campaigns.Holdouts;
using Engine.Scoring.Batch;
using Engine.Server.Errors;
using Engine.Snapshots.Files;
using Engine.Snapshots.Writing;

namespace Engine.Server.Holdouts;

/// <summary>What must be known of a holdout later, to measure what the messages brought.</summary>
internal sealed record HoldoutRecord
{
    /// <summary>What the held-out users of a task are to the nodes of a cluster, after the id of the task.</summary>
    public const string Group = ".heldout";

    private const int MaximumBytes = 1 << 20;
    private const int MostDays = 365;
    private const int LastYear = 2149;

    private static readonly JsonSerializerOptions Json =
        new JsonSerializerOptions(JsonSerializerDefaults.Web) { WriteIndented = true }.Whole();

    /// <summary>The share of users that the draw holds out.</summary>
    public required double Share { get; init; }

    /// <summary>What the draw depends on besides the user id.</summary>
    public required string Seed { get; init; }

    /// <summary>The snapshot of the scores.</summary>
    public required string SnapshotId { get; init; }

    /// <summary>The snapshot's last day.</summary>
    public required DateOnly LastDay { get; init; }

    /// <summary>The days that its probabilities cover.</summary>
    public required int HorizonDays { get; init; }

    /// <summary>Whether scores are those of the re-ranker, which has no probabilities.</summary>
    public required bool IsReranked { get; init; }

    /// <summary>Users who get a message.</summary>
    public required long Treated { get; init; }

    /// <summary>Users who get none.</summary>
    public required long HeldOut { get; init; }

    /// <summary>The record of a draw.</summary>
    public static HoldoutRecord Of(HoldoutSplit split, HoldoutDraw draw)
    {
        var manifest = split.Treated.Model.Snapshot.Manifest;
        return new HoldoutRecord
        {
            Share = draw.Share,
            Seed = draw.Seed,
            SnapshotId = split.Treated.Model.Snapshot.Id,
            LastDay = manifest.Scope.LastDay,
            HorizonDays = manifest.Scope.HorizonDays,
            IsReranked = split.Treated.Reranker is not null,
            Treated = split.Treated.Users.Length,
            HeldOut = split.HeldOut.Users.Length,
        };
    }

    /// <summary>The plan that a draw leaves of a plan, in both groups.</summary>
    public HoldoutSplit Split(BatchPlan plan) => HoldoutSplit.Of(plan, new HoldoutDraw(Seed, Share));

    /// <summary>The file of the held-out users beside that of the others: push.csv and push.holdout.csv.</summary>
    public static string FileOf(string result) =>
        Path.ChangeExtension(result, null) + ".holdout" + Path.GetExtension(result);

    /// <summary>Writes the record beside a result file.</summary>
    public void Write(string result) =>
        AtomicFile.Write(NoteOf(result), stream => JsonSerializer.Serialize(stream, this, Json));

    /// <summary>Whether a result file has a record.</summary>
    public static bool Has(string result) => File.Exists(NoteOf(result));

    /// <summary>The record beside a result file.</summary>
    /// <exception cref="NotFoundException">There is none.</exception>
    public static HoldoutRecord Read(string result)
    {
        if (!File.Exists(result) || !File.Exists(NoteOf(result)))
        {
            throw new NotFoundException(
                $"'{result}' is neither a task of this workspace nor the result file of a batch with --holdout-share "
                + $"(no {NoteOf(result)}). Run the batch with --holdout-share 0.1");
        }

        try
        {
            var record = JsonSerializer.Deserialize<HoldoutRecord>(
                PlainFile.ReadBytes(NoteOf(result), MaximumBytes, followLink: true), Json);
            return record is { Share: > 0 and < 1, HorizonDays: >= 1 and <= MostDays, LastDay.Year: <= LastYear }
                ? record
                : throw new JsonException("share, lastDay or horizonDays is out of its range");
        }
        catch (JsonException e)
        {
            throw new InputException(
                $"cannot read {NoteOf(result)} ({WholeDocuments.Reason(e)}). Run the same batch again", e);
        }
    }

    private static string NoteOf(string result) => result + ".holdout.json";
}

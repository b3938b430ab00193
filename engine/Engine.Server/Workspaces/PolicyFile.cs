using System.Text.Json;
using System.Text.Json.Serialization;
using Engine.Scoring.Comparing;
using Engine.Scoring.Models;
using Engine.Server.Catalog;
using Engine.Snapshots;
using Engine.Snapshots.Files;
using Engine.Snapshots.Writing;

namespace Engine.Server.Workspaces;

/// <summary>
/// policy.json of a workspace: how much a new snapshot may change before a person must look. policy.passed beside it
/// names the last snapshot that passed, by its figures or because a person said so.
/// </summary>
internal sealed class PolicyFile(string workspaceFolder)
{
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        ReadCommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true,
        AllowDuplicateProperties = false,
    };

    private const int MaximumBytes = 1 << 20;

    private readonly string _policy = Path.Combine(workspaceFolder, "policy.json");
    private readonly string _passed = Path.Combine(workspaceFolder, SnapshotDirectory.PassedName);

    /// <summary>The policy; null when there is none.</summary>
    public ActivationPolicy? Current => File.Exists(_policy) ? Read(_policy) : null;

    /// <summary>Changes when the verdict on a snapshot may change.</summary>
    public string StampOf(string id) =>
        File.Exists(_policy) ? $"{File.GetLastWriteTimeUtc(_policy).Ticks} {Passed == id}" : "";

    /// <summary>Whether there is a policy and nothing has passed it yet.</summary>
    public bool IsNew => File.Exists(_policy) && !File.Exists(_passed);

    private string? Passed => PlainFile.ReadText(_passed, MaximumBytes)?.Trim();

    /// <summary>Whether there is a policy that a snapshot has not passed.</summary>
    public bool IsToBeJudged(string id) => File.Exists(_policy) && Passed != id;

    /// <summary>
    /// The published snapshot that a new one is compared with while none is served: the last that passed, or CURRENT.
    /// </summary>
    public string? Baseline(SnapshotDirectory directory) =>
        Passed is { } passed && directory.List().Contains(passed) ? passed : directory.ReadCurrent();

    /// <summary>Records that a snapshot passed.</summary>
    public void Approve(string id)
    {
        if (IsToBeJudged(id))
        {
            AtomicFile.Write(_passed, stream => stream.Write(System.Text.Encoding.UTF8.GetBytes(id)));
        }
    }

    /// <summary>Why a snapshot is beyond the policy, with the figures; null when it is not.</summary>
    /// <exception cref="InputException">The policy cannot be read.</exception>
    public string? Judge(
        ScoringModel before,
        ScoringModel after,
        AudienceStore audiences,
        int threads,
        CancellationToken cancellation = default)
    {
        var (old, id, policy) = (before.Snapshot.Id, after.Snapshot.Id, Read(_policy));
        var options = OptionsOf(policy.Users, policy.Category, threads, audiences);
        var diff = SnapshotComparer.Compare(before, after, options, cancellation);
        return policy.Judge(diff) is { Count: > 0 } breaches
            ? $"snapshot {id} is beyond the policy {_policy} (compared with {old}, {diff.ComparedUsers} users): "
                + $"{string.Join("; ", breaches)}. Look at `engine diff {old} {id}`; "
                + "to serve it all the same, activate it with force"
            : null;
    }

    /// <summary>How two snapshots are compared, with all saved audiences.</summary>
    public static ComparisonOptions OptionsOf(int users, string? category, int threads, AudienceStore audiences)
    {
        var saved = audiences.List().Select(audience => (audience.Name, audiences.Ids(audience.Name)));
        return new() { Users = users, Category = category, Threads = threads, Audiences = saved };
    }

    /// <summary>A policy.</summary>
    /// <exception cref="InputException">It cannot be read.</exception>
    public static ActivationPolicy Read(string path)
    {
        try
        {
            var policy = JsonSerializer.Deserialize<ActivationPolicy>(
                PlainFile.ReadText(path, MaximumBytes) ?? throw new FileNotFoundException("it is not there."),
                Json)
                ?? throw new JsonException("it is empty");
            return policy.FindProblem() is { } problem ? throw new JsonException($"{problem}.") : policy;
        }
        catch (Exception e) when (e is JsonException or FileNotFoundException)
        {
            var keys = typeof(ActivationPolicy).GetProperties()
                .Select(property => JsonNamingPolicy.SnakeCaseLower.ConvertName(property.Name));
            throw new InputException(
                $"cannot read the policy {path}: {WholeDocuments.Reason(e)}. Known keys: {string.Join(", ", keys)}", e);
        }
    }
}

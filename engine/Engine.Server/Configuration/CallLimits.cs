using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Engine.Server.Configuration;

/// <summary>
/// Bounds of the work that callers can cause, each refused by name before the work is done. <c>serve --limits FILE</c>
/// reads them from a JSON object of these names in snake_case; a name that is left out keeps its default. The table in
/// the page of the server is this type; a test compares them.
/// </summary>
internal sealed class CallLimits
{
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        ReadCommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true,
    };

    /// <summary>Ids and other elements of all lists of one request.</summary>
    [Range(1_000, 100_000_000)]
    public int RequestElements { get; set; } = 2_000_000;

    /// <summary>MiB of one request message of a call that takes no long lists.</summary>
    [Range(1, 1_024)]
    public int SmallRequestMebibytes { get; set; } = 4;

    /// <summary>Users x top_k of one BatchRecommend message.</summary>
    [Range(10_000, 1_000_000_000)]
    public int BatchRows { get; set; } = 10_000_000;

    /// <summary>Low-priority threads that run heavy calls. The default leaves a core to the others.</summary>
    [Range(1, 1_024)]
    public int HeavyThreads { get; set; } = Math.Max(1, Environment.ProcessorCount - 1);

    /// <summary>Heavy calls that run or wait; more are refused.</summary>
    [Range(1, 100_000)]
    public int HeavyCalls { get; set; } = 32;

    /// <summary>Streams of replies that are open at once: RankUsers, BatchRecommend, exports and downloads.</summary>
    [Range(1, 100_000)]
    public int OpenStreams { get; set; } = 64;

    /// <summary>Ranked users that all open RankUsers streams hold together, 8 bytes each.</summary>
    [Range(10_000, 1_000_000_000)]
    public int StreamRows { get; set; } = 25_000_000;

    /// <summary>Seconds that a client of a stream may take to read one reply.</summary>
    [Range(1, 86_400)]
    public int ReadSeconds { get; set; } = 60;

    /// <summary>Tasks of a workspace that wait or run.</summary>
    [Range(1, 100_000)]
    public int QueuedTasks { get; set; } = 1_000;

    /// <summary>Tasks of a workspace in any state.</summary>
    [Range(1, 1_000_000)]
    public int StoredTasks { get; set; } = 10_000;

    /// <summary>Saved pools of a workspace.</summary>
    [Range(1, 1_000_000)]
    public int Pools { get; set; } = 10_000;

    /// <summary>Saved audiences of a workspace.</summary>
    [Range(1, 1_000_000)]
    public int Audiences { get; set; } = 10_000;

    /// <summary>Earlier versions that are kept of each pool, the latest ones.</summary>
    [Range(0, 10_000)]
    public int PoolVersions { get; set; } = 20;

    /// <summary>MiB that the earlier versions of one pool take together; the oldest are dropped.</summary>
    [Range(1, 1_048_576)]
    public int PoolVersionMebibytes { get; set; } = 64;

    /// <summary>Reads a file.</summary>
    /// <exception cref="InputException">It is no JSON object of these names with numbers in their ranges.</exception>
    public static CallLimits Read(string path)
    {
        try
        {
            var limits = JsonSerializer.Deserialize<CallLimits>(File.ReadAllText(path), Json)
                ?? throw new JsonException("it holds null");
            limits.Validate(path);
            return limits;
        }
        catch (JsonException e)
        {
            throw new InputException(
                $"{path} cannot be read as limits ({e.Message.TrimEnd('.')}). Expected a JSON object with names such "
                + "as \"heavy_calls\" and whole numbers",
                e);
        }
    }

    private void Validate(string path)
    {
        foreach (var property in GetType().GetProperties())
        {
            var range = (RangeAttribute)property.GetCustomAttributes(typeof(RangeAttribute), inherit: false).Single();
            var value = (int)property.GetValue(this)!;
            if (value < (int)range.Minimum || value > (int)range.Maximum)
            {
                throw new InputException(
                    $"{path}: found {JsonNamingPolicy.SnakeCaseLower.ConvertName(property.Name)} = {value}; "
                    + $"expected {range.Minimum}..{range.Maximum}");
            }
        }
    }
}

using System.Text.Json.Serialization;

namespace Engine.Server.Audit;

/// <summary>
/// One line of the audit log. A change writes two: one before it happens, and one with how it ended. A crash leaves the
/// first alone. JSON escapes control characters, so no name can forge a line.
/// </summary>
/// <param name="Time">When, UTC.</param>
/// <param name="Id">The same in both lines of a change.</param>
internal sealed record AuditLine(DateTimeOffset Time, string Id)
{
    /// <summary>The key's name, 'token:' and the token's subject, or the user of the command line.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Who { get; init; }

    /// <summary>The call or the command.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Call { get; init; }

    /// <summary>Where; empty for what belongs to no workspace.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Workspace { get; init; }

    /// <summary>What was changed.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Object { get; init; }

    /// <summary>Its version and sizes before.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Before { get; init; }

    /// <summary>OK, or the status of the failure. In the second line only.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Result { get; init; }

    /// <summary>Its version and sizes after.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? After { get; init; }
}

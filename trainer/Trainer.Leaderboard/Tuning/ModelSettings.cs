using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Engine;

namespace Trainer.Leaderboard.Tuning;

/// <summary>
/// Everything that decides a model: score = sum over parts of weight x score. Printed as JSON, and read back from it to
/// repeat a run. All item-item parts together are one sparse matrix, so the sum costs one ALS and one similarity to
/// serve.
/// </summary>
/// <param name="Parts">At least one.</param>
public sealed record ModelSettings(IReadOnlyList<ModelPart> Parts)
{
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    };

    /// <summary>The settings as one line of JSON.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, Json);

    /// <summary>Reads what <see cref="ToJson"/> wrote.</summary>
    /// <exception cref="InputException">Not such a line, or settings outside their range.</exception>
    public static ModelSettings FromJson(string json)
    {
        const string Expected = "Give the JSON object that a tuned run printed.";
        try
        {
            var root = JsonNode.Parse(json);
            foreach (var part in root?["parts"] as JsonArray ?? [])
            {
                foreach (var family in part is JsonObject { } members
                    ? members.Select(member => member.Value).OfType<JsonObject>()
                    : [])
                {
                    family.Remove("threads"); // Earlier versions printed it; it decides nothing.
                }
            }

            var settings = root.Deserialize<ModelSettings>(Json);
            if (settings?.Parts is not { Count: > 0 })
            {
                throw new InputException($"the settings have no parts. {Expected}");
            }

            foreach (var part in settings.Parts)
            {
                part.Validate();
            }

            return settings;
        }
        catch (JsonException e)
        {
            throw new InputException($"the settings cannot be read: {e.Message} {Expected}", e);
        }
    }

    /// <summary>Equal parts in the same order.</summary>
    public bool Equals(ModelSettings? other) => other is not null && Parts.SequenceEqual(other.Parts);

    /// <inheritdoc/>
    public override int GetHashCode() => Parts.Aggregate(0, HashCode.Combine);
}

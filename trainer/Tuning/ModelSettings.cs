using System.Text.Json;
using System.Text.Json.Serialization;
using Engine.Model;
using Trainer.Models;

namespace Trainer.Tuning;

/// <summary>
/// Everything that decides a model: score = AlsWeight als + SimilarityWeight similarity + RidgeWeight ridge. A part without
/// settings does not take part. Printed as JSON, and read back from it to repeat a run.
/// </summary>
public sealed record ModelSettings
{
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    };

    /// <summary>ALS, or null.</summary>
    public AlsOptions? Als { get; init; }

    /// <summary>Item similarity, or null.</summary>
    public SimilarityOptions? Similarity { get; init; }

    /// <summary>The local ridge, or null.</summary>
    public RidgeOptions? Ridge { get; init; }

    /// <summary>Weight of the ALS score.</summary>
    public double AlsWeight { get; init; } = 1;

    /// <summary>Weight of the similarity score.</summary>
    public double SimilarityWeight { get; init; } = 1;

    /// <summary>Weight of the ridge score.</summary>
    public double RidgeWeight { get; init; } = 1;

    /// <summary>The settings as one line of JSON.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, Json);

    /// <summary>Reads what <see cref="ToJson"/> wrote.</summary>
    /// <exception cref="InputException">Not such a line.</exception>
    public static ModelSettings FromJson(string json)
    {
        try
        {
            return JsonSerializer.Deserialize<ModelSettings>(json, Json)
                ?? throw new InputException("the settings are null: give the JSON object that a tuned run printed");
        }
        catch (JsonException e)
        {
            throw new InputException($"the settings cannot be read: {e.Message} Give the JSON object that a tuned run printed.", e);
        }
    }

    /// <summary>The same with other threads.</summary>
    public ModelSettings WithThreads(int threads) => this with
    {
        Als = Als is null ? null : Als with { Threads = threads },
        Similarity = Similarity is null ? null : Similarity with { Threads = threads },
        Ridge = Ridge is null ? null : Ridge with { Threads = threads },
    };
}

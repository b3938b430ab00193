using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Engine.Snapshots.Manifest;
using MessagePack;

namespace Engine.Snapshots;

/// <summary>
/// The training report as JSON: the keys of <see cref="TrainingReport"/>, and what the snapshot itself knows: its id,
/// scope, settings, learned terms and strongest related pairs. trainer/REPORT.md describes every key.
/// </summary>
public static class ReportJson
{
    private const int MostPairs = 20;

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    /// <summary>The report of a snapshot, indented.</summary>
    public static string Of(Snapshot snapshot)
    {
        var manifest = snapshot.Manifest;
        var json = new JsonObject
        {
            ["snapshot_id"] = snapshot.Id,
            ["scope"] = Parse(manifest.Scope),
            ["window_start"] = manifest.Scope.WindowStart.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
            ["window_end"] = manifest.Scope.WindowEnd.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
            ["verdict"] = new JsonArray([.. ReportVerdict.Of(snapshot.Report).Select(Sentence)]),
            ["settings"] = Parse(manifest.Settings),
            ["behavior_weights"] = Parse(manifest.Weights),
            ["preference"] = Parse(manifest.Preference),
            ["calibration"] = Parse(manifest.Calibration),
        };
        foreach (var (key, value) in Parse(snapshot.Report)!.AsObject().ToArray())
        {
            json[key] = value?.DeepClone();
        }

        json["next_order"] = snapshot.NextOrder?.Evaluation is { } next ? Parse(next) : null;
        json["related"] = Related(snapshot);
        return json.ToJsonString(Indented);
    }

    private static JsonObject Sentence(VerdictSentence sentence) => new()
    {
        ["trust"] = sentence.Trust,
        ["text"] = sentence.Text,
        ["use"] = sentence.Use,
        ["because"] = new JsonArray([.. sentence.Because.Select(reason => new JsonObject
        {
            ["phrase"] = reason.Format,
            ["values"] = new JsonArray(
                [.. reason.GetArguments().Select(value => value is string text
                    ? JsonValue.Create(text)
                    : JsonValue.Create(Convert.ToDouble(value, CultureInfo.InvariantCulture)))]),
        })]),
    };

    private static JsonNode? Parse<T>(T value) => JsonNode.Parse(MessagePackSerializer.SerializeToJson(value));

    private static JsonArray Related(Snapshot snapshot)
    {
        var strongest = new PriorityQueue<(int A, int B, int Support, float? Partial), (float, int, int)>();
        for (var a = 0; a < snapshot.Manifest.ProductCount; a++)
        {
            foreach (var (b, strength, support, partial) in snapshot.Related.Row(a))
            {
                // Each pair once, from whichever side keeps it; the strongest stay.
                if (b > a && support >= RelatedFigures.DefaultMinSupport)
                {
                    var pair = (a, b, support, partial);
                    var rank = (strength, -a, -b);
                    // Nearly all are weaker than those that are kept, which the queue sees at once.
                    if (strongest.Count == MostPairs)
                    {
                        strongest.EnqueueDequeue(pair, rank);
                    }
                    else
                    {
                        strongest.Enqueue(pair, rank);
                    }
                }
            }
        }

        var pairs = new List<JsonNode>();
        while (strongest.TryDequeue(out var pair, out var priority))
        {
            var figures = RelatedFigures.Of(snapshot, pair.A, pair.B, pair.Support);
            pairs.Add(new JsonObject
            {
                ["product_id"] = snapshot.ProductIds.Get(pair.A),
                ["product_name"] = snapshot.ProductNames.Get(pair.A),
                ["related_id"] = snapshot.ProductIds.Get(pair.B),
                ["related_name"] = snapshot.ProductNames.Get(pair.B),
                ["strength"] = priority.Item1,
                ["partial_correlation"] = pair.Partial,
                ["support"] = pair.Support,
                ["confidence"] = figures.Confidence,
                ["lift"] = figures.Lift,
            });
        }

        pairs.Reverse();
        return [.. pairs];
    }
}

using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json.Nodes;
using HdrHistogram;

namespace Bench.Load;

/// <summary>One kind of slice, all rounds together.</summary>
/// <param name="Name">The kind.</param>
internal sealed record LoadPart(string Name)
{
    /// <summary>Its calls.</summary>
    public Recording Recording { get; } = new();

    /// <summary>Successful calls a second, of each round.</summary>
    public List<double> Rates { get; } = [];
}

/// <summary>What a load measured.</summary>
internal sealed record LoadResult(LoadPlan Plan, IReadOnlyList<LoadPart> Parts, int Swaps, EventFeed? Feed = null)
{
    private static readonly double[] Shares = [50, 75, 90, 99, 99.9, 99.99];

    /// <summary>Whether every call was sent and worked.</summary>
    public bool IsClean => Parts.All(part => part.Recording is { Errors.Count: 0, Unsent: 0 });

    /// <summary>The table for people: microseconds.</summary>
    public string Table()
    {
        var text = new StringBuilder();
        text.AppendLine(Line("calls", "calls/s", "p50 us", "p90 us", "p99 us", "p99.9 us", "max us", "failed"));
        foreach (var part in Parts)
        {
            Row(part.Name, Number(Median(part.Rates)), part.Recording.All(), Failed(part.Recording));
            foreach (var (name, histogram) in part.Recording.Latencies
                .Where(_ => part.Recording.Latencies.Count > 1).OrderBy(call => call.Key, StringComparer.Ordinal))
            {
                Row($"  {name}", "", histogram, "");
            }
        }

        foreach (var (of, to, figure, value) in Ratios())
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"{of} / {to}, {figure}: {value:0.00}");
        }

        var late = Parts.Max(part => Micros(part.Recording.Late, 99));
        if (Plan.Rate > 0)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"late starts of the generator itself, p99: {late:0} us");
        }

        if (Feed is not null)
        {
            text.AppendLine(
                CultureInfo.InvariantCulture,
                $"events: {Feed.Accepted:N0} accepted, {Feed.Accepted / Feed.Seconds:N0} a second");
        }

        return text.ToString();

        void Row(string name, string rate, HistogramBase latency, string failed) =>
            text.AppendLine(Line(
                name, rate, Number(Micros(latency, 50)), Number(Micros(latency, 90)), Number(Micros(latency, 99)),
                Number(Micros(latency, 99.9)), Number(Micros(latency, 100)), failed));
    }

    /// <summary>The document for programs.</summary>
    public JsonObject Json(DateTimeOffset started) => new()
    {
        ["started"] = started.ToString("O", CultureInfo.InvariantCulture),
        ["machine"] = $"{Environment.ProcessorCount} processors, {RuntimeInformation.RuntimeIdentifier}, "
            + RuntimeInformation.FrameworkDescription,
        ["target"] = Plan.Target.ToString(),
        ["protocol"] = Plan.Protocol,
        ["loop"] = Plan.Rate > 0 ? "open" : "closed",
        ["rate"] = Plan.Rate,
        ["connections"] = Plan.Connections,
        ["streams"] = Plan.Streams,
        ["mix"] = new JsonObject(
            Plan.Mix.Parts.Select(part => KeyValuePair.Create(part.Rpc.Name, (JsonNode?)part.Weight))),
        ["top_k"] = Plan.Top,
        ["pool"] = Plan.Pool,
        ["rule"] = Plan.Rule,
        ["seed"] = Plan.Seed,
        ["rounds"] = Plan.Rounds,
        ["slice_seconds"] = Plan.SliceLength.TotalSeconds,
        ["swaps"] = Swaps,
        ["task_beside"] = Plan.Task,
        ["events_per_second"] = Feed is null ? 0 : Feed.Accepted / Feed.Seconds,
        ["clean"] = IsClean,
        ["ratios"] = new JsonArray([.. Ratios().Select(ratio => new JsonObject
        {
            ["of"] = ratio.Of,
            ["to"] = ratio.To,
            ["figure"] = ratio.Figure,
            ["value"] = ratio.Value,
        })]),
        ["slices"] = new JsonObject(Parts.Select(part => KeyValuePair.Create(part.Name, (JsonNode?)Json(part)))),
    };

    private static JsonObject Json(LoadPart part) => new()
    {
        ["succeeded"] = part.Recording.Succeeded,
        ["errors"] = new JsonObject(part.Recording.Errors.Select(
            error => KeyValuePair.Create(error.Key, (JsonNode?)error.Value))),
        ["unsent"] = part.Recording.Unsent,
        ["reply_bytes"] = part.Recording.Bytes,
        ["calls_per_second"] = Median(part.Rates),
        ["calls_per_second_by_round"] = new JsonArray([.. part.Rates.Select(rate => (JsonNode)rate)]),
        ["latency_us"] = Json(part.Recording.All()),
        ["late_start_us"] = Json(part.Recording.Late),
        ["latency_us_by_call"] = new JsonObject(part.Recording.Latencies.Select(
            call => KeyValuePair.Create(call.Key, (JsonNode?)Json(call.Value)))),
    };

    private static JsonObject Json(HistogramBase histogram)
    {
        var json = new JsonObject { ["count"] = histogram.TotalCount };
        foreach (var share in Shares)
        {
            json[string.Create(CultureInfo.InvariantCulture, $"p{share}")] = Micros(histogram, share);
        }

        json["max"] = Micros(histogram, 100);
        return json;
    }

    // Each kind of slice against the one before it. A rate says something in a closed loop only.
    private IEnumerable<(string Of, string To, string Figure, double Value)> Ratios()
    {
        foreach (var (part, than) in Parts.Skip(1).Zip(Parts))
        {
            if (Plan.Rate == 0)
            {
                // Neighbors in time are compared first: the machine drifts from round to round.
                var rounds = part.Rates.Zip(than.Rates, Ratio).ToList();
                yield return (part.Name, than.Name, "calls_per_second", Median(rounds));
            }

            foreach (var (figure, share) in ((string, double)[])[("p50", 50), ("p99", 99)])
            {
                yield return (part.Name, than.Name, figure,
                    Ratio(Micros(part.Recording.All(), share), Micros(than.Recording.All(), share)));
            }
        }
    }

    private static double Ratio(double of, double to) => to > 0 ? of / to : 0;

    private static double Micros(HistogramBase histogram, double share) =>
        histogram.TotalCount == 0 ? 0 : histogram.GetValueAtPercentile(share) / 1e3;

    private static double Median(List<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted.Length == 0 ? 0 : (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }

    private static string Failed(Recording calls)
    {
        string[] words =
        [
            .. calls.Errors.OrderByDescending(error => error.Value).Select(error => $"{error.Value} {error.Key}"),
            .. calls.Unsent > 0 ? (string[])[$"{calls.Unsent} not sent"] : [],
        ];
        return words.Length > 0 ? string.Join(", ", words) : "0";
    }

    private static string Number(double value) => value.ToString("N0", CultureInfo.InvariantCulture);

    private static string Line(params string[] cells) =>
        $"{cells[0],-14}{string.Concat(cells[1..^1].Select(cell => $"{cell,12}"))}  {cells[^1]}".TrimEnd();
}

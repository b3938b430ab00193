using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Engine.Protos.V1;
using Engine.Snapshots;
using Tests.Shared;

namespace EndToEnd.Tests.Operating;

/// <summary>The dashboard and the alert rules know the metrics that a running engine really has.</summary>
public sealed partial class MonitoringTests
{
    private static readonly string Folder = Path.Combine(TestData.Root, "engine", "Engine.Server", "Monitoring");

    [Fact]
    public async System.Threading.Tasks.Task Every_metric_of_dashboard_and_alerts_and_of_the_page_exists()
    {
        await using var engine = await RunningEngine.Start();
        await engine.Recommender.RecommendAsync(new RecommendRequest { UserId = "user-1é" });
        await new Engine.Protos.V1.Events.EventsClient(engine.Channel).PutAsync(
            new PutEventsRequest { Events = { new Event { UserId = "user-1é", ProductId = "unknown" } } });
        await File.WriteAllTextAsync(engine.Directory.FilePath("bad"), "no snapshot");
        engine.Directory.Activate("bad");
        GC.Collect();
        var text = await engine.Until("engine_snapshot_refusals_total{", "/metrics");
        var known = Sampled().Matches(text).Select(match => match.Groups["name"].Value).ToHashSet();

        var dashboard = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(Folder, "dashboard.json")))!;
        var drawn = dashboard["panels"]!.AsArray()
            .SelectMany(panel => panel!["targets"]!.AsArray())
            .SelectMany(target => Metric().Matches((string)target!["expr"]!))
            .Select(match => match.Value).Distinct().ToArray();
        Assert.True(drawn.Length >= 12);
        Assert.Empty(drawn.Except(known));

        var watched = File.ReadLines(Path.Combine(Folder, "alerts.yml")).SelectMany(line => Metric().Matches(line))
            .Select(match => match.Value).Distinct().ToArray();
        Assert.True(watched.Length >= 7);
        Assert.Empty(watched.Except(known));

        // The page has the names of the instruments, to which Prometheus adds the unit and _total.
        var page = File.ReadLines(Path.Combine(Folder, "..", "OPERATIONS.md"))
            .Select(line => Row().Match(line)).Where(match => match.Success)
            .Select(match => match.Groups["name"].Value).ToArray();
        Assert.Equal(known.Where(name => name.StartsWith("engine_", StringComparison.Ordinal)).Select(Base).Distinct()
            .Order(StringComparer.Ordinal), page.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async System.Threading.Tasks.Task Labels_hold_no_ids_and_no_reasons()
    {
        await using var engine = await RunningEngine.Start();
        await File.WriteAllTextAsync(engine.Directory.FilePath("bad"), "no snapshot");
        engine.Directory.Activate("bad");
        var text = await engine.Until("engine_snapshot_refusals_total{", "/metrics");
        var labels = text.Split('\n').Where(line => line.StartsWith("engine_", StringComparison.Ordinal))
            .SelectMany(line => Label().Matches(line)).Select(match => match.Groups["name"].Value).Distinct();
        Assert.Empty(labels.Except(["otel_scope_name", "method", "status", "workspace", "le", "stage"]));
    }

    [Fact]
    public async System.Threading.Tasks.Task A_workspace_without_anything_published_is_no_fault_and_a_rejected_one_is()
    {
        await using var engine = await RunningEngine.StartEmpty(configure: options =>
            new SnapshotDirectory(options.Snapshots, "shop").Publish(RandomSnapshot.Content(seed: 1)));
        var health = await engine.Until("\"SERVING\"", "/health");
        Assert.Contains("nothing is published", health, StringComparison.Ordinal);
        await engine.Until(Sample("engine_snapshot_active", "shop", 1), "/metrics");
        await engine.Until(Sample("engine_snapshot_refused", "default", 0), "/metrics");

        // Nothing of it was ever served.
        Directory.CreateDirectory(engine.Directory.Path);
        await File.WriteAllTextAsync(engine.Directory.FilePath("bad"), "no snapshot");
        engine.Directory.Activate("bad");
        await engine.Until("\"DEGRADED\"", "/health");
        var metrics = await engine.Until(Sample("engine_snapshot_refused", "default", 1), "/metrics");
        Assert.Contains(Sample("engine_snapshot_active", "default", 0), metrics, StringComparison.Ordinal);
    }

    [Fact]
    public async System.Threading.Tasks.Task An_engine_of_the_same_process_that_ends_takes_no_figure_of_another_with_it()
    {
        var other = await RunningEngine.Start();
        await using var engine = await RunningEngine.Start();
        await engine.Http.GetStringAsync("/metrics");
        await other.DisposeAsync();
        await engine.Recommender.RecommendAsync(new RecommendRequest { UserId = "user-1é" });
        await engine.Until("method=\"/engine.v1.Recommender/Recommend\"", "/metrics");
    }

    [PromtoolFact]
    public async System.Threading.Tasks.Task Prometheus_takes_the_alert_rules()
    {
        var run = await ProgramOutput.Of(
            PromtoolFactAttribute.Promtool, "check", "rules", Path.Combine(Folder, "alerts.yml"));
        Assert.True(run.ExitCode == 0, run.Error + run.Output);
        Assert.Contains("10 rules found", run.Output, StringComparison.Ordinal);
    }

    [PromtoolFact]
    public async System.Threading.Tasks.Task Alerts_fire_for_what_they_are_about_and_for_nothing_else()
    {
        var run = await ProgramOutput.Of(
            PromtoolFactAttribute.Promtool,
            "test",
            "rules",
            Path.Combine(TestData.Root, "tests", "EndToEnd.Tests", "Operating", "alerts.test.yml"));
        Assert.True(run.ExitCode == 0, run.Error + run.Output);
    }

    private static string Sample(string metric, string workspace, int value) =>
        $"{metric}{{otel_scope_name=\"Engine.Server\",workspace=\"{workspace}\"}} {value}";

    private static string Base(string name) => Suffix().Replace(name, "");

    [GeneratedRegex(@"^(?<name>[a-z_]+)(\{| )", RegexOptions.Multiline)]
    private static partial Regex Sampled();

    [GeneratedRegex(@"\b(engine|dotnet)_[a-z_]+")]
    private static partial Regex Metric();

    [GeneratedRegex(@"^\| `(?<name>engine_[a-z_]+)` \|")]
    private static partial Regex Row();

    [GeneratedRegex(@"[{,](?<name>[a-z_]+)=""")]
    private static partial Regex Label();

    [GeneratedRegex("(_total|_seconds_(bucket|sum|count))$")]
    private static partial Regex Suffix();
}

using System.Collections.Concurrent;
using System.Text;
using Engine.Protos.V1;
using Engine.Server.Configuration;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;

namespace EndToEnd.Tests.Operating;

/// <summary>Metrics and traces reach a collector by OTLP, and nothing is sent unless an endpoint is set.</summary>
public sealed class OtlpTests
{
    [Theory]
    [InlineData(100, "/v1/metrics", "/v1/traces")]
    [InlineData(0, "/v1/metrics")]
    public async System.Threading.Tasks.Task A_collector_receives_what_is_configured(int percent, params string[] paths)
    {
        var received = new ConcurrentDictionary<string, string>();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        await using var collector = builder.Build();
        collector.Run(async http =>
        {
            using var body = new MemoryStream();
            await http.Request.Body.CopyToAsync(body);
            received.AddOrUpdate(
                http.Request.Path, _ => Text(body), (_, before) => before + Text(body));
        });
        await collector.StartAsync();

        // What is collected is sent when the server ends, at the latest.
        await using (var engine = await RunningEngine.Start(configure: options =>
        {
            options.OtlpEndpoint = collector.Urls.First();
            options.OtlpProtocol = OtlpProtocol.Http;
            options.TracePercent = percent;
        }))
        {
            await engine.Recommender.RecommendAsync(new RecommendRequest { UserId = "user-1é" });
            await engine.Http.GetStringAsync("/livez");
        }

        Assert.Equal(paths, received.Keys.Order(StringComparer.Ordinal));
        Assert.Contains("engine_requests", received["/v1/metrics"], StringComparison.Ordinal);
        if (received.TryGetValue("/v1/traces", out var traces))
        {
            Assert.Contains("engine.v1.Recommender/Recommend", traces, StringComparison.Ordinal);
            Assert.DoesNotContain("livez", traces, StringComparison.Ordinal);
        }

        static string Text(MemoryStream body) => Encoding.Latin1.GetString(body.ToArray());
    }

    [Theory]
    [InlineData("localhost:4317")]
    [InlineData("ftp://localhost:4317")]
    public void Another_kind_of_endpoint_is_refused(string endpoint) =>
        Assert.Contains(
            "--otlp-endpoint",
            Assert.Throws<global::Engine.InputException>(
                new ServerOptions { Snapshots = "x", OtlpEndpoint = endpoint }.Validate).Message,
            StringComparison.Ordinal);
}

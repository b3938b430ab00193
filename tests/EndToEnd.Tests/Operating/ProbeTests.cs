using System.Net;
using Engine.Server.Tasks;
using Engine.Server.Workspaces;
using Grpc.Health.V1;
using Microsoft.Extensions.DependencyInjection;
using Status = Grpc.Health.V1.HealthCheckResponse.Types.ServingStatus;

namespace EndToEnd.Tests.Operating;

/// <summary>Live, started and ready are three questions; each service has its own health.</summary>
public sealed class ProbeTests
{
    private static readonly string[] Services =
        ["", "engine.v1.Recommender", "engine.v1.Snapshots", "engine.v1.Catalog", "engine.v1.Tasks", "engine.v1.Admin"];

    [Fact]
    public async System.Threading.Tasks.Task An_engine_without_a_snapshot_is_alive_and_started_and_not_ready()
    {
        await using var engine = await RunningEngine.StartEmpty();
        await engine.Until("no workspace has an active snapshot", "/readyz");
        Assert.Equal((HttpStatusCode.OK, "ok\n"), await Probe(engine, "/livez"));
        Assert.Equal((HttpStatusCode.OK, "ok\n"), await Probe(engine, "/startupz"));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await Probe(engine, "/readyz")).Status);
    }

    [Fact]
    public async System.Threading.Tasks.Task A_server_that_stops_is_alive_and_not_ready_and_no_service_serves()
    {
        await using var engine = await RunningEngine.Start();
        var health = engine.Parts.GetRequiredService<HealthBoard>();
        health.Publish();
        Assert.Equal((HttpStatusCode.OK, "ok\n"), await Probe(engine, "/readyz"));
        Assert.All(Services, service => Assert.Equal(Status.Serving, Of(engine, service)));
        health.Stop();
        Assert.Equal(
            (HttpStatusCode.ServiceUnavailable, "the server is stopping\n"), await Probe(engine, "/readyz"));
        Assert.Equal(HttpStatusCode.OK, (await Probe(engine, "/livez")).Status);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await Probe(engine, "/health")).Status);
        Assert.All(
            [.. Services, "workspace/default", "current/default"],
            service => Assert.Equal(Status.NotServing, Of(engine, service)));
    }

    [Fact]
    public async System.Threading.Tasks.Task Dead_workers_take_the_health_of_the_tasks_alone()
    {
        await using var engine = await RunningEngine.Start();
        await engine.Parts.GetRequiredService<TaskQueue>().StopAsync(default);
        engine.Parts.GetRequiredService<HealthBoard>().Publish();
        Assert.Equal(Status.NotServing, Of(engine, "engine.v1.Tasks"));
        Assert.Equal(Status.Serving, Of(engine, "engine.v1.Recommender"));
        Assert.Equal(HttpStatusCode.OK, (await Probe(engine, "/readyz")).Status);
        await engine.Until("task workers have ended", "/health");
    }

    private static Status Of(RunningEngine engine, string service) =>
        new Health.HealthClient(engine.Channel).Check(new HealthCheckRequest { Service = service }).Status;

    private static async Task<(HttpStatusCode Status, string Text)> Probe(RunningEngine engine, string path)
    {
        using var answer = await engine.Http.GetAsync(path);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }
}

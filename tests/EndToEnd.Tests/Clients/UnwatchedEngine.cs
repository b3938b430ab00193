using System.Net;
using Engine.Protos.V1;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Task = System.Threading.Tasks.Task;

namespace EndToEnd.Tests.Clients;

/// <summary>
/// What is in front of an engine and passes no health on: it has no such service, or refuses the watch. It recommends
/// three products to everybody.
/// </summary>
internal sealed class UnwatchedEngine : IAsyncDisposable
{
    private readonly WebApplication _app;
    private int _watches;
    private int _calls;

    private UnwatchedEngine(bool refuses)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.ConfigureKestrel(kestrel =>
            kestrel.Listen(IPAddress.Loopback, 0, port => port.Protocols = HttpProtocols.Http2));
        builder.Services.AddGrpc();
        builder.Services.AddSingleton(new Answers(() => Interlocked.Increment(ref _calls)));
        _app = builder.Build();
        _app.Use((http, next) =>
        {
            if (!http.Request.Path.StartsWithSegments("/grpc.health.v1.Health", StringComparison.Ordinal))
            {
                return next(http);
            }

            Interlocked.Increment(ref _watches);
            if (!refuses)
            {
                return next(http);
            }

            http.Response.StatusCode = StatusCodes.Status403Forbidden;
            return Task.CompletedTask;
        });
        _app.MapGrpcService<Answers>();
    }

    /// <summary>How often its health was to be watched.</summary>
    public int Watches => Volatile.Read(ref _watches);

    /// <summary>How often it recommended.</summary>
    public int Calls => Volatile.Read(ref _calls);

    /// <summary>HOST:PORT.</summary>
    public string Name => new Uri(_app.Urls.Single()).Authority;

    /// <summary>Starts one.</summary>
    /// <param name="refuses">Refuses the watch; else it has no health service.</param>
    public static async Task<UnwatchedEngine> Start(bool refuses)
    {
        var engine = new UnwatchedEngine(refuses);
        await engine._app.StartAsync();
        return engine;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private sealed class Answers(Action called) : Recommender.RecommenderBase
    {
        public override Task<RecommendReply> Recommend(RecommendRequest request, ServerCallContext context)
        {
            called();
            return Task.FromResult(new RecommendReply
            {
                Products =
                {
                    new ScoredProduct { ProductId = "P1" },
                    new ScoredProduct { ProductId = "P2" },
                    new ScoredProduct { ProductId = "P3" },
                },
            });
        }
    }
}

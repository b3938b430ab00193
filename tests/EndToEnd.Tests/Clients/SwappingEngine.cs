using System.Net;
using Engine.Protos.V1;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace EndToEnd.Tests.Clients;

/// <summary>
/// Takes a newer snapshot while its first answer to one user, from the one before, is on its way: that arrives when
/// another user has got a first answer, from the newer one, and asks again.
/// </summary>
internal sealed class SwappingEngine : IAsyncDisposable
{
    /// <summary>The user whose first answer is on its way.</summary>
    public const string Early = "user-0é";

    /// <summary>What it served at first.</summary>
    public const string Old = "20210801-n30-00000001";

    /// <summary>What it serves since.</summary>
    public const string New = "20210802-n30-00000002";

    private readonly WebApplication _app;

    private SwappingEngine()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.ConfigureKestrel(kestrel =>
            kestrel.Listen(IPAddress.Loopback, 0, port => port.Protocols = HttpProtocols.Http2));
        builder.Services.AddGrpc();
        builder.Services.AddSingleton(new Answers());
        _app = builder.Build();
        _app.MapGrpcService<Answers>();
    }

    /// <summary>Where it is.</summary>
    public string Address => _app.Urls.Single();

    /// <summary>Starts one.</summary>
    public static async Task<SwappingEngine> Start()
    {
        var engine = new SwappingEngine();
        await engine._app.StartAsync();
        return engine;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    private sealed class Answers : Recommender.RecommenderBase
    {
        private readonly TaskCompletionSource _isAsked = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _isNewer = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _early;
        private int _others;

        public override async Task<RecommendReply> Recommend(RecommendRequest request, ServerCallContext context)
        {
            if (request.UserId == Early && Interlocked.Increment(ref _early) == 1)
            {
                _isAsked.TrySetResult();
                await _isNewer.Task;
                return new RecommendReply { SnapshotId = Old };
            }

            await _isAsked.Task;
            if (request.UserId != Early && Interlocked.Increment(ref _others) == 2)
            {
                _isNewer.TrySetResult();
            }

            return new RecommendReply { SnapshotId = New };
        }
    }
}

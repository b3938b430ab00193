using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Engine.Cluster.Configuration;
using Engine.Snapshots;
using Engine.Snapshots.Files;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Engine.Cluster.Fleet;

/// <summary>
/// Gives the other nodes the snapshots of this one, chunk by chunk, on a port of its own: to whoever knows the secret
/// of the cluster, which is in its database.
/// </summary>
internal sealed class PeerServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly string _root;
    private readonly byte[] _secret;

    private PeerServer(ClusterSettings settings, string root, string secret)
    {
        (_root, _secret) = (root, Encoding.ASCII.GetBytes($"Bearer {secret}"));
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Listen(settings.Ip, settings.PeerPort);
        });
        builder.Services.AddRoutingCore();
        builder.Services.AddSingleton<IHostLifetime, NoSignals>();
        _app = builder.Build();
        _app.UseRouting();
        _app.MapGet("/snapshots/{workspace}/{id}/{chunk:int:min(0)}", (RequestDelegate)Give);
    }

    /// <summary>Opens the port.</summary>
    /// <exception cref="IOException">Another program has it.</exception>
    public static async Task<PeerServer> Start(ClusterSettings settings, string root, string secret)
    {
        var server = new PeerServer(settings, root, secret);
        try
        {
            await server._app.StartAsync();
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Where a chunk is given.</summary>
    public static string PathOf(string workspace, string id, int chunk) =>
        string.Create(CultureInfo.InvariantCulture, $"snapshots/{workspace}/{id}/{chunk}");

    /// <summary>Closes the port.</summary>
    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    private async Task Give(HttpContext http)
    {
        var key = Encoding.UTF8.GetBytes(http.Request.Headers.Authorization.ToString());
        http.Response.StatusCode = CryptographicOperations.FixedTimeEquals(key, _secret)
            ? StatusCodes.Status404NotFound
            : StatusCodes.Status401Unauthorized;
        using var file = http.Response.StatusCode == StatusCodes.Status404NotFound ? Open(http) : null;
        if (file is not null)
        {
            await Send(http, file);
        }
    }

    private Microsoft.Win32.SafeHandles.SafeFileHandle? Open(HttpContext http)
    {
        try
        {
            return PlainFile.Open(new SnapshotDirectory(_root, Value(http, "workspace")).FilePath(Value(http, "id")));
        }
        catch (Exception e) when (e is InputException or IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static string Value(HttpContext http, string name) => (string)http.Request.RouteValues[name]!;

    private static async Task Send(HttpContext http, Microsoft.Win32.SafeHandles.SafeFileHandle file)
    {
        var chunk = int.Parse(Value(http, "chunk"), CultureInfo.InvariantCulture);
        var buffer = ArrayPool<byte>.Shared.Rent(ChunkHashes.StandardChunk);
        try
        {
            var read = ChunkHashes.Read(
                file, (long)chunk * ChunkHashes.StandardChunk, buffer.AsSpan(0, ChunkHashes.StandardChunk));
            if (read > 0)
            {
                http.Response.StatusCode = StatusCodes.Status200OK;
                http.Response.ContentLength = read;
                await http.Response.Body.WriteAsync(buffer.AsMemory(0, read), http.RequestAborted);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    // Signals are the engine's.
    private sealed class NoSignals : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}

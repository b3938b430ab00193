using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography.X509Certificates;
using Engine.Server.Access;
using Engine.Server.Workspaces;
using Google.Api;
using Google.Protobuf;
using Grpc.Health.V1;

namespace Engine.Server.Warming;

/// <summary>
/// Calls the server over its own ports, once of each kind and protocol, between the first look at CURRENT and the
/// moment that it is ready: the code of routes, messages and JSON is compiled then, and no caller waits for it. What
/// fails here keeps nobody waiting: the log says so, and first calls take longer.
/// </summary>
internal sealed partial class FirstCalls(
    WorkspaceRegistry workspaces,
    HealthBoard health,
    OwnCalls own,
    OwnAddresses addresses,
    TimeProvider time,
    ILogger<FirstCalls> logger) : BackgroundService
{
    // The second time other paths are taken: buffers and connections are there already.
    private const int Rounds = 3;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private static readonly Google.Protobuf.Reflection.ServiceDescriptor Recommender = Protos.V1.Recommender.Descriptor;
    private static readonly string[] Pages = ["/health", "/readyz", "/livez", "/metrics"];
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes when the server is warm, or has given up.</summary>
    public Task Done => _done.Task;

    /// <summary>Own calls that got an answer, refusals included.</summary>
    public int Answered { get; private set; }

    /// <inheritdoc/>
    [SuppressMessage("Design", "CA1031", Justification = "A server that is not warm still serves.")]
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await Task.WhenAll(addresses.Bound, workspaces.FirstRead).WaitAsync(stoppingToken);
            using var limit = new CancellationTokenSource(Patience, time);
            using var both = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken, limit.Token);
            await Call(both.Token);
        }
        catch (Exception e) when (!stoppingToken.IsCancellationRequested)
        {
            LogCold(e.Message);
        }
        finally
        {
            own.End();
            foreach (var workspace in workspaces.All)
            {
                // A sample is of what callers ask.
                workspace.Recent.Clear();
            }

            health.Release();
            _done.TrySetResult();
        }
    }

    [SuppressMessage("Reliability", "CA2000", Justification = "The client is disposed after each round.")]
    private async Task Call(CancellationToken cancellation)
    {
        var requests = Requests();
        if (requests.Count == 0)
        {
            return;
        }

        var start = time.GetTimestamp();
        var (mark, key, certificate) = own.Begin();
        foreach (var address in addresses.All)
        {
            for (var round = 0; round < Rounds; round++)
            {
                // A connection of its own: opening one is a path, too.
                using var client = Client(address, mark, key, certificate);
                await Call(client, address, requests, cancellation);
            }
        }

        LogWarm(Answered, (long)time.GetElapsedTime(start).TotalMilliseconds);
    }

    private async Task Call(
        HttpClient client,
        OwnAddress address,
        List<(string Method, IMessage Request)> requests,
        CancellationToken cancellation)
    {
        if (address.TakesGrpc)
        {
            using var health = Grpc("/grpc.health.v1.Health/Check", new HealthCheckRequest());
            await Send(client, health, cancellation);
        }

        foreach (var page in address.TakesJson ? Pages : [])
        {
            using var get = new HttpRequestMessage(HttpMethod.Get, page);
            await Send(client, get, cancellation);
        }

        foreach (var (method, request) in requests)
        {
            if (address.TakesGrpc)
            {
                using var grpc = Grpc($"/{Recommender.FullName}/{method}", request);
                await Send(client, grpc, cancellation);
            }

            if (address.TakesJson)
            {
                using var json = Json(method, request);
                await Send(client, json, cancellation);
            }
        }
    }

    // One workspace is enough to compile the code; its own warm-up has touched the pages of each.
    private List<(string Method, IMessage Request)> Requests()
    {
        foreach (var workspace in workspaces.All)
        {
            if (workspace.ActiveId is not null)
            {
                using var lease = workspace.Acquire("");
                return [.. FirstRequests.Of(workspace.Name, lease.Model.Snapshot, workspace.Catalog)];
            }
        }

        return [];
    }

    private async Task Send(HttpClient client, HttpRequestMessage request, CancellationToken cancellation)
    {
        using var answer = await client.SendAsync(request, cancellation);
        Answered++;
    }

    [SuppressMessage("Reliability", "CA2000", Justification = "The client owns the handler.")]
    private static HttpClient Client(OwnAddress address, string mark, string key, X509Certificate2? certificate)
    {
        var handler = new SocketsHttpHandler
        {
            UseProxy = false,
            SslOptions =
            {
                ClientCertificates = certificate is null ? null : [certificate],
                RemoteCertificateValidationCallback = (_, found, _, _) => address.IsOwn(found),
            },
        };
        return new HttpClient(handler)
        {
            BaseAddress = address.Url,
            DefaultRequestHeaders = { { OwnCalls.Header, mark }, { "authorization", $"Bearer {key}" } },
        };
    }

    private static HttpRequestMessage Grpc(string path, IMessage request)
    {
        var message = request.ToByteArray();
        var body = new byte[message.Length + 5];
        System.Buffers.Binary.BinaryPrimitives.WriteInt32BigEndian(body.AsSpan(1), message.Length);
        message.CopyTo(body, 5);
        return new HttpRequestMessage(HttpMethod.Post, path)
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Headers = { { "te", "trailers" } },
            Content = new ByteArrayContent(body) { Headers = { ContentType = new("application/grpc") } },
        };
    }

    private static HttpRequestMessage Json(string method, IMessage request) =>
        new(
            HttpMethod.Post,
            Recommender.FindMethodByName(method).GetOptions().GetExtension(AnnotationsExtensions.Http).Post)
        {
            Version = HttpVersion.Version11,
            Content = new StringContent(
                JsonFormatter.Default.Format(request), new MediaTypeHeaderValue("application/json")),
        };

    [LoggerMessage(LogLevel.Debug, "warm after {Calls} own calls in {Milliseconds} ms")]
    private partial void LogWarm(int calls, long milliseconds);

    [LoggerMessage(
        LogLevel.Warning,
        "the engine could not call itself ({Reason}). It serves, and the first calls of each kind take longer")]
    private partial void LogCold(string reason);
}

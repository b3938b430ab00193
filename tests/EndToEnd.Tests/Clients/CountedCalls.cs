using System.Collections.Concurrent;

namespace EndToEnd.Tests.Clients;

/// <summary>Counts what a client sends: each attempt of each call, by the address that it went to.</summary>
internal sealed class CountedCalls
{
    private readonly ConcurrentDictionary<string, int> _sent = new();

    /// <summary>Attempts of calls to the Recommender by HOST:PORT.</summary>
    public IReadOnlyDictionary<string, int> Sent => _sent;

    /// <summary>All attempts.</summary>
    public int Total => _sent.Values.Sum();

    /// <summary>For EngineClientOptions.Around.</summary>
    public HttpMessageHandler Around(HttpMessageHandler connections) => new Counter(_sent, connections);

    private sealed class Counter(ConcurrentDictionary<string, int> sent, HttpMessageHandler connections)
        : DelegatingHandler(connections)
    {
        protected override Task<HttpResponseMessage> SendAsync(
            HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (request.RequestUri!.AbsolutePath.StartsWith("/engine.v1.Recommender/", StringComparison.Ordinal))
            {
                sent.AddOrUpdate(request.RequestUri.Authority, 1, (_, count) => count + 1);
            }

            return base.SendAsync(request, cancellationToken);
        }
    }
}

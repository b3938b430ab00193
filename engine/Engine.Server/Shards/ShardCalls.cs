using System.Collections.Concurrent;
using Engine.Snapshots;
using Engine.Snapshots.Manifest;
using Grpc.Core;
using Grpc.Net.Client;

namespace Engine.Server.Shards;

/// <summary>Calls to the owners of shards: one channel an engine, the next owner when one cannot answer.</summary>
/// <param name="owners">The owners; null for an engine that calls nobody.</param>
/// <param name="time">How long an owner that did not answer is asked last.</param>
internal sealed class ShardCalls(IBucketOwners? owners, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(2);

    // Until a lost owner is connected again. gRPC's own delay grows to two minutes, in which an owner that is back
    // counts as lost.
    private static readonly TimeSpan FirstReconnectDelay = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestReconnectDelay = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan PingDelay = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan PingTimeout = TimeSpan.FromSeconds(5);

    // An owner that could not answer is asked last for so long.
    private static readonly TimeSpan Avoided = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<Uri, GrpcChannel> _channels = new();
    private readonly ConcurrentDictionary<Uri, DateTimeOffset> _failed = new();

    /// <summary>Whether owners are known.</summary>
    public bool IsOn => owners is not null;

    /// <summary>Asks one owner of a shard, another one when it cannot answer.</summary>
    /// <param name="set">The set.</param>
    /// <param name="shard">The shard.</param>
    /// <param name="call">Asks an engine, about the snapshot of an id.</param>
    /// <exception cref="MissingBucketsException">No owner answers.</exception>
    /// <exception cref="RpcException">An owner refuses the request.</exception>
    public async Task<T> Ask<T>(ShardTerms set, int shard, Func<CallInvoker, string, Task<T>> call)
    {
        var (id, buckets) = (set.IdOf(shard), BucketRange.OfShard(shard, set.Shards));
        var reasons = new List<string>();
        foreach (var owner in Owners(buckets))
        {
            try
            {
                var answer = await Call(owner, invoker => call(invoker, id));
                _failed.TryRemove(owner, out _);
                return answer;
            }
            catch (RpcException e) when (IsAbsent(e, id))
            {
                _failed[owner] = time.GetUtcNow();
                reasons.Add($"{owner}: {e.Status.Detail}");
            }
        }

        throw new MissingBucketsException(
            $"buckets {buckets} are missing: no owner answers"
            + $"{(reasons.Count == 0 ? ", none is known" : $" ({string.Join("; ", reasons)})")}. "
            + "See whether the engines run and serve this snapshot",
            [buckets]);
    }

    /// <summary>Asks every owner of a shard.</summary>
    /// <exception cref="RpcException">One of them refuses the request.</exception>
    /// <exception cref="MissingBucketsException">There is none, or one of them does not answer.</exception>
    public async Task<IReadOnlyList<T>> AskOwners<T>(ShardTerms set, int shard, Func<CallInvoker, Task<T>> call)
    {
        var answers = await TryOwners(set, shard, call);
        foreach (var (owner, _, refusal) in answers)
        {
            if (refusal is not null)
            {
                var buckets = BucketRange.OfShard(shard, set.Shards);
                throw refusal.StatusCode == StatusCode.Unavailable
                    ? new MissingBucketsException(
                        $"buckets {buckets} are missing: {owner} does not answer ({refusal.Status.Detail}). Other "
                        + "engines may have done their part: repeat the call",
                        [buckets])
                    : refusal;
            }
        }

        return [.. answers.Select(one => one.Answer!)];
    }

    /// <summary>Asks every owner of a shard.</summary>
    /// <returns>Each owner, with its answer or what it refuses the request with; at least one.</returns>
    /// <exception cref="MissingBucketsException">There is none.</exception>
    public async Task<(Uri Owner, T? Answer, RpcException? Refusal)[]> TryOwners<T>(
        ShardTerms set, int shard, Func<CallInvoker, Task<T>> call)
    {
        var buckets = BucketRange.OfShard(shard, set.Shards);
        var answers = await Task.WhenAll(Owners(buckets).Select(Try));
        return answers.Length > 0
            ? answers
            : throw new MissingBucketsException($"buckets {buckets} are missing: no owner is known", [buckets]);

        async Task<(Uri, T?, RpcException?)> Try(Uri owner)
        {
            try
            {
                return (owner, await Call(owner, call), null);
            }
            catch (RpcException e)
            {
                return (owner, default, e);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var channel in _channels.Values)
        {
            channel.Dispose();
        }
    }

    private async Task<T> Call<T>(Uri owner, Func<CallInvoker, Task<T>> call)
    {
        try
        {
            return await call(Invoker(owner));
        }
        catch (RpcException e) when (e.StatusCode != StatusCode.Unavailable && OwnerFault.IsLost(e))
        {
            throw new RpcException(new Status(StatusCode.Unavailable, e.Status.Detail, e));
        }
    }

    // The engine is down, has no such snapshot yet, or cannot open it beside the one that it serves.
    private static bool IsAbsent(RpcException e, string id) => e.StatusCode == StatusCode.Unavailable
        || (e.StatusCode is StatusCode.NotFound or StatusCode.FailedPrecondition
            && e.Status.Detail.Contains(id, StringComparison.Ordinal));

    private IEnumerable<Uri> Owners(BucketRange buckets)
    {
        var now = time.GetUtcNow();
        return (owners?.Of(buckets) ?? []).OrderBy(
            owner => _failed.TryGetValue(owner, out var failed) && now - failed < Avoided ? 1 : 0);
    }

    private CallInvoker Invoker(Uri owner) => _channels.GetOrAdd(owner, address => GrpcChannel.ForAddress(
        address,
        new GrpcChannelOptions
        {
            DisposeHttpClient = true,
            MaxReceiveMessageSize = null,
            InitialReconnectBackoff = FirstReconnectDelay,
            MaxReconnectBackoff = LongestReconnectDelay,
            HttpHandler = new SocketsHttpHandler
            {
                EnableMultipleHttp2Connections = true,
                ConnectTimeout = ConnectTimeout,
                // An owner whose machine is lost, or that stands still, ends no connection.
                KeepAlivePingDelay = PingDelay,
                KeepAlivePingTimeout = PingTimeout,
                KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests,
                UseProxy = false,
            },
        })).CreateCallInvoker();
}

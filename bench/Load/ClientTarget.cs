using System.Collections.Concurrent;
using Engine.Client;
using Engine.Protos.V1;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Health.V1;

namespace Bench.Load;

/// <summary>
/// Several engines through one Engine.Client. An answer from an older snapshot than one that the same user had before
/// the call counts as failed. The snapshot that this client sees later is the newer one: swap in one direction.
/// </summary>
/// <param name="client">The engines.</param>
/// <param name="one">One of them, for what is not measured.</param>
internal sealed class ClientTarget(EngineClient client, GrpcTarget one) : ILoadTarget
{
    /// <summary>The status of a call whose answer is older than an earlier one.</summary>
    public const string Older = "older";

    private readonly ConcurrentDictionary<string, int> _snapshots = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, int> _seen = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public byte[] Encode(IMessage request) => one.Encode(request);

    /// <inheritdoc/>
    public async ValueTask<Outcome> Send(int lane, PreparedCall call)
    {
        try
        {
            if (call.Rpc == Rpc.Empty)
            {
                await new Health.HealthClient(client.Calls).CheckAsync(new HealthCheckRequest());
                return new(Outcome.Ok, 0);
            }

            var request = RecommendRequest.Parser.ParseFrom(call.Body);
            var before = _seen.GetValueOrDefault(request.UserId);
            var reply = await client.Recommender.RecommendAsync(request);
            var snapshot = NumberOf(reply.SnapshotId);
            _seen.AddOrUpdate(request.UserId, snapshot, (_, seen) => Math.Max(seen, snapshot));
            return new(snapshot < before ? Older : Outcome.Ok, reply.CalculateSize());
        }
        catch (RpcException e)
        {
            return new(e.StatusCode == StatusCode.DeadlineExceeded ? Outcome.TimedOut : e.StatusCode.ToString(), 0);
        }
    }

    /// <inheritdoc/>
    public Task<TReply> Ask<TReply>(Rpc rpc, IMessage request, CancellationToken stop)
        where TReply : IMessage<TReply>, new() => one.Ask<TReply>(rpc, request, stop);

    /// <inheritdoc/>
    public void Dispose()
    {
        client.Dispose();
        one.Dispose();
    }

    // 1 for the first.
    private int NumberOf(string snapshot)
    {
        if (_snapshots.TryGetValue(snapshot, out var number))
        {
            return number;
        }

        lock (_snapshots)
        {
            return _snapshots.GetOrAdd(snapshot, _ => _snapshots.Count + 1);
        }
    }
}

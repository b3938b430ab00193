using Engine.Protos.V1;
using Engine.Server.Contract;
using Engine.Snapshots;
using Grpc.Core;
using Task = System.Threading.Tasks.Task;

namespace Engine.Server.Shards;

/// <summary>
/// Events.Put over shards: every owner of a user's bucket writes the user's events. All of them check the rows first;
/// nothing is written unless all answer and accept the same rows, and nothing is acknowledged unless all have written.
/// </summary>
internal sealed class ScatteredEvents
{
    private readonly ShardSet _shards;
    private readonly PutEventsRequest _request;
    private readonly (int Shard, int[] Rows)[] _parts;

    private ScatteredEvents(ShardSet shards, PutEventsRequest request)
    {
        (_shards, _request) = (shards, request);
        _parts =
        [
            .. Enumerable.Range(0, request.Events.Count).GroupBy(row => shards.ShardOf(request.Events[row].UserId))
                .Select(rows => (rows.Key, rows.ToArray())),
        ];
    }

    /// <summary>Puts the events.</summary>
    /// <exception cref="MissingBucketsException">An owner does not answer, or the owners differ.</exception>
    /// <exception cref="RpcException">An owner refuses the call.</exception>
    public static async Task<PutEventsReply> Put(ShardSet shards, PutEventsRequest request, CallClock clock)
    {
        EventsCall.CheckBatch(request);
        var call = new ScatteredEvents(shards, request);
        var reply = await call.Ask(validateOnly: true, "Nothing was written: repeat the call");
        if (!request.ValidateOnly)
        {
            reply = await call.Ask(
                validateOnly: false,
                request.BatchId.Length > 0
                    ? "Other engines may have written their rows: repeat the call, which writes no row twice"
                    : "Other engines may have written their rows. Give a batch_id: a repeated call then writes no row "
                        + "twice");
        }

        reply.ServerMicros = clock.Micros;
        return reply;
    }

    private async Task<PutEventsReply> Ask(bool validateOnly, string next)
    {
        var parts = await Task.WhenAll(_parts.Select(part => AskOwners(part.Shard, part.Rows, validateOnly, next)));
        var merged = new PutEventsReply
        {
            AcceptedCount = parts.Sum(part => part.AcceptedCount),
            HeldCount = parts.Sum(part => part.HeldCount),
            Repeated = parts.All(part => part.Repeated),
            EventsVersion = ShardVersions.Of(parts.Select(part => part.EventsVersion)),
        };
        merged.Refused.AddRange(parts.SelectMany(part => part.Refused).OrderBy(refused => refused.Row));
        return merged;
    }

    private async Task<PutEventsReply> AskOwners(int shard, int[] rows, bool validateOnly, string next)
    {
        var request = new PutEventsRequest
        {
            Workspace = _request.Workspace,
            BatchId = _request.BatchId,
            ValidateOnly = validateOnly,
        };
        request.Events.AddRange(rows.Select(row => _request.Events[row]));
        var owners = await _shards.TryOwners(shard, (owner, options) =>
            new Protos.V1.Events.EventsClient(owner).PutAsync(request, options).ResponseAsync);
        foreach (var (owner, _, refusal) in owners)
        {
            if (refusal is not null)
            {
                throw refusal.StatusCode == StatusCode.Unavailable
                    ? Missing(shard, $"{owner} does not answer ({refusal.Status.Detail}). {next}")
                    : refusal;
            }
        }

        var (first, reply) = (owners[0].Owner, owners[0].Answer!);
        foreach (var (other, answer, _) in owners.Skip(1))
        {
            if (Differing(reply, answer!) is { } refused)
            {
                throw Missing(
                    shard,
                    $"one of {first} and {other} refuses {Placed(refused, rows).Field}, and the other does not: "
                    + $"{refused.Reason}. {next}. If that fails again, leave the row out");
            }
        }

        var merged = new PutEventsReply
        {
            AcceptedCount = owners.Min(one => one.Answer!.AcceptedCount),
            HeldCount = owners.Min(one => one.Answer!.HeldCount),
            Repeated = owners.All(one => one.Answer!.Repeated),
            EventsVersion = ShardVersions.Of(owners.Select(one => one.Answer!.EventsVersion)),
        };
        merged.Refused.AddRange(reply.Refused.Select(refused => Placed(refused, rows)));
        return merged;
    }

    // By their rows alone: owners may give a reason in other words.
    private static RefusedEvent? Differing(PutEventsReply one, PutEventsReply other) =>
        one.Refused.ExceptBy(other.Refused.Select(refused => refused.Row), refused => refused.Row)
            .Concat(other.Refused.ExceptBy(one.Refused.Select(refused => refused.Row), refused => refused.Row))
            .FirstOrDefault();

    // Where it is in the caller's request.
    private static RefusedEvent Placed(RefusedEvent refused, int[] rows) => new()
    {
        Row = rows[refused.Row],
        Field = refused.Field.Replace($"[{refused.Row}]", $"[{rows[refused.Row]}]", StringComparison.Ordinal),
        Reason = refused.Reason,
    };

    private MissingBucketsException Missing(int shard, string reason) =>
        new($"buckets {_shards.BucketsOf(shard)} are missing: {reason}", [_shards.BucketsOf(shard)]);
}

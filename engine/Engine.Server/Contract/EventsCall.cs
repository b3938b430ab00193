using System.Globalization;
using System.Text;
using Engine.Scoring.Events;
using Engine.Server.Errors;
using Engine.Server.Events;
using Engine.Snapshots;
using Engine.Snapshots.Forgetting;
using Engine.Snapshots.Format;
using Engine.Snapshots.Ids;
using Proto = Engine.Protos.V1;

namespace Engine.Server.Contract;

/// <summary>Events.Put: its rows, checked one by one against a snapshot.</summary>
internal sealed class EventsCall
{
    private const int MaximumRows = 10_000;
    private const int LightRows = 50;
    private const string Times = "yyyy-MM-ddTHH:mm:ss, with at most three digits of a second and without a zone";

    // No clock on earth is further ahead.
    private static readonly TimeSpan Ahead = TimeSpan.FromHours(14);

    private static readonly string[] Formats =
    [
        "yyyy-MM-ddTHH:mm:ss", "yyyy-MM-ddTHH:mm:ss.f", "yyyy-MM-ddTHH:mm:ss.ff", "yyyy-MM-ddTHH:mm:ss.fff",
    ];

    private readonly Dictionary<string, int> _ofUser = new(StringComparer.Ordinal);
    private readonly Snapshot _snapshot;
    private readonly EventStore _store;
    private readonly ForgottenUsers _forgotten;
    private readonly DateTime _latest;
    private readonly long _held;
    private readonly int _rows;
    private readonly List<Proto.RefusedEvent> _malformed = [];

    private EventsCall(Snapshot snapshot, EventStore store, ForgottenUsers forgotten, DateTimeOffset now, int rows)
    {
        (_snapshot, _store, _forgotten) = (snapshot, store, forgotten);
        _latest = now.UtcDateTime + Ahead;
        _held = EventTime.Of(snapshot.Manifest.Scope.LastTime);
        _rows = rows;
    }

    /// <summary>Rows of the batch to append.</summary>
    public required EventBatch Batch { get; init; }

    /// <summary>The reply, without what becomes of the batch.</summary>
    public Proto.PutEventsReply Reply { get; } = new();

    /// <summary>Whether it is a matter of microseconds.</summary>
    public static bool IsLight(Proto.PutEventsRequest request) => request.Events.Count <= LightRows;

    /// <summary>Checks a request as a whole.</summary>
    /// <exception cref="FieldException">It has too many rows or none, or its id is too long.</exception>
    public static void CheckBatch(Proto.PutEventsRequest request)
    {
        if (request.Events.Count is < 1 or > MaximumRows)
        {
            throw new FieldException(
                "events",
                $"found {request.Events.Count:N0} events; expected 1 to {MaximumRows:N0}. Send several batches");
        }

        if (Encoding.UTF8.GetByteCount(request.BatchId) > EventBatch.MaximumId)
        {
            throw new FieldException(
                "batch_id",
                $"found a batch_id of {Encoding.UTF8.GetByteCount(request.BatchId)} bytes; "
                + $"expected at most {EventBatch.MaximumId}");
        }
    }

    /// <summary>Checks the rows of a request.</summary>
    /// <param name="snapshot">The active one, whose products are known.</param>
    /// <param name="store">Where the rows go.</param>
    /// <param name="forgotten">Who must stay unknown.</param>
    /// <param name="erasures">Of the store, before <paramref name="forgotten"/> was looked at.</param>
    /// <param name="request">The request.</param>
    /// <param name="now">UTC.</param>
    /// <exception cref="FieldException">The batch as a whole is wrong.</exception>
    public static EventsCall Check(
        Snapshot snapshot,
        EventStore store,
        ForgottenUsers forgotten,
        int erasures,
        Proto.PutEventsRequest request,
        DateTimeOffset now)
    {
        CheckBatch(request);
        var batch = new EventBatch(
            request.BatchId, request.BatchId.Length == 0 ? 0 : DigestOf(request), request.Events.Count)
        {
            Erasures = erasures,
        };
        var call = new EventsCall(snapshot, store, forgotten, now, request.Events.Count) { Batch = batch };
        for (var row = 0; row < request.Events.Count; row++)
        {
            var one = request.Events[row];
            var malformed = Malformed(one, out var time);
            if ((malformed ?? call.Unwelcome(one, time)) is var (field, reason))
            {
                var refused = new Proto.RefusedEvent
                {
                    Row = row,
                    Field = $"events[{row}].{field}",
                    Reason = reason,
                };
                call.Reply.Refused.Add(refused);
                if (malformed is not null)
                {
                    call._malformed.Add(refused);
                }

                continue;
            }

            var milliseconds = EventTime.Of(time);
            call.Reply.HeldCount += milliseconds <= call._held ? 1 : 0;
            batch.Add(
                one.UserId, one.ProductId, (EventType)one.Type, RequestFields.OrDefault(one.Count, 1), milliseconds);
        }

        if (store.Earlier(batch.Id, batch.Digest) is { } earlier)
        {
            call.Tell(earlier);
        }

        return call;
    }

    /// <summary>
    /// What became of the batch, now or in an earlier call. Then the rows were refused that are malformed, whatever the
    /// time, and those that are refused now only if they are as many: since then users have got more events, and the
    /// snapshot other products.
    /// </summary>
    public void Tell(AcceptedBatch accepted)
    {
        (Reply.AcceptedCount, Reply.EventsVersion, Reply.Repeated) =
            (accepted.Accepted, accepted.Version, accepted.IsRepeated);
        if (accepted.IsRepeated && Reply.Refused.Count != _rows - accepted.Accepted)
        {
            Reply.Refused.Clear();
            Reply.Refused.AddRange(_malformed);
        }
    }

    // The same at any time.
    private static (string Field, string Reason)? Malformed(Proto.Event one, out DateTime time)
    {
        time = default;
        if (IdProblem("user_id", one.UserId) is { } userProblem)
        {
            return ("user_id", userProblem);
        }

        if (IdProblem("product_id", one.ProductId) is { } productProblem)
        {
            return ("product_id", productProblem);
        }

        if (one.Type is < Proto.EventType.View or > Proto.EventType.Refund)
        {
            return ("type", $"found type = {(int)one.Type}, expected 1..5 (view, favorite, cart, purchase, refund)");
        }

        if (!DateTime.TryParseExact(
            one.Time, Formats, CultureInfo.InvariantCulture, DateTimeStyles.None, out time)
            || time < DateTime.UnixEpoch)
        {
            return ("time", $"found time = '{Short(one.Time)}', expected {Times}, from 1970 on");
        }

        return one.Count is < 0 or > UserEvents.MaximumCount
            ? ("count", $"found count = {one.Count}, expected 0..{UserEvents.MaximumCount} (0 means 1)")
            : null;
    }

    // With this snapshot and these events at this time.
    private (string Field, string Reason)? Unwelcome(Proto.Event one, DateTime time)
    {
        if (_snapshot.ProductIds.Find(one.ProductId) < 0 && !(_snapshot.OutOfScope?.FindProduct(one.ProductId) >= 0))
        {
            return ("product_id", $"found product_id = '{Short(one.ProductId)}', expected a product of snapshot "
                + $"{_snapshot.SetId}. New products are known after the next training");
        }

        if (time > _latest)
        {
            return ("time", $"found time = '{one.Time}', which is in the future; expected at most "
                + $"{_latest:yyyy-MM-ddTHH:mm:ss}, 14 hours ahead of UTC");
        }

        return UserProblem(one.UserId) is { } problem ? ("user_id", problem) : null;
    }

    private string? UserProblem(string user)
    {
        // Rows of one user are counted where all of them might not have room.
        var mine = 1;
        if (!_store.HasRoom(user, _rows))
        {
            mine = _ofUser.GetValueOrDefault(user) + 1;
            _ofUser[user] = mine;
        }

        return _forgotten.Contains(user) ? "the person was forgotten and must stay unknown"
            : !_snapshot.Owns(user)
                ? $"the user is in bucket {UserBuckets.Of(user)}, and this engine serves the buckets "
                    + $"{_snapshot.Shard!.Buckets}. Send the event to the owners of the bucket"
            : !_store.HasRoom(user, mine)
                ? $"the user has {UserEvents.MaximumOfUser} events since the training; expected fewer. "
                    + "They take part after the next training"
                : null;
    }

    private static string? IdProblem(string field, string id) =>
        id.Length == 0 ? $"{field} is missing"
        : id.Length > ushort.MaxValue / 3 && Encoding.UTF8.GetByteCount(id) > ushort.MaxValue
            ? $"found a {field} of {Encoding.UTF8.GetByteCount(id)} bytes, expected at most {ushort.MaxValue}"
        : null;

    private static string Short(string text) => text.Length > 100 ? text[..100] + "..." : text;

    // Of everything that was sent: what is refused now may be accepted later, with another snapshot.
    private static uint DigestOf(Proto.PutEventsRequest request)
    {
        var digest = 0u;
        foreach (var one in request.Events)
        {
            var text = $"{one.UserId}\0{one.ProductId}\0{(int)one.Type}\0{one.Time}\0{one.Count}\0";
            digest = Crc32C.Append(digest, Encoding.UTF8.GetBytes(text));
        }

        return digest;
    }
}

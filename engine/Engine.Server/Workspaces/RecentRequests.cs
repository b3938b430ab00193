using Engine.Snapshots.Forgetting;
using Google.Protobuf;

namespace Engine.Server.Workspaces;

/// <summary>
/// A sample of the requests that a workspace answered last, in memory alone: they are asked again on a new snapshot
/// before it is served. One call in <see cref="Every"/> is copied; the others cost one addition and no allocation. At
/// most <see cref="Capacity"/> requests of <see cref="MostBytes"/> bytes are kept: 1 MiB.
/// </summary>
/// <param name="forgotten">Who must stay unknown, at any time.</param>
internal sealed class RecentRequests(Func<ForgottenUsers> forgotten)
{
    /// <summary>One in so many calls is kept.</summary>
    public const int Every = 64;

    /// <summary>Requests that are kept; the oldest goes first.</summary>
    public const int Capacity = 64;

    /// <summary>The wire bytes of a request; larger ones are not kept.</summary>
    public const int MostBytes = 16 << 10;

    private readonly IMessage?[] _ring = new IMessage?[Capacity];
    private readonly Lock _lock = new();
    private int _calls;
    private int _next;

    /// <summary>Copies, oldest first. Nobody changes them.</summary>
    public IReadOnlyList<IMessage> All
    {
        get
        {
            lock (_lock)
            {
                return
                [
                    .. Enumerable.Range(_next, Capacity).Select(place => _ring[place % Capacity]).OfType<IMessage>(),
                ];
            }
        }
    }

    /// <summary>A light request was answered from the served snapshot.</summary>
    /// <param name="request">Copied, or not looked at.</param>
    /// <param name="snapshotId">The snapshot that it named; what names one is not kept.</param>
    public void Offer(IMessage request, string snapshotId)
    {
        // Threads may count the same number: a sample need not be exact.
        var call = _calls;
        _calls = call + 1;
        if (call % Every == 0 && snapshotId.Length == 0)
        {
            Keep(request);
        }
    }

    /// <summary>Forgets all: somebody was forgotten, and a request may name the person.</summary>
    public void Clear()
    {
        lock (_lock)
        {
            Array.Clear(_ring);
            _calls = 0;
        }
    }

    private void Keep(IMessage request)
    {
        if (request.CalculateSize() > MostBytes)
        {
            return;
        }

        var copy = request.Descriptor.Parser.ParseFrom(request.ToByteArray());
        lock (_lock)
        {
            // Whoever forgets a person changes the list first and clears then: a copy that does not see the new list is
            // there before the ring is cleared.
            if (!UsersOf(copy).Any(user => forgotten().Contains(user)))
            {
                _ring[_next] = copy;
                _next = (_next + 1) % Capacity;
            }
        }
    }

    private static IEnumerable<string> UsersOf(IMessage request) =>
        request.Descriptor.Fields.InDeclarationOrder()
            .Where(field => field.Name is "user_id" or "user_ids")
            .SelectMany(field => field.Accessor.GetValue(request) switch
            {
                string user => [user],
                IEnumerable<string> users => users,
                _ => [],
            });
}

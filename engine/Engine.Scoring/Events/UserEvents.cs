using System.Buffers;
using System.Text;

namespace Engine.Scoring.Events;

/// <summary>
/// What users did since the training, in memory: by user, in the order of acceptance. It does not depend on a snapshot;
/// each snapshot looks at the events that are later than its own data. One writer; readers never wait and allocate
/// nothing. A version is the number of events that were ever accepted: an answer that names it can be asked again.
/// </summary>
public sealed class UserEvents
{
    /// <summary>The most events of one user: a question folds all of them.</summary>
    public const int MaximumOfUser = 4_096;

    /// <summary>The largest count of one event, as the trainer keeps it.</summary>
    public const int MaximumCount = 16_383;

    private readonly EventIds _users = new();
    private readonly EventIds _products = new();
    private readonly ChunkList<UserEntry> _entries = new();
    private readonly ChunkList<StoredEvent> _events = new();
    private readonly long _first;
    private long _next;
    private long _version;

    /// <param name="first">The version before the first event that is added.</param>
    public UserEvents(long first = 0) => _first = _next = _version = first;

    /// <summary>How many events were ever accepted.</summary>
    public long Version => Volatile.Read(ref _version);

    /// <summary>Events in memory, for the writer.</summary>
    public int Count => _events.Count;

    /// <summary>Bytes in memory.</summary>
    public long Bytes => _users.Bytes + _products.Bytes + (8 * _entries.Capacity) + (20 * _events.Capacity);

    /// <summary>Adds an event; <see cref="Publish"/> shows it. Only the writer calls it.</summary>
    /// <param name="user">UTF-8, 1..65,535 bytes.</param>
    /// <param name="product">UTF-8, 1..65,535 bytes.</param>
    /// <param name="type">What it is.</param>
    /// <param name="time">Milliseconds since 1970-01-01 of the dataset's clock, 0 .. 2106.</param>
    /// <param name="count">1..<see cref="MaximumCount"/>.</param>
    public void Add(ReadOnlySpan<byte> user, ReadOnlySpan<byte> product, EventType type, long time, int count)
    {
        var number = _users.Find(user);
        if (number < 0)
        {
            // Its entry exists before a reader can find it.
            _entries.Add(new UserEntry { Last = -1 });
            number = _users.Add(user);
        }

        ref var entry = ref _entries[number];
        var index = _events.Add(new StoredEvent(
            entry.Last, (uint)(_next++ - _first), _products.Add(product), type, time, (ushort)count));
        entry.Count++;
        Volatile.Write(ref entry.Last, index);
    }

    /// <summary>Counts an event that is not kept: the snapshot holds it, or its user was forgotten.</summary>
    public void Pass() => _next++;

    /// <summary>Counts all events before a version that are not kept.</summary>
    public void MoveTo(long version) => _next = version;

    /// <summary>Shows what was added, as one step.</summary>
    public void Publish() => Volatile.Write(ref _version, _next);

    /// <summary>Events in memory of one user.</summary>
    public int CountOf(ReadOnlySpan<char> user) => Find(user) is >= 0 and var number ? _entries[number].Count : 0;

    /// <summary>
    /// Forgets users: their events belong to nobody, their ids are overwritten. Only the writer calls it.
    /// </summary>
    public void Erase(UserTest isErased)
    {
        for (var number = 0; number < _users.Count; number++)
        {
            if (isErased(_users.Utf8(number)))
            {
                Volatile.Write(ref _entries[number].Last, -1);
                _entries[number].Count = 0;
                _users.Erase(number);
            }
        }
    }

    /// <summary>The number of a user, or -1. No allocation up to 341 characters.</summary>
    internal int Find(ReadOnlySpan<char> user)
    {
        const int StackBytes = 1024;
        var length = Encoding.UTF8.GetMaxByteCount(user.Length);
        byte[]? rented = null;
        var buffer = length <= StackBytes ? stackalloc byte[StackBytes] : rented = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            return Find(buffer[..Encoding.UTF8.GetBytes(user, buffer)]);
        }
        finally
        {
            if (rented is not null)
            {
                ArrayPool<byte>.Shared.Return(rented);
            }
        }
    }

    /// <summary>The number of a user, or -1.</summary>
    internal int Find(ReadOnlySpan<byte> user) => _users.Find(user);

    /// <summary>The id of a user, UTF-8.</summary>
    internal ReadOnlySpan<byte> User(int number) => _users.Utf8(number);

    /// <summary>The index of a user's last event, or -1.</summary>
    internal int LastOf(int number) => Volatile.Read(ref _entries[number].Last);

    /// <summary>An event.</summary>
    internal ref readonly StoredEvent At(int index) => ref _events[index];

    /// <summary>Whether a version had an event already.</summary>
    internal bool Has(in StoredEvent one, long version) => _first + one.Sequence < version;

    /// <summary>The id of a product, UTF-8.</summary>
    internal ReadOnlySpan<byte> Product(int number) => _products.Utf8(number);

    private struct UserEntry
    {
        public int Last;
        public int Count;
    }
}

/// <summary>Whether a user is one of some.</summary>
/// <param name="id">UTF-8.</param>
public delegate bool UserTest(ReadOnlySpan<byte> id);

using Engine.Scoring.Ids;
using Engine.Scoring.Sets;
using Engine.Snapshots;
using Engine.Snapshots.Ids;

namespace Engine.Scoring.Audiences;

/// <summary>
/// The ids of an audience met with one snapshot: who is in scope, and who is not. Memory: one bit a user of the
/// snapshot, and the ids that the snapshot does not know, which must be told apart to be counted once.
/// </summary>
public sealed class AudienceMembers
{
    private readonly Bitset _users = new();
    private readonly HashSet<string> _unknown = new(StringComparer.Ordinal);
    private readonly Snapshot _snapshot;

    private AudienceMembers(Snapshot snapshot)
    {
        _snapshot = snapshot;
        _users.Clear(snapshot.Manifest.UserCount);
    }

    /// <summary>Distinct ids as declared, in scope or not: the size that tasks are judged by.</summary>
    public long DeclaredCount => (long)InScopeCount + _unknown.Count;

    /// <summary>Users of the snapshot.</summary>
    public int InScopeCount { get; private set; }

    /// <summary>Distinct ids that are no users of the snapshot, in the order of the audience.</summary>
    public IReadOnlyCollection<string> OutOfScope => _unknown;

    /// <summary>Ids that were given again.</summary>
    public long DuplicateCount { get; private set; }

    internal Bitset Users => _users;

    /// <summary>Every user of the snapshot.</summary>
    public static AudienceMembers All(Snapshot snapshot)
    {
        var members = new AudienceMembers(snapshot);
        members._users.Fill(snapshot.Manifest.UserCount);
        members.InScopeCount = snapshot.Manifest.UserCount;
        foreach (var forgotten in snapshot.HiddenUsers.All())
        {
            members.InScopeCount -= members._users.Remove(forgotten) ? 1 : 0;
        }

        return members;
    }

    /// <summary>The users of these ids; on a shard, those of its buckets.</summary>
    /// <exception cref="OperationCanceledException">It was canceled.</exception>
    public static AudienceMembers Of(
        Snapshot snapshot, IEnumerable<string> ids, CancellationToken cancellation = default)
    {
        var members = new AudienceMembers(snapshot);
        foreach (var id in ids)
        {
            cancellation.ThrowIfCancellationRequested();
            var user = snapshot.UserIds.Find(id);
            if (user < 0 && !snapshot.Owns(id))
            {
                continue;
            }

            var isNew = user >= 0 ? members._users.Add(user) : members._unknown.Add(id);
            members.InScopeCount += isNew && user >= 0 ? 1 : 0;
            members.DuplicateCount += isNew ? 0 : 1;
        }

        return members;
    }

    /// <summary>These users of the snapshot, and others who are not in it.</summary>
    public static AudienceMembers Of(
        Snapshot snapshot, IEnumerable<UserOrdinal> users, IEnumerable<string>? outOfScope = null)
    {
        var members = new AudienceMembers(snapshot);
        foreach (var user in users.Where(user => !snapshot.HiddenUsers.Contains(user.Value)))
        {
            members.InScopeCount += members._users.Add(user.Value) ? 1 : 0;
        }

        members._unknown.UnionWith(outOfScope ?? []);

        return members;
    }

    /// <summary>The users in scope by ascending ordinal.</summary>
    public UserOrdinal[] Ordinals()
    {
        var ordinals = new UserOrdinal[InScopeCount];
        var at = 0;
        for (var user = 0; user < _snapshot.Manifest.UserCount; user++)
        {
            if (_users[user])
            {
                ordinals[at++] = new UserOrdinal(user);
            }
        }

        return ordinals;
    }

    /// <summary>Says each id that is out of scope.</summary>
    internal void Report(SkippedIds skipped)
    {
        foreach (var id in _unknown)
        {
            skipped.Add(id, SkipReason.UnknownUser);
        }
    }
}

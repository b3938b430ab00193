using System.Collections.Concurrent;
using System.Diagnostics;

namespace Engine.Client.Calls;

/// <summary>
/// The latest snapshot that the client has seen in each workspace. A snapshot is older when the day that its id begins
/// with is earlier; among snapshots of one day, when another one has taken its place since the client saw it.
/// </summary>
internal sealed class SeenSnapshots
{
    private const int DayLength = 8;
    private readonly ConcurrentDictionary<string, Seen> _latest = new(StringComparer.Ordinal);

    /// <summary>Whether an answer from a snapshot may be given to the caller; it is the latest then.</summary>
    public bool Accept(string workspace, string id)
    {
        if (id.Length < DayLength)
        {
            return true;
        }

        while (true)
        {
            if (!_latest.TryGetValue(workspace, out var seen))
            {
                if (_latest.TryAdd(workspace, Seen.Of(id)))
                {
                    return true;
                }
            }
            else if (seen.Id == id)
            {
                return true;
            }
            else if (seen.IsNewerThan(id))
            {
                return false;
            }
            else if (_latest.TryUpdate(workspace, seen.Then(id), seen))
            {
                return true;
            }
        }
    }

    /// <summary>Follows a rollback: a snapshot is the latest, whatever was seen before.</summary>
    public void Follow(string workspace, string id) => _latest[workspace] = Seen.Of(id);

    /// <summary>
    /// Whether the latest snapshot was seen before a call was sent: an answer that was on its way meanwhile says
    /// nothing about its engine.
    /// </summary>
    /// <param name="workspace">The workspace.</param>
    /// <param name="sent">Of <see cref="Stopwatch.GetTimestamp"/>.</param>
    public bool IsSeenBefore(string workspace, long sent) =>
        _latest.TryGetValue(workspace, out var seen) && seen.Since <= sent;

    // Replaced: those of the same day. Since: when it was seen first.
    private sealed record Seen(string Id, string[] Replaced, long Since)
    {
        public static Seen Of(string id, params string[] replaced) => new(id, replaced, Stopwatch.GetTimestamp());

        public bool IsNewerThan(string id) => Compare(id, Id) < 0 || Replaced.Contains(id);

        public Seen Then(string id) => Of(id, Compare(id, Id) == 0 ? [.. Replaced, Id] : []);

        private static int Compare(string id, string other) =>
            id.AsSpan(0, DayLength).CompareTo(other.AsSpan(0, DayLength), StringComparison.Ordinal);
    }
}

namespace Engine.Server.Results;

/// <summary>
/// The users with the highest scores, ties in the order in which they come. Memory: one entry a kept user.
/// </summary>
/// <param name="most">Kept at most, 1 or more.</param>
internal sealed class BestUsers(int most)
{
    // The worst of those kept is first: the lowest score, of equal ones the one that came last.
    private readonly PriorityQueue<string, (float Score, long Place)> _kept = new(
        Comparer<(float Score, long Place)>.Create(
            (a, b) => a.Score != b.Score ? a.Score.CompareTo(b.Score) : b.Place.CompareTo(a.Place)));

    private long _place;

    /// <summary>Adds a user. The id is made only when the user is kept for now.</summary>
    public void Add(float score, Func<string> id)
    {
        _place++;
        if (_kept.Count < most)
        {
            _kept.Enqueue(id(), (score, _place));
        }
        else if (_kept.TryPeek(out _, out var worst) && score > worst.Score)
        {
            _kept.DequeueEnqueue(id(), (score, _place));
        }
    }

    /// <summary>The kept users, best first.</summary>
    public IEnumerable<string> Users() =>
        _kept.UnorderedItems.OrderByDescending(user => user.Priority.Score).ThenBy(user => user.Priority.Place)
            .Select(user => user.Element);
}

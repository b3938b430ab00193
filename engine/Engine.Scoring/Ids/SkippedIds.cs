namespace Engine.Scoring.Ids;

/// <summary>Why an id of a request took no part.</summary>
public enum SkipReason
{
    /// <summary>The product is not in the snapshot.</summary>
    UnknownProduct,

    /// <summary>The user is not in the snapshot.</summary>
    UnknownUser,

    /// <summary>The id was there before in the same list.</summary>
    Duplicate,

    /// <summary>The product is blocked.</summary>
    Blocked,
}

/// <summary>An id of a request that took no part.</summary>
public readonly record struct SkippedId(string Id, SkipReason Reason);

/// <summary>The ids of one request that took no part: all counted, the first 100 kept.</summary>
public sealed class SkippedIds
{
    /// <summary>As many are kept.</summary>
    public const int MaximumKept = 100;

    private readonly List<SkippedId> _kept = new(MaximumKept);

    /// <summary>The first of them.</summary>
    public IReadOnlyList<SkippedId> Kept => _kept;

    /// <summary>All of them.</summary>
    public long Count { get; private set; }

    internal void Add(string id, SkipReason reason)
    {
        Count++;
        if (_kept.Count < MaximumKept)
        {
            _kept.Add(new SkippedId(id, reason));
        }
    }

    internal void Clear()
    {
        Count = 0;
        _kept.Clear();
    }
}

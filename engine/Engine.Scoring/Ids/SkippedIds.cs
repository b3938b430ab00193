namespace Engine.Scoring.Ids;

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

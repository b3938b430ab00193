namespace Engine.Scoring.Ids;

/// <summary>The skipped ids of one query: all are counted, the first 100 are kept.</summary>
public sealed class SkippedIds
{
    /// <summary>Ids that are kept.</summary>
    public const int MaximumKept = 100;

    private readonly List<SkippedId> _kept = new(MaximumKept);

    /// <summary>The ids that are kept.</summary>
    public IReadOnlyList<SkippedId> Kept => _kept;

    /// <summary>The number of skipped ids.</summary>
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

using Engine.Kernels.Scan;
using Engine.Kernels.Search;
using Engine.Scoring.Ids;

namespace Engine.Scoring.Queries;

/// <summary>
/// The answer to a <see cref="RankUsersQuery"/>, reusable. Ordinals are of the model that was asked: turn them into ids before
/// its lease ends.
/// </summary>
public sealed class RankUsersAnswer
{
    private ScoredProduct[] _users = [];
    private int _count;

    /// <summary>User ordinals and scores, best first; ties by ordinal.</summary>
    public ReadOnlySpan<ScoredProduct> Users => _users.AsSpan(0, _count);

    /// <summary>Users that competed.</summary>
    public int EligibleCount { get; internal set; }

    /// <summary>
    /// How many eligible users score at least t, when the query asks for it and any is eligible; else null. It counts nobody
    /// where scores may overflow.
    /// </summary>
    public AudienceCurve? Curve { get; private set; }

    /// <summary>Ids that took no part.</summary>
    public SkippedIds Skipped { get; } = new();

    internal Span<ScoredProduct> Reserve(int count)
    {
        if (_users.Length < count)
        {
            _users = new ScoredProduct[Math.Max(count, _users.Length * 2)];
        }

        return _users.AsSpan(0, count);
    }

    internal AudienceCurve BeginCurve() => Curve = new AudienceCurve();

    internal void Fill(int count) => _count = count;

    internal void Clear()
    {
        _count = 0;
        EligibleCount = 0;
        Curve = null;
        Skipped.Clear();
    }
}

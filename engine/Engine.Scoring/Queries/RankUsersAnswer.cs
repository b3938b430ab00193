using Engine.Kernels.Scan;
using Engine.Kernels.Search;
using Engine.Scoring.Ids;
using Engine.Snapshots.Ids;

namespace Engine.Scoring.Queries;

/// <summary>
/// The answer to a <see cref="RankUsersQuery"/>, reusable. Ordinals are of the model that was asked: read their ids
/// before its lease ends.
/// </summary>
public sealed class RankUsersAnswer
{
    private ScoredRow[] _users = [];
    private int _count;

    /// <summary>Best first; ties by ordinal.</summary>
    public ReadOnlySpan<ScoredUser> Users => ScoredRow.As<ScoredUser>(_users.AsSpan(0, _count));

    /// <summary>The ids of <see cref="Users"/>, when <see cref="RecommendationEngine"/> answered.</summary>
    public AnswerIds UserIds { get; } = new();

    /// <summary>Users that competed.</summary>
    public int EligibleCount { get; internal set; }

    /// <summary>Products of the pool that compete; 0 without one.</summary>
    public int ProductCount { get; internal set; }

    /// <summary>With a pool: the product that each user's score is for, in their order; none for the mean.</summary>
    public List<ProductOrdinal> BestProducts { get; } = [];

    /// <summary>
    /// How many eligible users score at least t, when the query asks for it and any is eligible; else null. It counts
    /// nobody where scores may overflow.
    /// </summary>
    public AudienceCurve? Curve { get; private set; }

    /// <summary>The lowest score of an eligible user, with an exact curve.</summary>
    public float LowScore { get; internal set; }

    /// <summary>The highest score of an eligible user, with an exact curve.</summary>
    public float HighScore { get; internal set; }

    /// <summary>Ids of the query that were skipped, with the reason.</summary>
    public SkippedIds Skipped { get; } = new();

    internal Span<ScoredRow> Reserve(int count)
    {
        if (_users.Length < count)
        {
            _users = new ScoredRow[Math.Max(count, _users.Length * 2)];
        }

        return _users.AsSpan(0, count);
    }

    internal AudienceCurve BeginCurve() => Curve = new AudienceCurve();

    internal void Fill(int count) => _count = count;

    internal void KeepIds(IdTable ids)
    {
        foreach (var user in Users)
        {
            UserIds.Add(ids, user.User.Value);
        }
    }

    internal void Clear()
    {
        _count = 0;
        (EligibleCount, ProductCount) = (0, 0);
        BestProducts.Clear();
        Curve = null;
        UserIds.Clear();
        Skipped.Clear();
    }
}

using Engine.Scoring.Queries;
using Engine.Scoring.Reranking;
using Engine.Snapshots;
using Engine.Snapshots.Ids;

namespace Engine.Scoring.Batch;

/// <summary>
/// Re-ranks what a batch found: each user's candidates get corrected scores, and the best of them are kept. Scratch of
/// one thread.
/// </summary>
internal sealed class RerankStage(Snapshot snapshot, IReranker reranker, int topK)
{
    private readonly RerankFeatures _features = new(snapshot);
    private float[] _rows = [];
    private float[] _scores = [];
    private ScoredProduct[] _corrected = [];
    private ScoredProduct[] _answers = [];
    private int[] _counts = [];

    /// <summary>The new answers, best first, ties by ordinal; valid until the next call.</summary>
    public BatchRows Apply(BatchRows found)
    {
        var users = found.Users;
        if (_counts.Length < users.Length)
        {
            _counts = new int[users.Length];
            _answers = new ScoredProduct[users.Length * topK];
        }

        for (var i = 0; i < users.Length; i++)
        {
            var candidates = found.Of(i);
            _counts[i] = Math.Min(topK, candidates.Length);
            Correct(users[i], candidates)[.._counts[i]].CopyTo(_answers.AsSpan(i * topK));
        }

        return new BatchRows(users, _answers.AsSpan(0, users.Length * topK), _counts.AsSpan(0, users.Length));
    }

    private ReadOnlySpan<ScoredProduct> Correct(UserOrdinal user, ReadOnlySpan<ScoredProduct> candidates)
    {
        if (candidates.IsEmpty)
        {
            return [];
        }

        Reserve(candidates.Length);
        _features.Begin(user);
        _features.Write(candidates, _rows);
        var scores = _scores.AsSpan(0, candidates.Length);
        for (var i = 0; i < candidates.Length; i++)
        {
            scores[i] = candidates[i].Score;
        }

        reranker.Correct(_rows, scores);
        var corrected = _corrected.AsSpan(0, candidates.Length);
        for (var i = 0; i < candidates.Length; i++)
        {
            corrected[i] = new ScoredProduct(candidates[i].Product, scores[i]);
        }

        corrected.Sort(
            (a, b) => a.Score != b.Score ? b.Score.CompareTo(a.Score) : a.Product.Value.CompareTo(b.Product.Value));
        return corrected;
    }

    private void Reserve(int candidates)
    {
        if (_scores.Length < candidates)
        {
            _rows = new float[candidates * RerankFeatures.Names.Count];
            _scores = new float[candidates];
            _corrected = new ScoredProduct[candidates];
        }
    }
}

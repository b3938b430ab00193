using Engine.Scoring.Checking;
using Engine.Scoring.Hosting;
using Engine.Scoring.Ids;
using Engine.Scoring.Models;
using Engine.Scoring.Queries;
using Engine.Scoring.Ranking;
using Engine.Snapshots;
using Engine.Snapshots.Files;
using Engine.Snapshots.Ids;

namespace Engine.Scoring;

/// <summary>
/// Answers from the published snapshot of a folder, in process. It follows CURRENT: a new snapshot is verified, then
/// swapped in under load; a damaged one is rejected, and the current one keeps serving. It follows the list of
/// forgotten people, too: whoever is added to it is unknown from the next look on. Any number of threads may ask
/// at once, each with its own query and answer. After warm-up a call that fills an answer allocates nothing.
/// </summary>
public sealed class RecommendationEngine : IFollowerOwner, IDisposable
{
    private readonly SnapshotDirectory _directory;
    private readonly RecommendationEngineOptions _options;
    private readonly SnapshotHost _host = new();
    private readonly CurrentFollower _follower;
    private readonly ForgottenList _forgotten;
    private readonly ITimer _timer;

    private RecommendationEngine(string folder, RecommendationEngineOptions options)
    {
        (_directory, _options) = (new SnapshotDirectory(folder, options.Workspace), options);
        _forgotten = new ForgottenList(_directory, _host);
        _follower = new CurrentFollower(_directory, _host, _forgotten, this, options.Time);
        _timer = options.Time.CreateTimer(_ => Refresh(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>The id of the snapshot that answers.</summary>
    public string SnapshotId => _host.ActiveId ?? throw new ObjectDisposedException(nameof(RecommendationEngine));

    /// <summary>
    /// Why the published snapshot is not the one that answers, what has become of its file, or why the list of
    /// forgotten people cannot be read; null when all is well.
    /// </summary>
    public string? Problem => _follower.Problem ?? _forgotten.Problem;

    /// <summary>
    /// Opens and verifies the published snapshot below <paramref name="folder"/>, and follows CURRENT from then on.
    /// </summary>
    /// <param name="folder">The folder of the snapshots: what the trainer calls <c>--out</c>.</param>
    /// <param name="options">Null means the default workspace, polled once a second.</param>
    /// <exception cref="InputException">Nothing is published, or the published snapshot is damaged.</exception>
    public static RecommendationEngine Open(string folder, RecommendationEngineOptions? options = null)
    {
        var engine = new RecommendationEngine(folder, options ?? new RecommendationEngineOptions());
        if (!engine.Refresh())
        {
            engine.Dispose();
            throw new InputException(engine.Problem!);
        }

        engine._timer.Change(engine._options.PollInterval, engine._options.PollInterval);
        return engine;
    }

    /// <summary>
    /// Reads CURRENT now and swaps to the snapshot that it names, and makes the forgotten people unknown.
    /// </summary>
    /// <returns>
    /// Whether that snapshot answers; if not, <see cref="Problem"/> says why, and the current one keeps serving.
    /// </returns>
    public bool Refresh()
    {
        _follower.Refresh();
        try
        {
            _forgotten.Refresh();
        }
        catch (Exception e) when (e is InputException || MachineFault.Of(e) is not null)
        {
            // Problem says so.
        }

        return Problem is null;
    }

    /// <summary>A lease on the model that answers, for what has no method here: batches, pools, audiences.</summary>
    public ModelLease Acquire() => _host.Acquire();

    /// <summary>The top products for a user, a basket or both.</summary>
    /// <exception cref="UnknownIdException">
    /// Nothing is known of the user, and the query's policy is to fail.
    /// </exception>
    /// <exception cref="InputException">A field is out of its range.</exception>
    public void Recommend(RecommendQuery query, RecommendAnswer answer)
    {
        using var lease = _host.Acquire();
        Resolve(lease.Model, query.Filter);
        Recommender.Recommend(lease.Model, query, answer);
        answer.KeepIds(lease.Model.Snapshot.ProductIds);
    }

    /// <summary>The same in a new answer.</summary>
    public RecommendAnswer Recommend(RecommendQuery query)
    {
        var answer = new RecommendAnswer();
        Recommend(query, answer);
        return answer;
    }

    /// <summary>The top products for an audience, by the mean of its members' scores.</summary>
    /// <returns>Members that the snapshot knows; with none the answer is empty.</returns>
    /// <exception cref="InputException">A field is out of its range.</exception>
    public int RecommendForAudience(AudienceQuery query, RecommendAnswer answer)
    {
        using var lease = _host.Acquire();
        Resolve(lease.Model, query.Filter);
        var members = AudienceRecommender.Recommend(lease.Model, query, answer);
        answer.KeepIds(lease.Model.Snapshot.ProductIds);
        return members;
    }

    /// <summary>The products that the same users purchase.</summary>
    /// <exception cref="UnknownIdException">The product is not in the snapshot.</exception>
    /// <exception cref="InputException">A field is out of its range.</exception>
    public void RelatedProducts(RelatedQuery query, RelatedAnswer answer)
    {
        using var lease = _host.Acquire();
        Resolve(lease.Model, query.Filter);
        Ranking.RelatedProducts.Find(lease.Model, query, answer);
        answer.KeepIds(lease.Model.Snapshot.ProductIds);
    }

    /// <summary>The users with the highest scores for a product.</summary>
    /// <exception cref="UnknownIdException">The product is not in the snapshot.</exception>
    /// <exception cref="InputException">A field is out of its range.</exception>
    public void RankUsers(RankUsersQuery query, RankUsersAnswer answer)
    {
        using var lease = _host.Acquire();
        UserRanker.Rank(lease.Model, query, answer);
        answer.KeepIds(lease.Model.Snapshot.UserIds);
    }

    /// <summary>The scores of many pairs, the same numbers that rankings are sorted by.</summary>
    /// <param name="pairs">Users and products.</param>
    /// <param name="scores">
    /// Receives one score a pair; NaN when the snapshot does not know the user or the product.
    /// </param>
    /// <returns>Pairs that were scored.</returns>
    public int Score(ReadOnlySpan<UserProduct> pairs, Span<float> scores)
    {
        using var lease = _host.Acquire();
        var (model, known) = (lease.Model, 0);
        for (var i = 0; i < pairs.Length; i++)
        {
            var user = model.Snapshot.FindUser(pairs[i].UserId);
            var product = model.Snapshot.ProductIds.Find(pairs[i].ProductId);
            var isKnown = user >= 0 && product >= 0;
            scores[i] = isKnown
                ? PairScorer.Score(model, new UserOrdinal(user), new ProductOrdinal(product))
                : float.NaN;
            known += isKnown ? 1 : 0;
        }

        return known;
    }

    /// <summary>The terms of one score.</summary>
    /// <param name="query">Whom it is about: only <c>UserId</c> and <c>Recent</c> count.</param>
    /// <param name="productId">The product.</param>
    /// <param name="answer">Receives the score and its terms.</param>
    /// <exception cref="UnknownIdException">
    /// The product is not in the snapshot, or nothing is known of the user.
    /// </exception>
    /// <exception cref="InputException">A field is out of its range.</exception>
    public void Explain(RecommendQuery query, string productId, ExplainAnswer answer)
    {
        using var lease = _host.Acquire();
        Explainer.Explain(lease.Model, query, productId, answer);
        answer.KeepIds(lease.Model.Snapshot.ProductIds);
    }

    /// <summary>Stops following and unmaps the snapshot when the last call has ended.</summary>
    public void Dispose()
    {
        _timer.Dispose();
        _follower.Stop();
        _host.Dispose();
    }

    ScoringModel IFollowerOwner.Load(string id, CancellationToken cancellation)
    {
        var model = new ScoringModel(
            _directory.Open(id, SnapshotAccess.PrivateCopy, cancellation), _options.Rerankers, cancellation);
        try
        {
            KnownAnswerCheck.Run(model, cancellation);
            return model;
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    private static void Resolve(ScoringModel model, ProductFilter filter)
    {
        if (filter.Pool is { } pool)
        {
            filter.Rule = model.Resolve(pool);
        }
    }
}

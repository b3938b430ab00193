using Engine.Kernels.Search;
using Engine.Scoring.Queries;

namespace Engine.Scoring.Batch;

/// <summary>One thread of a batch.</summary>
public sealed class BatchWorker
{
    private readonly BatchRecommender _batch;
    private readonly BatchTopK _search;
    private readonly BatchProducts.Worker _state;
    private readonly RerankStage? _stage;

    internal BatchWorker(BatchRecommender batch, BatchTopK search, BatchProducts.Worker state, RerankStage? stage) =>
        (_batch, _search, _state, _stage) = (batch, search, state, stage);

    /// <summary>Answers one part.</summary>
    /// <param name="part">Its number.</param>
    /// <param name="rows">
    /// Receives the answers in the order of the users, in one call or several, on the calling thread.
    /// </param>
    /// <param name="cancellation">Stops within the part.</param>
    public void Run(int part, BatchRowsSink rows, CancellationToken cancellation)
    {
        var users = _batch.UsersOf(part);
        _search.Run(
            users.Length,
            () => _state,
            (position, state) => state.Query(users.Span[position].Value, out _),
            (from, answers, counts) =>
            {
                var found =
                    new BatchRows(users.Span.Slice(from, counts.Length), ScoredRow.As<ScoredProduct>(answers), counts);
                found = _stage is null ? found : _stage.Apply(found);
                rows(_batch.Selection is { } selection ? selection.Apply(found) : found);
            },
            cancellation);
    }
}

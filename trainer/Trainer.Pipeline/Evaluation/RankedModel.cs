using Engine.Scoring.Queries;
using Trainer.Evaluation.Metrics;

namespace Trainer.Pipeline.Evaluation;

/// <summary>A model by its name and its lists.</summary>
/// <param name="Name">For the report.</param>
/// <param name="Rank">Makes the lists of all products, of those purchased before, of the others.</param>
/// <param name="RankTail">Makes the lists of <see cref="Segments.TailProducts"/>.</param>
public sealed record RankedModel(string Name, Func<PurchasedPolicy, Ranking> Rank, Func<Ranking> RankTail);

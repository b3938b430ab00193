using Engine.Scoring.Queries;
using Trainer.Evaluation;

namespace Trainer.Judging;

/// <summary>A model by its name and its lists: all products, those purchased before, the others.</summary>
/// <param name="Name">For the report.</param>
/// <param name="Rank">Makes the lists.</param>
public sealed record RankedModel(string Name, Func<PurchasedPolicy, Ranking> Rank);

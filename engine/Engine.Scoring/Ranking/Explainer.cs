using Engine.Scoring.Explaining;
using Engine.Scoring.Ids;
using Engine.Scoring.Models;
using Engine.Scoring.Profiles;
using Engine.Scoring.Queries;
using Engine.Snapshots.Ids;

namespace Engine.Scoring.Ranking;

/// <summary>
/// Splits a score into the terms that add up to it, within <see cref="RoundingBound"/>; the score itself is the one
/// that Recommend, RankUsers and Score give, bit for bit.
/// </summary>
public static class Explainer
{
    /// <summary>Explains the score of one product for a user, a basket or both.</summary>
    /// <param name="model">The leased model.</param>
    /// <param name="query">Whom it is about: <c>UserId</c>, <c>Events</c> and <c>Recent</c> count.</param>
    /// <param name="productId">The product.</param>
    /// <param name="answer">Receives the product, its score and its terms.</param>
    /// <exception cref="UnknownIdException">
    /// The product is not in the snapshot, or nothing is known of the user.
    /// </exception>
    /// <exception cref="InputException">A field is out of its range.</exception>
    public static void Explain(ScoringModel model, RecommendQuery query, string productId, ExplainAnswer answer)
    {
        Recommender.CheckProfile(query);
        answer.Clear();
        var product = Products.Find(model.Snapshot, productId);
        var scratch = model.Rent();
        try
        {
            var profile = QueryProfile.Find(
                model.Snapshot, query, answer.Skipped, scratch.History, scratch.Basket, scratch.FoldIn);
            answer.Product = new ProductOrdinal(product);
            answer.Source = profile.Source;
            answer.EventCount = scratch.History.EventCount;
            if (scratch.History.IsTouched)
            {
                answer.KeepHistory(scratch.History.Rows());
            }

            if (profile.Source != ScoreSource.None)
            {
                Add(model, profile, product, answer.Explanations);
            }
        }
        finally
        {
            model.Return(scratch);
        }
    }

    /// <summary>Explains every product of an answer, when that is <paramref name="wanted"/>.</summary>
    internal static void AddAll(
        ScoringModel model, QueryProfile profile, bool wanted, RecommendAnswer answer, CancellationToken cancellation)
    {
        foreach (var product in wanted ? answer.Products : [])
        {
            cancellation.ThrowIfCancellationRequested();
            Add(model, profile, product.Product.Value, answer.Explanations);
        }
    }

    /// <summary>
    /// Adds one explanation: factors, rates, similarities by ascending product of the history, own history.
    /// </summary>
    internal static void Add(ScoringModel model, QueryProfile profile, int product, Explanations target)
    {
        if (profile.Source == ScoreSource.Popularity)
        {
            float purchasers = model.Snapshot.ProductBuyers[product];
            target.Add(new ScoreTerm(TermKind.Purchasers, null, purchasers));
            target.End(purchasers, 0);
            return;
        }

        var magnitude = AddDense(model, profile.Vector, model.Products[product], target);
        var sparseTerms = 0;
        var history = profile.Profile.History;
        for (var i = 0; i < history.Count; i++)
        {
            var similar = model.Snapshot.Similarity.Row(history.Indices[i]);
            if (similar.Indices.BinarySearch(product) is >= 0 and var at)
            {
                Sparse(TermKind.Similarity, history.Indices[i], history.Values[i] * similar.Values[at]);
            }
        }

        if (profile.Profile.Own.Indices.BinarySearch(product) is >= 0 and var own)
        {
            Sparse(TermKind.OwnHistory, product, profile.Profile.Own.Values[own]);
        }

        target.End(
            PairScorer.Score(model, profile, product), RoundingBound.Of(model.Products.Stride, sparseTerms, magnitude));

        void Sparse(TermKind kind, int source, float value)
        {
            target.Add(new ScoreTerm(kind, new ProductOrdinal(source), value));
            magnitude += Math.Abs(value);
            sparseTerms++;
        }
    }

    /// <summary>Adds the dense terms and returns the sum of their products' magnitudes.</summary>
    private static double AddDense(
        ScoringModel model, ReadOnlySpan<float> user, ReadOnlySpan<float> product, Explanations target)
    {
        var factors = model.Snapshot.Manifest.FactorCount;
        double sum = 0, magnitude = 0;
        for (var k = 0; k < factors; k++)
        {
            // Exact: a product of two fp32 numbers fits a double, unless it underflows.
            var term = (double)user[k] * product[k];
            sum += term;
            magnitude += Math.Abs(term);
        }

        target.Add(new ScoreTerm(TermKind.Factors, null, (float)sum));
        foreach (var (kind, column) in (ReadOnlySpan<(TermKind, int)>)[
            (TermKind.ProductRate, factors),
            (TermKind.UserRate, factors + 1),
        ])
        {
            var term = (double)user[column] * product[column];
            target.Add(new ScoreTerm(kind, null, (float)term));
            magnitude += Math.Abs(term);
        }

        return magnitude;
    }
}

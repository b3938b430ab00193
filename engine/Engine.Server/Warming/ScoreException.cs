using Engine.Kernels;
using Engine.Server.Contract;

namespace Engine.Server.Warming;

/// <summary>A snapshot gave a score that no caller may get.</summary>
internal sealed class ScoreException(string message) : InputException(message)
{
    /// <exception cref="ScoreException">A score is not finite.</exception>
    public static void Check(RecommendFacts facts)
    {
        foreach (var product in facts.Answer.Products)
        {
            if (!float.IsFinite(product.Score))
            {
                throw new ScoreException(
                    $"product '{facts.Snapshot.ProductIds.Get(product.Product.Value)}' has score "
                    + InvariantText.Of($"{product.Score}; expected a finite number"));
            }
        }
    }
}

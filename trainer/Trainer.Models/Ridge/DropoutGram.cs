namespace Trainer.Models.Ridge;

/// <summary>
/// A Gram as a denoising autoencoder sees it: G + p / (1 - p) diag(G), which is what regressing on inputs that are each
/// left out with probability p comes to (EDLAE: Steck, "Autoencoders that don't overfit towards the Identity", 2020).
/// Popular items are held back more than by lam alone.
/// </summary>
/// <param name="gram">G.</param>
/// <param name="dropout">p, 0..1 without 1.</param>
public sealed class DropoutGram(IGram gram, double dropout) : IGram
{
    /// <summary>The Gram itself when nothing is left out.</summary>
    public static IGram Of(IGram gram, double dropout) => dropout == 0 ? gram : new DropoutGram(gram, dropout);

    /// <inheritdoc/>
    public float[] Diagonal { get; } = Array.ConvertAll(gram.Diagonal, value => (float)(value / (1 - dropout)));

    /// <inheritdoc/>
    public ReadOnlySpan<int> Lower(int row) => gram.Lower(row);

    /// <inheritdoc/>
    public ReadOnlySpan<float> Values(int row) => gram.Values(row);
}

namespace Trainer.Training;

/// <summary>
/// The weights of the parts of the score: factors x.y, similarity sum_j p_uj B_ji, repeat p_ui r_i, product rate.
/// </summary>
public readonly record struct ScoreWeights(float Factors, float Similarity, float Repeat, float Rate)
{
    /// <summary>What is used when the data are too short to learn the weights from.</summary>
    public static ScoreWeights Default => new(1, 0.1f, 0.3f, 0.1f);
}

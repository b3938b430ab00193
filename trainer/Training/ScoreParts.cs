using System.Numerics.Tensors;

namespace Trainer.Training;

/// <summary>The unweighted parts of one user's scores for all products of a fitted model. Scratch of one thread.</summary>
public sealed class ScoreParts(FittedModel model)
{
    private readonly float[] _factors = new float[model.Scoped.ProductCount];
    private readonly float[] _similarity = new float[model.Scoped.ProductCount];
    private readonly float[] _repeat = new float[model.Scoped.ProductCount];

    /// <summary>x.y.</summary>
    public ReadOnlySpan<float> Factors => _factors;

    /// <summary>sum_j p_uj B_ji.</summary>
    public ReadOnlySpan<float> Similarity => _similarity;

    /// <summary>p_ui r_i.</summary>
    public ReadOnlySpan<float> Repeat => _repeat;

    /// <summary>Computes the parts of a user of the model's scope.</summary>
    public void Compute(int user)
    {
        var row = model.Als.Users.Row(user);
        for (var i = 0; i < _factors.Length; i++)
        {
            _factors[i] = TensorPrimitives.Dot(row, model.Als.Items.Row(i));
        }

        _similarity.AsSpan().Clear();
        _repeat.AsSpan().Clear();
        var products = model.Profile.RowColumns(user);
        var weights = model.Profile.RowWeights(user);
        for (var e = 0; e < products.Length; e++)
        {
            _repeat[products[e]] = weights[e] * model.RepeatRates[products[e]];
            var range = model.Similarity.Row(products[e]);
            var neighbors = model.Similarity.Columns.AsSpan(range);
            var strengths = model.Similarity.Strengths.AsSpan(range);
            for (var n = 0; n < neighbors.Length; n++)
            {
                _similarity[neighbors[n]] += weights[e] * strengths[n];
            }
        }
    }
}

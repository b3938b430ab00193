using Trainer.Models.Factors;
using Trainer.Models.Matrices;

namespace Trainer.Tests.Models;

/// <summary>The whole ALS loss by its definition: a pass over all observed pairs.</summary>
internal static class ExactLoss
{
    public static double Of(InteractionMatrix interactions, AlsResult model, AlsOptions options)
    {
        double observed = 0;
        for (var user = 0; user < interactions.RowCount; user++)
        {
            var x = model.Users.Row(user);
            var columns = interactions.RowColumns(user);
            var weights = interactions.RowWeights(user);
            for (var e = 0; e < columns.Length; e++)
            {
                double score = 0;
                var y = model.Items.Row(columns[e]);
                for (var k = 0; k < x.Length; k++)
                {
                    score += (double)x[k] * y[k];
                }

                observed += weights[e] * (score - 1) * (score - 1);
            }
        }

        return observed
            + AlsLoss.Unobserved(model.Users, model.ItemSpectrum, options, new())
            + AlsLoss.Regularization(interactions, model.Users, options, new())
            + AlsLoss.Regularization(interactions.Transpose(new()), model.Items, options, new());
    }
}

using Engine.Model;

namespace Trainer.Models;

/// <summary>
/// Alternating least squares for implicit feedback with exact row solves. An epoch solves all items given the users, then
/// all users given the items, so users are always the fold-in of their history. The same data, options and seed give the
/// same bytes at any number of threads.
/// </summary>
public static class Als
{
    /// <summary>Trains from random user factors.</summary>
    /// <param name="interactions">Users by items, weights being confidences.</param>
    /// <param name="options">Settings; validated.</param>
    /// <param name="progress">Told after each epoch; may be null.</param>
    /// <param name="cancellation">Stops between rows.</param>
    /// <exception cref="InputException">Settings out of range, no interactions, or a loss that is not finite.</exception>
    public static AlsResult Train(
        InteractionMatrix interactions,
        AlsOptions options,
        Action<AlsEpoch>? progress = null,
        CancellationToken cancellation = default)
    {
        options.Validate();
        if (interactions.Count == 0)
        {
            throw new InputException("there are no interactions to train on: ALS needs at least one");
        }

        var byItem = interactions.Transpose();
        var users = new FactorMatrix(interactions.RowCount, options.Factors);
        var items = new FactorMatrix(interactions.ColumnCount, options.Factors);
        users.Randomize(options.Seed, options.InitialDeviation / Math.Sqrt(options.Factors));
        var epochs = new List<AlsEpoch>();
        double[] itemSpectrum = [];
        for (var number = 1; number <= options.Epochs; number++)
        {
            var clock = new PhaseClock();
            var userSpectrum = Gramian.Diagonalize(users, options.Threads);
            var gramianTime = clock.Lap();
            AlsHalfStep.Solve(byItem, users, userSpectrum, items, options, cancellation);
            var itemTime = clock.Lap();
            itemSpectrum = Gramian.Diagonalize(items, options.Threads);
            gramianTime += clock.Lap();
            var loss = AlsHalfStep.Solve(interactions, items, itemSpectrum, users, options, cancellation);
            var userTime = clock.Lap();
            var itemPart = AlsLoss.Regularization(byItem, items, options);
            var epoch = new AlsEpoch(
                number,
                loss + itemPart,
                AlsLoss.Unobserved(users, itemSpectrum, options),
                itemPart + AlsLoss.Regularization(interactions, users, options),
                gramianTime,
                itemTime,
                userTime);
            if (!double.IsFinite(epoch.Loss))
            {
                throw new InputException($"the loss of epoch {number} is {epoch.Loss}: raise the regularisation");
            }

            epochs.Add(epoch);
            progress?.Invoke(epoch);
        }

        return new AlsResult(users, items, itemSpectrum, epochs);
    }
}

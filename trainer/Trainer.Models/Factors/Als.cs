using Engine;
using Trainer.Data.Running;
using Trainer.Models.Matrices;

namespace Trainer.Models.Factors;

/// <summary>
/// Alternating least squares for implicit feedback with exact row solves. An epoch solves all items given the users,
/// then all users given the items, so users are always the fold-in of their history. The same data, options, seed and
/// start give the same bytes at any number of threads, interrupted or not.
/// </summary>
public static class Als
{
    /// <summary>
    /// Trains from random user factors, from an earlier model, or from where an interrupted run ended.
    /// </summary>
    /// <param name="interactions">Users by items, weights being confidences.</param>
    /// <param name="options">Settings; validated.</param>
    /// <param name="run">Threads, cancellation, clock; no result depends on it.</param>
    /// <param name="start">Where it begins; null for random user factors.</param>
    /// <param name="progress">Called after each epoch; may be null.</param>
    /// <exception cref="InputException">
    /// Settings out of range, no interactions, or a loss that is not finite.
    /// </exception>
    public static AlsResult Train(
        InteractionMatrix interactions,
        AlsOptions options,
        RunContext run,
        AlsStart? start = null,
        Action<AlsEpoch>? progress = null)
    {
        var (warm, checkpoints) = start ?? new AlsStart();
        options.Validate();
        if (interactions.Count == 0)
        {
            throw new InputException("there are no interactions to train on: ALS needs at least one");
        }

        var byItem = interactions.Transpose(run);
        var users = new FactorMatrix(interactions.RowCount, options.Factors);
        var items = new FactorMatrix(interactions.ColumnCount, options.Factors);
        var course = checkpoints is null ? "" : AlsCheckpoints.NameOf(interactions, options, warm);
        var epochs = checkpoints?.Load(course, users) ?? [];
        if (epochs.Count == 0 || epochs.Count >= options.Epochs)
        {
            epochs.Clear();
            Begin(interactions, options, warm, users, items, run);
        }

        double[] itemSpectrum = [];
        for (var number = epochs.Count + 1; number <= options.Epochs; number++)
        {
            (var epoch, itemSpectrum) = Epoch(number, interactions, byItem, users, items, options, run);
            epochs.Add(epoch);
            if (number < options.Epochs)
            {
                checkpoints?.Save(course, users, epochs, run.Time);
            }

            progress?.Invoke(epoch);
        }

        return new AlsResult(users, items, itemSpectrum, epochs);
    }

    /// <summary>
    /// Users solved on items that were fitted elsewhere. The items stay as they are, but for their basis.
    /// </summary>
    /// <param name="interactions">Users by items, weights being confidences.</param>
    /// <param name="items">One row per item; rotated into the eigenbasis of its Gramian.</param>
    /// <param name="options">Settings; validated.</param>
    /// <param name="run">Threads, cancellation; no result depends on it.</param>
    public static AlsResult Solve(
        InteractionMatrix interactions, FactorMatrix items, AlsOptions options, RunContext run)
    {
        options.Validate();
        var users = new FactorMatrix(interactions.RowCount, options.Factors);
        var spectrum = Gramian.Diagonalize(items, run);
        AlsHalfStep.Solve(interactions, items, spectrum, users, options, run);
        return new AlsResult(users, items, spectrum, []);
    }

    private static void Begin(
        InteractionMatrix interactions,
        AlsOptions options,
        FactorMatrix? start,
        FactorMatrix users,
        FactorMatrix items,
        RunContext run)
    {
        if (start is null)
        {
            users.Randomize(options.Seed, options.InitialDeviation / Math.Sqrt(options.Factors));
            return;
        }

        if (start.RowCount != items.RowCount || start.Factors != items.Factors)
        {
            throw new InputException(
                $"the start has {start.RowCount} items of {start.Factors} factors, the model {items.RowCount} of "
                + $"{items.Factors}: give a start of the same shape, or none");
        }

        start.Values.CopyTo(items.Values, 0);
        var spectrum = Gramian.Diagonalize(items, run);
        AlsHalfStep.Solve(interactions, items, spectrum, users, options, run);
    }

    private static (AlsEpoch Epoch, double[] ItemSpectrum) Epoch(
        int number,
        InteractionMatrix interactions,
        InteractionMatrix byItem,
        FactorMatrix users,
        FactorMatrix items,
        AlsOptions options,
        RunContext run)
    {
        var clock = new PhaseClock(run.Time);
        var userSpectrum = Gramian.Diagonalize(users, run);
        var gramianTime = clock.Lap();
        AlsHalfStep.Solve(byItem, users, userSpectrum, items, options, run);
        var itemTime = clock.Lap();
        var itemSpectrum = Gramian.Diagonalize(items, run);
        gramianTime += clock.Lap();
        var loss = AlsHalfStep.Solve(interactions, items, itemSpectrum, users, options, run);
        var userTime = clock.Lap();
        var itemPart = AlsLoss.Regularization(byItem, items, options, run);
        var epoch = new AlsEpoch(
            number,
            loss + itemPart,
            AlsLoss.Unobserved(users, itemSpectrum, options, run),
            itemPart + AlsLoss.Regularization(interactions, users, options, run),
            gramianTime,
            itemTime,
            userTime);
        return double.IsFinite(epoch.Loss)
            ? (epoch, itemSpectrum)
            : throw new InputException($"the loss of epoch {number} is {epoch.Loss}: raise the regularization");
    }
}

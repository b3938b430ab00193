using System.Globalization;
using Engine;
using Trainer.Data.Rows;
using Trainer.Data.Running;

namespace Trainer.Data.Scoping;

/// <summary>
/// The scope year and the prediction window of a model. All days are whole and inclusive.
/// </summary>
/// <param name="Start">
/// The first day: <see cref="End"/> minus one calendar year (29 February gives 28 February).
/// </param>
/// <param name="End">The last day, date(L) or an earlier cut.</param>
/// <param name="Horizon">N, the days that the prediction covers, 15..90.</param>
public sealed record Scope(DateOnly Start, DateOnly End, int Horizon)
{
    /// <summary>Fewer products with a purchase in the scope are refused.</summary>
    public const int MinimumProducts = 10;

    /// <summary>The shortest horizon, in days.</summary>
    public const int MinHorizon = 15;

    /// <summary>The longest horizon, in days.</summary>
    public const int MaxHorizon = 90;

    /// <summary>The first day of the prediction window: the day after <see cref="End"/>.</summary>
    public DateOnly WindowStart => End.AddDays(1);

    /// <summary>The last day of the prediction window.</summary>
    public DateOnly WindowEnd => End.AddDays(Horizon);

    /// <summary>
    /// The scope that ends at a day. Errors: <see cref="InputException"/> for a horizon outside 15..90.
    /// </summary>
    public static Scope Ending(DateOnly end, int horizon) =>
        horizon is >= MinHorizon and <= MaxHorizon
            ? new Scope(end.AddYears(-1), end, horizon)
            : throw new InputException(
                $"the horizon is {horizon} days; {MinHorizon} to {MaxHorizon} was expected. "
                + "Choose another with --horizon.");

    /// <summary>The scope of the whole dataset and what lies in it. Errors: as <see cref="At"/>.</summary>
    public static ScopedDataset Of(Dataset dataset, int horizon, RunContext? run = null) =>
        At(dataset, dataset.LastBehaviorDay, horizon, run);

    /// <summary>
    /// The scope as if the dataset ended with a day: later behaviors are not looked at, the day stands for date(L).
    /// Refunds stay applied, later ones included. Errors: <see cref="InputException"/> for a horizon outside 15..90 or
    /// no purchase in the scope.
    /// </summary>
    /// <param name="dataset">The dataset.</param>
    /// <param name="cut">The last day.</param>
    /// <param name="horizon">N.</param>
    /// <param name="run">Threads, cancellation; no result depends on it. Null for those of a new one.</param>
    /// <param name="products">
    /// The products in scope, when they are decided by more users than the dataset has; null for those that its users
    /// purchased.
    /// </param>
    public static ScopedDataset At(
        Dataset dataset,
        DateOnly cut,
        int horizon,
        RunContext? run = null,
        IReadOnlySet<string>? products = null) =>
        new ScopeBuilder(dataset, Ending(cut, horizon), products, run ?? new RunContext()).Build();

    /// <summary>Whether a day lies in the scope.</summary>
    public bool Contains(DateOnly day) => day >= Start && day <= End;

    /// <inheritdoc/>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Start:yyyy-MM-dd} .. {End:yyyy-MM-dd}, predicts {WindowStart:yyyy-MM-dd} .. {WindowEnd:yyyy-MM-dd}");
}

namespace Trainer.Models.Factors;

/// <summary>The loss and the times of one epoch of <see cref="Als"/>.</summary>
/// <param name="Number">1-based.</param>
/// <param name="Loss">The whole loss after the epoch; it does not rise from epoch to epoch beyond rounding.</param>
/// <param name="Unobserved">Its part a0 sum over all pairs (x.y)^2.</param>
/// <param name="Regularization">Its part lam sum (..)^nu |.|^2 of both sides.</param>
/// <param name="GramianTime">Wall time of both Gramians, their eigenvectors and rotations.</param>
/// <param name="ItemTime">Wall time of the item rows.</param>
/// <param name="UserTime">Wall time of the user rows.</param>
public sealed record AlsEpoch(
    int Number,
    double Loss,
    double Unobserved,
    double Regularization,
    TimeSpan GramianTime,
    TimeSpan ItemTime,
    TimeSpan UserTime)
{
    /// <summary>Wall time of the epoch without its report.</summary>
    public TimeSpan Time => GramianTime + ItemTime + UserTime;

    /// <summary>The part of the observed pairs: sum c (x.y - 1)^2.</summary>
    public double Observed => Loss - Unobserved - Regularization;
}

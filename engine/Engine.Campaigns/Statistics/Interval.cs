namespace Engine.Campaigns.Statistics;

/// <summary>A 95 % interval, both ends included.</summary>
/// <param name="Low">The lower end.</param>
/// <param name="High">The upper end.</param>
public readonly record struct Interval(double Low, double High)
{
    /// <summary>Standard deviations of a normal distribution that leave 2.5 % on each side.</summary>
    public const double Z = 1.959963984540054;

    /// <summary>Whether a value lies in it.</summary>
    public bool Holds(double value) => value >= Low && value <= High;
}

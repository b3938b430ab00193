namespace Engine.Scoring.Orders;

/// <summary>
/// A piecewise constant hazard over the phase, the time since the last event in units of the usual interval; one for
/// each class of events so far.
/// </summary>
/// <param name="phases">Lower bounds of the bins, ascending from 0; the last has no end.</param>
/// <param name="counts">Lower bounds of the classes, ascending from 1.</param>
/// <param name="hazards">Events per unit of phase, class by class.</param>
public sealed class PhaseHazard(double[] phases, int[] counts, double[] hazards)
{
    /// <summary>The own intervals weigh as much as so many of the prior.</summary>
    private const double PriorGaps = 2;

    /// <summary>The usual interval, from the own ones and a prior.</summary>
    /// <param name="days">Event days, at least one.</param>
    /// <param name="span">Days from the first to the last.</param>
    /// <param name="prior">The interval of those without own ones.</param>
    public static double Interval(int days, int span, double prior) =>
        (span + (PriorGaps * prior)) / (days - 1 + PriorGaps);

    /// <summary>The bin of a phase.</summary>
    public static int BinOf(double[] phases, double phase)
    {
        var bin = phases.Length - 1;
        while (bin > 0 && phase < phases[bin])
        {
            bin--;
        }

        return bin;
    }

    /// <summary>The class of so many event days.</summary>
    public static int ClassOf(int[] counts, int days)
    {
        var found = counts.Length - 1;
        while (found > 0 && days < counts[found])
        {
            found--;
        }

        return found;
    }

    /// <summary>The expected events between two phases.</summary>
    public double Between(int days, double from, double to)
    {
        var row = ClassOf(counts, days) * phases.Length;
        var sum = 0.0;
        for (var bin = BinOf(phases, from); bin < phases.Length && phases[bin] < to; bin++)
        {
            var end = bin + 1 < phases.Length ? Math.Min(to, phases[bin + 1]) : to;
            sum += hazards[row + bin] * (end - Math.Max(from, phases[bin]));
        }

        return sum;
    }
}

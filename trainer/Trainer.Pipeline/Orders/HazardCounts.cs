using Engine.Scoring.Orders;
using Engine.Snapshots.Manifest;

namespace Trainer.Pipeline.Orders;

/// <summary>
/// Events and exposure by class and phase bin: events / exposure is the likeliest piecewise constant hazard. Whole
/// counts of fixed order, so that nothing depends on threads.
/// </summary>
internal sealed class HazardCounts
{
    /// <summary>Lower bounds of the phase bins.</summary>
    public static readonly double[] Phases =
        [0, 0.05, 0.1, 0.2, 0.35, 0.5, 0.65, 0.8, 0.9, 1, 1.1, 1.25, 1.5, 1.75, 2, 2.5, 3, 4, 6, 10];

    /// <summary>Lower bounds of the classes of event days so far.</summary>
    public static readonly int[] Counts = [1, 2, 3, 4, 6, 10];

    // A bin without much exposure is as all classes are in it, and that as the mean is.
    private const double Prior = 20;

    private readonly double[] _events = new double[Phases.Length * Counts.Length];
    private readonly double[] _exposure = new double[Phases.Length * Counts.Length];

    /// <summary>Adds a stretch from an event to the next one, or to the end of the data.</summary>
    /// <param name="days">Event days so far.</param>
    /// <param name="phase">Its length in usual intervals.</param>
    /// <param name="ended">Whether an event ended it.</param>
    public void Add(int days, double phase, bool ended)
    {
        var row = PhaseHazard.ClassOf(Counts, days) * Phases.Length;
        var last = PhaseHazard.BinOf(Phases, phase);
        for (var bin = 0; bin <= last; bin++)
        {
            _exposure[row + bin] += (bin < last ? Phases[bin + 1] : phase) - Phases[bin];
        }

        _events[row + last] += ended ? 1 : 0;
    }

    /// <summary>The hazards, class by class; above zero.</summary>
    public double[] Hazards()
    {
        var mean = (_events.Sum() + 1) / (_exposure.Sum() + 1);
        var hazards = new double[_events.Length];
        for (var bin = 0; bin < Phases.Length; bin++)
        {
            var (events, exposure) = (Prior * mean, Prior);
            for (var row = bin; row < hazards.Length; row += Phases.Length)
            {
                events += _events[row];
                exposure += _exposure[row];
            }

            for (var row = bin; row < hazards.Length; row += Phases.Length)
            {
                hazards[row] = (_events[row] + (Prior * events / exposure)) / (_exposure[row] + Prior);
            }
        }

        return hazards;
    }

    /// <summary>The process with these hazards, not yet scored.</summary>
    public RenewalTerms Process(double meanInterval, int weights) => new()
    {
        MeanInterval = meanInterval,
        Hazards = Hazards(),
        Weights = [1, .. new double[weights - 1]],
        Constant = 0,
        Probability = CalibrationTerms.None,
    };
}

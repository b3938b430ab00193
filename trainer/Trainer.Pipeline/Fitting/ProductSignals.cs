using Engine.Snapshots.Manifest;
using Trainer.Data.Rows;
using Trainer.Data.Scoping;
using Trainer.Evaluation.Splits;

namespace Trainer.Pipeline.Fitting;

/// <summary>What is known of a product for every user: its recent sales, and how often its purchasers repeat.</summary>
public sealed class ProductSignals
{
    /// <summary>
    /// The windows of the sale rates in days before the scope's end; the last one is the whole scope.
    /// </summary>
    public static readonly int[] Windows = [7, 30, 90, int.MaxValue];

    /// <summary>A season comes back after as many days.</summary>
    public const int Year = 365;

    private readonly float[][] _rates;
    private readonly float[] _season;
    private readonly float[] _change;
    private readonly float[] _repeat;

    /// <summary>Counts distinct (user, day) purchases of each product.</summary>
    /// <param name="scoped">The scope.</param>
    /// <param name="repeatRates">Shrunk repeat shares, in (0, 1).</param>
    public ProductSignals(ScopedDataset scoped, float[] repeatRates)
    {
        var season = new int[scoped.ProductCount];
        var counts = new int[Windows.Length][];
        for (var w = 0; w < counts.Length; w++)
        {
            counts[w] = new int[scoped.ProductCount];
        }

        for (var user = 0; user < scoped.UserCount; user++)
        {
            for (var e = scoped.Offsets[user]; e < scoped.Offsets[user + 1]; e++)
            {
                // Events are sorted by product, type, day: an equal neighbor is the same purchase day.
                var isNew = e == scoped.Offsets[user] || scoped.Products[e - 1] != scoped.Products[e] ||
                    scoped.Types[e - 1] != scoped.Types[e] || scoped.Days[e - 1] != scoped.Days[e];
                if (!isNew || scoped.Types[e] != BehaviorType.Purchase)
                {
                    continue;
                }

                var age = scoped.LastDay - scoped.Days[e];
                for (var w = 0; w < counts.Length; w++)
                {
                    counts[w][scoped.Products[e]] += age < Windows[w] ? 1 : 0;
                }

                season[scoped.Products[e]] += age < Year && age >= Year - TemporalSplits.LearningWindow ? 1 : 0;
            }
        }

        _rates = Array.ConvertAll(counts, window => Array.ConvertAll(window, count => (float)double.LogP1(count)));
        _season = Array.ConvertAll(season, count => (float)double.LogP1(count));
        var first = FirstDay(scoped.Dataset);
        HasSeason = first <= scoped.Scope.End.AddDays(1 - Year);
        HasSeasonChange = first <= scoped.Scope.End.AddDays(1 - Year - TemporalSplits.LearningWindow);
        _change = HasSeasonChange ? YearBefore.Change(scoped) : new float[scoped.ProductCount];
        _repeat =
            Array.ConvertAll(repeatRates, rate => (float)Math.Log(Math.Max(rate, 1e-6) / Math.Max(1 - rate, 1e-6)));
    }

    /// <summary>Sale rates of a product.</summary>
    public static int RateCount => Windows.Length;

    /// <summary>log(1 + purchase days of all users within the window).</summary>
    public float Rate(int window, int product) => _rates[window][product];

    /// <summary>
    /// log(1 + purchase days of all users in the <see cref="TemporalSplits.LearningWindow"/> days one year before those
    /// after the scope's end).
    /// </summary>
    public float Season(int product) => _season[product];

    /// <summary>Whether the data reach back as far as <see cref="Season"/>; otherwise it is not used.</summary>
    public bool HasSeason { get; }

    /// <summary>Of <see cref="YearBefore"/>; 0 when the data do not reach back so far.</summary>
    public float SeasonChange(int product) => _change[product];

    /// <summary>Whether the data reach back as far as <see cref="SeasonChange"/>.</summary>
    public bool HasSeasonChange { get; }

    /// <summary>log(r / (1 - r)) of the repeat share r.</summary>
    public float RepeatLogit(int product) => _repeat[product];

    /// <summary>The first day with a behavior; the last of all days without any.</summary>
    internal static DateOnly FirstDay(Dataset dataset)
    {
        var first = int.MaxValue;
        for (var i = 0L; i < dataset.Behaviors.Count; i++)
        {
            first = Math.Min(first, dataset.Behaviors[i].Day);
        }

        return first == int.MaxValue ? DateOnly.MaxValue : BehaviorLog.Date(first);
    }
}

using Engine;
using Trainer.Leaderboard.Tuning;
using Trainer.Models.Factors;
using Trainer.Models.Ridge;
using Trainer.Models.Similarity;

namespace Trainer.Leaderboard.Splits;

/// <summary>The settings of <c>evaluate</c>.</summary>
public sealed record EvaluateOptions
{
    /// <summary>The models to choose from.</summary>
    public static readonly string[] Models = ["als", "similarity", "ridge", "popularity", "blend", "auto"];

    /// <summary>Train file.</summary>
    public required string Train { get; init; }

    /// <summary>Test file.</summary>
    public required string Test { get; init; }

    /// <summary>Length of the lists, 1..1000.</summary>
    public int K { get; init; } = 20;

    /// <summary>One of <see cref="Models"/>.</summary>
    public string Model { get; init; } = "als";

    /// <summary>The file to write the lists to, or null.</summary>
    public string? Recommendations { get; init; }

    /// <summary>ALS settings; 128 factors unless said otherwise.</summary>
    public AlsOptions Als { get; init; } = new() { Factors = 128 };

    /// <summary>Takes a0 from the density instead of from <see cref="Als"/>.</summary>
    public bool SuggestUnobserved { get; init; } = true;

    /// <summary>Similarity settings.</summary>
    public SimilarityOptions Similarity { get; init; } = new();

    /// <summary>Ridge settings.</summary>
    public RidgeOptions Ridge { get; init; } = new();

    /// <summary>Time to choose settings in, or null to take those given; needed by blend and auto.</summary>
    public TimeSpan? Budget { get; init; }

    /// <summary>Settings that an earlier tuned run printed, or null.</summary>
    public ModelSettings? Settings { get; init; }

    /// <summary>Decides the validation part and the first factors.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Throws when a setting is outside its range.</summary>
    /// <exception cref="InputException">The message names the setting, its value and the range.</exception>
    public void Validate()
    {
        if (K is < 1 or > 1000)
        {
            throw new InputException($"--k is {K}: give 1..1000");
        }

        if (!Models.Contains(Model, StringComparer.Ordinal))
        {
            throw new InputException($"--model is '{Model}': give one of {string.Join(", ", Models)}");
        }

        if (Budget is null && Settings is null && Model is ("blend" or "auto"))
        {
            throw new InputException(
                $"--model {Model} must be tuned: give --budget, for example 10m, "
                + "or the --settings that a tuned run printed");
        }

        Als.Validate();
        Similarity.Validate();
        Ridge.Validate();
    }
}

using Trainer.Models.Spectral;

namespace Trainer.Leaderboard.Tuning;

/// <summary>
/// Low-pass filters for a sum: twice the vectors as often as it helps and the plan has room for. Beside the best comes
/// what a sum gains from though it is worse alone: the best one without the popularity of candidates, and the same with
/// twice the vectors.
/// </summary>
public static class LowPassSearch
{
    /// <summary>Vectors of the first candidate.</summary>
    internal const int LeastFactors = 32;

    /// <summary>Vectors of the last one: a set that needs more is served better by ALS.</summary>
    internal const int MostFactors = 256;

    /// <summary>Returns the evaluated parts that a sum is offered, and their values.</summary>
    /// <param name="trial">Where candidates are evaluated.</param>
    /// <param name="seed">Seed of the first vectors.</param>
    /// <param name="share">The share of the budget after which no new candidate starts.</param>
    /// <param name="factors">Vectors at most.</param>
    public static List<(FittedPart Part, double Value)> Run(Trial trial, ulong seed, double share, int factors)
    {
        var size = LeastFactors;
        var best = Evaluate(size, target: 0.5);
        while (size * 2 <= factors && trial.MayContinue(share, 2))
        {
            var next = Evaluate(size * 2, target: 0.5);
            if (next.Value <= best.Value)
            {
                break;
            }

            (size, best) = (size * 2, next);
        }

        var found = new List<(FittedPart Part, double Value)> { best };
        foreach (var other in new[] { size, size * 2 })
        {
            if (other <= factors && trial.MayContinue(share, (double)other / size))
            {
                found.Add(Evaluate(other, target: 0));
            }
        }

        return found;

        (FittedPart Part, double Value) Evaluate(int size, double target) => trial.Evaluate(
            new ModelPart
            {
                LowPass = new LowPassOptions { Factors = size, TargetExponent = target, Seed = seed },
            });
    }
}

namespace Trainer.Leaderboard.Tuning;

/// <summary>
/// Climbs from a start by changing one setting at a time: every pass tries each move once and keeps what is better,
/// until a pass changes nothing. Evaluates no candidate twice.
/// </summary>
public static class CoordinateSearch
{
    /// <summary>Runs the climb.</summary>
    /// <param name="start">The first candidate and its value.</param>
    /// <param name="moves">Changes; a move may return its argument when it leads outside a range.</param>
    /// <param name="evaluate">The value to make large.</param>
    /// <param name="mayContinue">Called before each evaluation.</param>
    /// <param name="maximum">Evaluations at most.</param>
    public static (T Best, double Value) Climb<T>(
        (T Candidate, double Value) start,
        Func<T, T>[] moves,
        Func<T, double> evaluate,
        Func<bool> mayContinue,
        int maximum)
        where T : notnull
    {
        var best = start;
        var evaluated = new HashSet<T> { start.Candidate };
        for (var improved = true; improved;)
        {
            improved = false;
            foreach (var move in moves)
            {
                // A move that helps is made again.
                for (var next = move(best.Candidate); evaluated.Add(next); next = move(best.Candidate))
                {
                    if (maximum-- <= 0 || !mayContinue())
                    {
                        return best;
                    }

                    var value = evaluate(next);
                    if (value <= best.Value)
                    {
                        break;
                    }

                    best = (next, value);
                    improved = true;
                }
            }
        }

        return best;
    }
}

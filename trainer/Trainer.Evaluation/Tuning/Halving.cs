namespace Trainer.Evaluation.Tuning;

/// <summary>
/// One round of successive halving (Jamieson and Talwalkar 2016): evaluates candidates and ranks them for the next
/// round.
/// </summary>
public static class Halving
{
    /// <summary>Evaluates candidates in order until the budget is used up.</summary>
    /// <param name="candidates">The candidates of the round.</param>
    /// <param name="evaluate">
    /// The value to maximize, or null when the budget has no room; its second argument says that nothing is evaluated
    /// yet.
    /// </param>
    /// <returns>The evaluated candidates, best first; equal ones in their own order.</returns>
    public static (T Candidate, double Value)[] Round<T>(IEnumerable<T> candidates, Func<T, bool, double?> evaluate)
    {
        var evaluated = new List<(T Candidate, double Value)>();
        foreach (var candidate in candidates)
        {
            if (evaluate(candidate, evaluated.Count == 0) is not { } value)
            {
                break;
            }

            evaluated.Add((candidate, value));
        }

        return [.. evaluated.OrderByDescending(one => one.Value)];
    }
}

namespace Engine.Campaigns.Allocation;

/// <summary>
/// The simple rule: minimums by the best pairs of each product first, then pair by pair, the most valuable first.
/// </summary>
internal static class GreedyAllocation
{
    /// <summary>Allocates; a minimum that it cannot meet stays unmet.</summary>
    public static Assignment Run(AllocationProblem problem)
    {
        var assignment = new Assignment(problem);
        var order = Enumerable.Range(0, problem.Items.Length).Where(i => problem.Items[i] >= 0).ToArray();
        var keys = Array.ConvertAll(order, i => -problem.Values[i]);
        Array.Sort(keys, order);
        foreach (var candidate in order)
        {
            if (assignment.Load[problem.Items[candidate]] < problem.Minimum[problem.Items[candidate]])
            {
                Try(candidate);
            }
        }

        foreach (var candidate in order.TakeWhile(candidate => problem.Values[candidate] > 0))
        {
            Try(candidate);
        }

        return assignment;

        void Try(int candidate)
        {
            if (!assignment.Taken[candidate] && assignment.HasStock(problem.Items[candidate])
                && assignment.HasRoom(candidate / problem.Width))
            {
                assignment.Take(candidate);
            }
        }
    }
}

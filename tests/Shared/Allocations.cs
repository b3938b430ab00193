namespace Tests.Shared;

/// <summary>Counts the bytes that the current thread allocates.</summary>
internal static class Allocations
{
    private const int Rounds = 6;

    /// <summary>
    /// The bytes of the most frugal of six rounds. The runtime allocates a little of its own when it replaces code by
    /// better code, at a time of its choosing; what the code under test allocates, it allocates in every round.
    /// </summary>
    public static long Least(Action round)
    {
        var least = long.MaxValue;
        for (var i = 0; i < Rounds && least > 0; i++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            round();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        return least;
    }
}

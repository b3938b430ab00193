namespace Trainer.Data.Running;

/// <summary>
/// Gives the arrays of a finished step back before the next one asks for its own: left to itself, the collector lets
/// dead arrays grow to a good part of the live ones.
/// </summary>
public static class ReleasedMemory
{
    private const long FewEvents = 1_000_000;

    /// <summary>Collects after a step of so many events; few events are not worth the pause.</summary>
    public static void Collect(long events)
    {
        if (events >= FewEvents)
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        }
    }
}

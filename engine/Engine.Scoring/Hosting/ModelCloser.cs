using System.Runtime.CompilerServices;
using Engine.Scoring.Models;

namespace Engine.Scoring.Hosting;

/// <summary>
/// Closes replaced models on a thread of their own, of low priority: unmapping a gigabyte takes many milliseconds, and
/// the last lease ends on the thread of a request. Then the collector looks for their codes, beside the requests: a
/// server allocates so little that it might not look again for hours.
/// </summary>
public static class ModelCloser
{
    /// <summary>Closes a model that nobody uses, soon.</summary>
    public static void Close(ScoringModel model)
    {
        var held = new StrongBox<ScoringModel?>(model);
        new Thread(() =>
        {
            Dispose(held);
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, blocking: false);
        })
        {
            IsBackground = true,
            Priority = ThreadPriority.Lowest,
            Name = "unmap",
        }.Start();
    }

    // A method of its own: nothing of the caller refers to the model any more.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Dispose(StrongBox<ScoringModel?> held)
    {
        held.Value!.Dispose();
        held.Value = null;
    }
}

using Engine.Scoring.Models;

namespace Engine.Scoring.Hosting;

/// <summary>
/// Closes replaced models on a thread of their own, of low priority: unmapping a gigabyte takes many milliseconds, and
/// the last lease ends on the thread of a request.
/// </summary>
public static class ModelCloser
{
    /// <summary>Closes a model that nobody uses, soon.</summary>
    public static void Close(ScoringModel model) => new Thread(model.Dispose)
    {
        IsBackground = true,
        Priority = ThreadPriority.Lowest,
        Name = "unmap",
    }.Start();
}

namespace Engine.Kernels.Arithmetic;

/// <summary>On which threads a parallel loop runs.</summary>
internal static class ThreadChoice
{
    /// <summary>
    /// The threads of the caller's scheduler: within a task that a server runs on threads of its own the loop stays on
    /// those, elsewhere it runs on the thread pool.
    /// </summary>
    /// <param name="threads">The most threads; -1 for as many as the scheduler gives.</param>
    /// <param name="cancellation">Ends the loop after the parts that run.</param>
    public static ParallelOptions Of(int threads, CancellationToken cancellation = default) => new()
    {
        MaxDegreeOfParallelism = threads,
        TaskScheduler = TaskScheduler.Current,
        CancellationToken = cancellation,
    };
}

namespace Engine.Server.Warming;

/// <summary>Where the server reaches itself, once its ports are open.</summary>
/// <param name="find">Finds them then.</param>
/// <param name="started">Canceled when they are, as the host says it.</param>
internal sealed class OwnAddresses(Func<IReadOnlyList<OwnAddress>> find, CancellationToken started)
{
    /// <summary>Completes when the ports are open.</summary>
    public Task Bound
    {
        get
        {
            var bound = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            started.Register(bound.SetResult);
            return bound.Task;
        }
    }

    /// <summary>In the order of the options; only after <see cref="Bound"/>.</summary>
    public IReadOnlyList<OwnAddress> All => find();
}

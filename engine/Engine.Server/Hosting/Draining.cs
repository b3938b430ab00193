using Engine.Server.Configuration;
using Engine.Server.Workspaces;

namespace Engine.Server.Hosting;

/// <summary>
/// How the server stops: first it says that it is not ready and answers on, so that load balancers go elsewhere; then
/// the host closes its connections (GOAWAY) and waits for the calls that are open.
/// </summary>
internal sealed partial class Draining(
    HealthBoard health, ServerOptions options, TimeProvider time, ILogger<Draining> logger)
    : IHostedLifecycleService, IDisposable
{
    private readonly CancellationTokenSource _drained = new();

    /// <summary>
    /// Ends the calls of an endpoint when the wait is over: a watcher of the health never ends by itself, and would
    /// hold the server for all of its time to stop.
    /// </summary>
    public void EndStreams(EndpointBuilder endpoint)
    {
        var inner = endpoint.RequestDelegate!;
        endpoint.RequestDelegate = async http =>
        {
            using (_drained.Token.Register(static context => ((HttpContext)context!).Abort(), http))
            {
                await inner(http);
            }
        };
    }

    /// <inheritdoc/>
    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        health.Stop();
        if (options.DrainSeconds > 0)
        {
            LogDraining(options.DrainSeconds);
            await Task.Delay(TimeSpan.FromSeconds(options.DrainSeconds), time, cancellationToken)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await _drained.CancelAsync();
    }

    /// <inheritdoc/>
    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public void Dispose() => _drained.Dispose();

    [LoggerMessage(LogLevel.Information, "stopping: not ready from now on; connections end in {Seconds} s")]
    private partial void LogDraining(int seconds);
}

using System.Collections.Concurrent;
using Engine.Tables.Rows;

namespace Engine.Tables.Sql;

/// <summary>
/// Sends statements over several connections at once, while the next ones are built. The order is not kept. A statement
/// that fails for a passing reason is sent again, so statements must give the same rows when they run twice.
/// </summary>
internal sealed class StatementSender : IDisposable
{
    private readonly BlockingCollection<string> _queue;
    private readonly CancellationTokenSource _stop;
    private readonly Task[] _workers;
    private readonly SqlSource _source;
    private readonly string _action;
    private readonly Retry _retry;
    private Exception? _failure;

    public StatementSender(SqlSource source, string action, int streams, Retry retry, CancellationToken cancel)
    {
        (_source, _action, _retry) = (source, action, retry);
        _stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        _queue = new BlockingCollection<string>(streams);
        _workers =
            [.. Enumerable
                .Range(0, streams)
                .Select(
                    _ => Task.Factory.StartNew(
                        Work, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default))];
    }

    /// <summary>
    /// Hands over a statement; waits while all connections are busy. Throws what an earlier one failed with.
    /// </summary>
    public void Send(string sql)
    {
        try
        {
            _queue.Add(sql, _stop.Token);
        }
        catch (OperationCanceledException)
        {
            ThrowFailure();
            throw;
        }
    }

    /// <summary>Waits until everything has been sent and confirmed.</summary>
    public void Finish()
    {
        _queue.CompleteAdding();
        Task.WaitAll(_workers);
        ThrowFailure();
        _stop.Token.ThrowIfCancellationRequested();
    }

    public void Dispose()
    {
        _stop.Cancel();
        Task.WaitAll(_workers);
        _queue.Dispose();
        _stop.Dispose();
    }

    private void Work()
    {
        try
        {
            foreach (var sql in _queue.GetConsumingEnumerable(_stop.Token))
            {
                _retry.Run(
                    () =>
                    {
                        _source.Execute(_action, sql);
                        return true;
                    },
                    _stop.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // Another worker failed, or the caller gave up.
        }
#pragma warning disable CA1031 // it is thrown again, on the caller's thread
        catch (Exception e)
#pragma warning restore CA1031
        {
            Interlocked.CompareExchange(ref _failure, e, null);
            _stop.Cancel();
        }
    }

    private void ThrowFailure()
    {
        if (_failure is SourceException e)
        {
            throw new SourceException(e.Fault, e.Message, e);
        }

        if (_failure is not null)
        {
            throw new TableException($"{_action} failed: {_failure.Message}", _failure);
        }
    }
}

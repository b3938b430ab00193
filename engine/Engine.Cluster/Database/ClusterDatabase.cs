using System.Data;
using System.Data.Common;
using Engine.Cluster.Configuration;
using Engine.Snapshots.Writing;
using Engine.Tables.Rows;
using Engine.Tables.Sql;
using MySqlConnector;

namespace Engine.Cluster.Database;

/// <summary>
/// The database that joins the nodes. Every failure is a <see cref="StorageException"/> with a sentence for the person
/// whose change was refused. Safe for several threads.
/// </summary>
public sealed class ClusterDatabase : IDisposable
{
    // The control plane waits for a database that has fallen silent as long as a person waits for a save.
    private const int ConnectSeconds = 3;
    private const int CommandSeconds = 10;
    private const int Tries = 5;

    private readonly SqlSource _source;

    /// <summary>Prepares the connections; nothing is sent yet.</summary>
    /// <exception cref="InputException">The source file names another kind of server, or cannot be used.</exception>
    public ClusterDatabase(ClusterSettings settings)
    {
        try
        {
            var source = DataSourceFile.Read(settings.Database);
            _source = source.Kind == SourceKind.Mysql
                ? new SqlSource(
                    source with
                    {
                        ConnectSeconds = Math.Min(source.ConnectSeconds, ConnectSeconds),
                        QuerySeconds = Math.Min(source.QuerySeconds, CommandSeconds),
                        ConnectionReset = true,
                    },
                    isTyped: true)
                : throw new InputException(
                    $"{settings.Database}: found kind {source.Kind}; expected mysql (MariaDB or MySQL): the nodes "
                    + "need transactions");
        }
        catch (TableException e)
        {
            throw new InputException(e.Message, e);
        }
    }

    /// <summary>Host, port and database for a person.</summary>
    public string Place => _source.Settings.Place();

    /// <summary>Connections for the membership.</summary>
    internal DbDataSource Connections => _source.Connections;

    /// <summary>Runs a transaction; it is repeated when the server ended it in favor of another one.</summary>
    /// <param name="action">What it is for, for messages: <c>saving a document</c>.</param>
    /// <param name="work">Its commands.</param>
    /// <exception cref="StorageException">The database does not answer or refuses; nothing was changed.</exception>
    internal T Run<T>(string action, Func<Transaction, T> work)
    {
        for (var tried = 1; ; tried++)
        {
            try
            {
                using var connection = _source.Connect();
                using var transaction = connection.BeginTransaction(IsolationLevel.ReadCommitted);
                var commands = new Transaction(connection, transaction);
                var result = work(commands);
                if (!commands.IsUndone)
                {
                    transaction.Commit();
                }

                return result;
            }
            catch (MySqlException e) when (tried < Tries
                && e.ErrorCode is MySqlErrorCode.LockDeadlock or MySqlErrorCode.LockWaitTimeout)
            {
                // Another transaction went first.
            }
            catch (Exception e) when (e is TableException or DbException or TimeoutException)
            {
                throw Failed(action, e);
            }
        }
    }

    /// <summary>Takes a lock of the server's; null when others have kept it for ten seconds.</summary>
    /// <param name="action">What it is for, for messages.</param>
    /// <param name="name">Of the lock, at most 64 characters.</param>
    /// <exception cref="StorageException">The database does not answer.</exception>
    internal IDisposable? TakeTurn(string action, string name)
    {
        try
        {
            return Turn.Take(_source.Connect(), name);
        }
        catch (Exception e) when (e is TableException or DbException or TimeoutException)
        {
            throw Failed(action, e);
        }
    }

    private StorageException Failed(string action, Exception e) => new(
        $"the database of the cluster, {Place}, failed while {action}: {e.Message.TrimEnd('.')}. Nothing "
        + "was changed, and what is served keeps being served. Repeat the call when the database answers",
        e);

    /// <inheritdoc/>
    public void Dispose() => _source.Dispose();
}

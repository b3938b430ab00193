using System.Data.Common;
using MySqlConnector;

namespace Engine.Cluster.Database;

/// <summary>A lock of the database server with a connection of its own: it ends with that connection.</summary>
internal sealed class Turn : IDisposable
{
    private readonly MySqlConnection _connection;
    private readonly string _name;

    private Turn(MySqlConnection connection, string name) => (_connection, _name) = (connection, name);

    /// <summary>Waits ten seconds for the lock; null when others keep it.</summary>
    /// <param name="connection">Open. The turn owns it.</param>
    /// <param name="name">Of the lock, at most 64 characters.</param>
    public static Turn? Take(MySqlConnection connection, string name)
    {
        try
        {
            using var command = Command(connection, "SELECT GET_LOCK(@name, 10)", name);
            if (Convert.ToInt32(command.ExecuteScalar() is var taken and not DBNull ? taken : 0) == 1)
            {
                return new Turn(connection, name);
            }
        }
        catch
        {
            connection.Dispose();
            throw;
        }

        connection.Dispose();
        return null;
    }

    /// <summary>
    /// Releases the lock. A lost connection has released it already, and says nothing of what was saved meanwhile.
    /// </summary>
    public void Dispose()
    {
        try
        {
            using var command = Command(_connection, "SELECT RELEASE_LOCK(@name)", _name);
            command.ExecuteScalar();
        }
        catch (Exception e) when (e is DbException or InvalidOperationException or TimeoutException)
        {
            // A connection that goes back to the pool is reset, which releases the lock, too.
        }
        finally
        {
            _connection.Dispose();
        }
    }

    private static MySqlCommand Command(MySqlConnection connection, string sql, string name)
    {
        var command = new MySqlCommand(sql, connection);
        command.Parameters.AddWithValue("@name", name);
        return command;
    }
}

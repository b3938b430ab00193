using System.Data.Common;
using MySqlConnector;

namespace Engine.Cluster.Database;

/// <summary>One transaction of <see cref="ClusterDatabase.Run"/>. Values are @0, @1, ... of a statement.</summary>
internal sealed class Transaction(MySqlConnection connection, MySqlTransaction transaction)
{
    /// <summary>Whether nothing of it is kept.</summary>
    public bool IsUndone { get; private set; }

    /// <summary>Takes back what it has changed. Nothing can be run after it.</summary>
    public void Undo()
    {
        transaction.Rollback();
        IsUndone = true;
    }

    /// <summary>Runs a statement.</summary>
    /// <returns>The rows that it changed.</returns>
    public int Execute(string sql, params object?[] values)
    {
        using var command = Command(sql, values);
        return command.ExecuteNonQuery();
    }

    /// <summary>The first value of the first row; null when there is none.</summary>
    public object? Value(string sql, params object?[] values)
    {
        using var command = Command(sql, values);
        return command.ExecuteScalar() is var value && value is DBNull ? null : value;
    }

    /// <summary>The rows of a query.</summary>
    public List<T> Rows<T>(string sql, Func<DbDataReader, T> row, params object?[] values)
    {
        using var command = Command(sql, values);
        using var reader = command.ExecuteReader();
        var rows = new List<T>();
        while (reader.Read())
        {
            rows.Add(row(reader));
        }

        return rows;
    }

    private MySqlCommand Command(string sql, object?[] values)
    {
        var command = new MySqlCommand(sql, connection, transaction);
        for (var i = 0; i < values.Length; i++)
        {
            command.Parameters.AddWithValue($"@{i}", values[i] ?? DBNull.Value);
        }

        return command;
    }
}

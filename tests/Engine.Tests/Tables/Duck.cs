using System.Data.Common;
using DuckDB.NET.Data;

namespace Engine.Tests.Tables;

/// <summary>DuckDB in the process: a second reader and writer of Parquet.</summary>
internal static class Duck
{
    public static void Run(string sql) => Each(sql, _ => { });

    public static void Each(string sql, Action<DbDataReader> visit)
    {
        using var connection = new DuckDBConnection("Data Source=:memory:");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        using var rows = command.ExecuteReader();
        while (rows.Read())
        {
            visit(rows);
        }
    }
}

using Engine.Tables.Rows;
using Engine.Tables.Sql;

namespace Engine.Server.Catalog;

/// <summary>A table of a data source that holds audiences: (audience, user_id).</summary>
internal static class AudienceTable
{
    private const string Name = "audience";
    private const string User = "user_id";

    /// <summary>
    /// Replaces the rows of one audience atomically; rows of other audiences stay. Errors:
    /// <see cref="TableException"/>; the old rows stay.
    /// </summary>
    /// <returns>The number of rows in the table, counted after publishing.</returns>
    public static long Publish(
        SqlSource source, string table, string audience, IEnumerable<string> users, SqlWriteOptions options)
    {
        var shape = new ResultShape(
            [new(Name, ColumnType.Text), new(User, ColumnType.Text)],
            [Name, User],
            new ResultPartition(Name, [audience]));
        using var writer = new SqlTableWriter(source, table, shape, options);
        foreach (var user in users)
        {
            writer.Write(audience);
            writer.Write(user);
            writer.EndRow();
        }

        writer.Complete();
        return writer.Rows;
    }
}

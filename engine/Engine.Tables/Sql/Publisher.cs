using System.Globalization;
using MySqlConnector;

namespace Engine.Tables.Sql;

/// <summary>
/// Staging, counting and the one statement that publishes: what surrounds the rows of a <see cref="SqlTableWriter"/>.
/// </summary>
internal sealed class Publisher : IDisposable
{
    private const int StatementReserve = 1 << 12;

    private readonly SqlSource _source;
    private readonly SqlWriteOptions _options;
    private readonly Retry _retry;
    private Publication _publication;
    private MySqlConnection? _mark;

    public Publisher(SqlSource source, string table, ResultShape shape, SqlWriteOptions options)
    {
        (_source, _options) = (source, options);
        _retry = new Retry(options.Time, options.Attempts);
        var (staging, retired) = StagingNames.Make(table, options.Time.GetUtcNow());
        _publication = new Publication(table, staging, retired, FinalExists: false, Rows: 0, shape);
    }

    /// <summary>The table that takes the rows.</summary>
    public string Staging => _publication.Staging;

    /// <summary>
    /// Removes what killed runs left behind, marks its own as in use, compares the final table with the
    /// shape and makes the staging table.
    /// </summary>
    public void Prepare()
    {
        MarkStaging();
        foreach (var table in Tables().Where(IsLeftover).ToArray())
        {
            Run($"removing the leftover {table}", $"DROP TABLE IF EXISTS {SqlDialect.Name(table)}");
        }

        _publication = _publication with { FinalExists = Exists(_publication.Final) };
        if (_publication.FinalExists)
        {
            CheckFinal();
        }
        else if (_source.Dialect.CollationQuery is { } query)
        {
            var collations = _retry.Run(() => _source.Query("asking for collations", query), _options.Cancel);
            _publication = _publication with
            {
                Shape = _publication.Shape with { Collation = collations.Count > 0 ? collations[0][0] : null },
            };
        }

        Run($"making the staging table {Staging}", _source.Dialect.CreateStaging(_publication));
    }

    /// <summary>The most bytes of one statement, by the dialect and the server.</summary>
    public int StatementLimit()
    {
        try
        {
            var allowed = _source.Query("asking for the statement limit", "SELECT @@max_allowed_packet")[0][0];
            return Math.Min(
                SqlDialect.MaxStatementBytes,
                (int)Math.Min(int.MaxValue, long.Parse(allowed!, CultureInfo.InvariantCulture)))
                - StatementReserve;
        }
        catch (SourceException e) when (!e.IsTransient)
        {
            return SqlDialect.MaxStatementBytes - StatementReserve;
        }
    }

    /// <summary>Counts the staged rows, publishes them, counts the published ones and cleans up.</summary>
    public void Publish(long rows)
    {
        _publication = _publication with { Rows = rows };
        var staged = Count(Staging, null);
        if (staged != rows)
        {
            throw new SourceException(
                SourceFault.Changed,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{rows} rows were sent to {Staging} and {staged} are there: "
                    + $"rows with the same key ({string.Join(", ", _publication.Shape.Key)}) replace each other, " +
                    $"or the server lost rows that it had confirmed.{Collations()} The old result stays; "
                    + $"make the keys of the rows different, then write again."));
        }

        _retry.Run(PublishOnce, _options.Cancel);
        var published = Count(_publication.Final, PartitionCondition());
        if (published != rows)
        {
            throw new SourceException(
                SourceFault.Changed,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{rows} rows were published in {_publication.Final} and {published} are there: "
                    + $"another program writes into the table. Stop it, then write again."));
        }

        CleanUp(_source.Dialect.AfterPublish(_publication));
    }

    /// <summary>Removes the staging table; when that fails a later run does it.</summary>
    public void Abandon() => CleanUp([$"DROP TABLE IF EXISTS {SqlDialect.Name(Staging)}"]);

    /// <summary>Which keys the table itself takes for equal.</summary>
    private string Collations()
    {
        if (_source.Dialect.CollationQuery is null)
        {
            return "";
        }

        var found = _source.Query($"looking at {Staging}", $"SHOW FULL COLUMNS FROM {SqlDialect.Name(Staging)}")
            .Where(
                row => _publication.Shape.Key.Contains(row[0])
                    && row[2] is not (null or "utf8mb4_nopad_bin" or "utf8mb4_0900_bin" or "binary"))
            .Select(row => row[2]).Distinct().ToList();
        return found.Count == 0
            ? ""
            : $" The keys have the collation {string.Join(", ", found)}, which takes ids for equal that differ in "
                + "trailing spaces, and some also in case or accents. " +
                "Write to a new table, which is made with one that does not, or change the collation.";
    }

    /// <summary>Others may take what is left of the run for theirs to remove.</summary>
    public void Dispose()
    {
        if (_mark is not null)
        {
            // Closed for good, so that the mark ends with it.
            MySqlConnection.ClearPool(_mark);
            _mark.Dispose();
            _mark = null;
        }
    }

    // Alive as long as this run: a killed program loses its connection, and with it the mark.
    private void MarkStaging()
    {
        if (_source.Dialect.MarkStaging(Staging) is { } sql)
        {
            _mark = _retry.Run(_source.Connect, _options.Cancel);
            _source.Execute(_mark, $"marking {Staging}", "SET SESSION wait_timeout = 2147483");
            _source.Scalar(_mark, $"marking {Staging}", sql);
        }
    }

    // A run that is not marked is over, if the server has kept its mark from the beginning.
    private bool IsLeftover(string table)
    {
        if (StagingNames.RunOf(table, _publication.Final) is not var (staging, began) || staging == Staging)
        {
            return false;
        }

        var now = _options.Time.GetUtcNow();
        if (_source.Dialect.IsStagingFree(staging) is not { } sql)
        {
            return StagingNames.IsOld(began, now);
        }

        return Single(sql) == "1" && (StagingNames.IsOld(began, now) || now - began <= Uptime());

        string? Single(string query) => _source.Query("looking for leftovers", query)[0][^1];
        TimeSpan Uptime() => TimeSpan.FromSeconds(
            long.Parse(Single("SHOW GLOBAL STATUS LIKE 'Uptime'")!, CultureInfo.InvariantCulture));
    }

    private bool PublishOnce()
    {
        if (!_source.Dialect.CanRepeatPublish && !Exists(Staging))
        {
            return true; // the attempt before this one changed the places and its answer was lost
        }

        using var connection = _source.Connect();
        Lock(connection);
        try
        {
            PublishLocked(connection);
        }
        finally
        {
            Unlock(connection);
        }

        return true;
    }

    private void PublishLocked(MySqlConnection connection)
    {
        // Another run may have published the first result since.
        var now = _publication = _publication with { FinalExists = Exists(_publication.Final) };
        if (!_source.Dialect.CanRepeatPublish && Count(Staging, null) != now.Rows)
        {
            _source.Execute(
                connection,
                "removing rows of other partitions from an attempt before",
                $"DELETE FROM {SqlDialect.Name(Staging)} WHERE NOT ({PartitionCondition() ?? "1 = 0"})");
        }

        foreach (var sql in _source.Dialect.PreparePublish(now).Append(_source.Dialect.Publish(now)))
        {
            _source.Execute(connection, $"publishing {now.Final}", sql);
        }
    }

    private void Lock(MySqlConnection connection)
    {
        var action = $"waiting for another publication of {_publication.Final}";
        if (_source.Dialect.LockPublication(_publication) is { } sql && _source.Scalar(connection, action, sql) != "1")
        {
            throw new SourceException(
                SourceFault.TooBusy,
                $"{action} took too long: another program publishes the same table. Wait for its end, "
                + "then write again; the old result stays.");
        }
    }

    /// <summary>The rows are published or not by now: a connection that broke has given its lock back itself.</summary>
    private void Unlock(MySqlConnection connection)
    {
        try
        {
            if (_source.Dialect.UnlockPublication(_publication) is { } sql)
            {
                _source.Execute(connection, "ending the publication", sql);
            }
        }
        catch (SourceException)
        {
            MySqlConnection.ClearPool(connection);
        }
    }

    private string? PartitionCondition() =>
        _publication.Shape.Partition is null ? null : _source.Dialect.InPartition(_publication);

    private void CheckFinal()
    {
        var shape = _publication.Shape;
        var found = _source.Describe(_publication.Final).Select(column => column.Name).ToList();
        var missing = shape.Columns.Select(column => column.Name).Except(found, StringComparer.Ordinal).ToList();
        if (missing.Count > 0)
        {
            throw new SourceException(
                SourceFault.NoColumn,
                $"the table {_publication.Final} has no column {string.Join(", ", missing)}; "
                + $"its columns are {string.Join(", ", found)}. Add them, or write to another table.");
        }

        var key = _source
            .Query($"reading the key of {_publication.Final}", $"SHOW INDEX FROM {SqlDialect.Name(_publication.Final)}")
            .Where(row => row[2] == "PRIMARY")
            .Select(row => row[4]!)
            .ToHashSet(StringComparer.Ordinal);
        if (_source.Settings.Kind == SourceKind.Mysql && !key.SetEquals(shape.Key))
        {
            throw new SourceException(
                SourceFault.BadValue,
                $"the table {_publication.Final} has the primary key ({string.Join(", ", key)}), "
                + $"({string.Join(", ", shape.Key)}) was expected: write to another table, or change the key.");
        }
    }

    private bool Exists(string table) => Tables().Contains(table, StringComparer.Ordinal);

    private IEnumerable<string> Tables() =>
        _retry.Run(() => _source.Query("listing tables", "SHOW TABLES"), _options.Cancel).Select(row => row[0]!);

    private long Count(string table, string? where) => _retry.Run(
        () => long.Parse(
            _source.Query($"counting {table}", SqlDialect.Count(table, where))[0][0]!, CultureInfo.InvariantCulture),
        _options.Cancel);

    private void Run(string action, string sql) => _retry.Run(
        () =>
        {
            _source.Execute(action, sql);
            return true;
        },
        _options.Cancel);

    private void CleanUp(IReadOnlyList<string> statements)
    {
        try
        {
            foreach (var sql in statements)
            {
                _source.Execute("cleaning up", sql);
            }
        }
        catch (SourceException)
        {
            // A later run removes what is left.
        }
    }
}

using System.Data.Common;
using System.Globalization;
using Engine.Tables.Rows;
using MySqlConnector;

namespace Engine.Tables.Sql;

/// <summary>
/// An open data source: a pool of connections that speak the text protocol, with TLS as its settings demand. Every
/// failure is a <see cref="SourceException"/>. Safe for several threads.
/// </summary>
public sealed class SqlSource : IDisposable
{
    private readonly MySqlDataSource _pool;
    private readonly ServerCertificate _certificate;

    /// <summary>
    /// Prepares the pool; nothing is sent yet. Errors: <see cref="TableException"/> for the password or CA file.
    /// </summary>
    public SqlSource(DataSource settings)
        : this(settings, isTyped: false)
    {
    }

    /// <summary>The same for programs that read values instead of texts: times are times.</summary>
    internal SqlSource(DataSource settings, bool isTyped)
    {
        Settings = settings;
        Dialect = SqlDialect.For(settings.Kind);
        Mode = settings.Tls.Mode != TlsMode.Auto ? settings.Tls.Mode
            : settings.IsLoopback() && settings.Tls.CaFile is null ? TlsMode.Auto : TlsMode.VerifyCa;
        _certificate = new ServerCertificate(settings, Mode);
        var options = new MySqlConnectionStringBuilder
        {
            Server = settings.Host,
            Port = (uint)settings.Port,
            Database = settings.Database,
            UserID = settings.User,
            Password = SourcePassword.Find(settings),
            PersistSecurityInfo = false,
            SslMode = Mode switch
            {
                TlsMode.Off => MySqlSslMode.Disabled,
                TlsMode.Auto => MySqlSslMode.Preferred,
                _ => MySqlSslMode.Required,
            },
            IgnorePrepare = true,
            AutoEnlist = false,
            AllowLoadLocalInfile = false,
            AllowZeroDateTime = !isTyped,
            TreatTinyAsBoolean = false,
            GuidFormat = MySqlGuidFormat.None,
            DateTimeKind = MySqlDateTimeKind.Unspecified,
            Pooling = true,
            MaximumPoolSize = 64,
            ConnectionLifeTime = 300,
            Keepalive = 60,
            ConnectionReset = settings.ConnectionReset,
            // above our own limit, which also holds for what the driver waits for without one
            ConnectionTimeout = (uint)settings.ConnectSeconds + 5,
            // above the hint, so that the server speaks first
            DefaultCommandTimeout = (uint)(settings.QuerySeconds + 2 + (settings.QuerySeconds / 60)),
        };
        var builder = new MySqlDataSourceBuilder(options.ConnectionString).UseConnectionOpenedCallback(Prepare);
        if (Mode != TlsMode.Off)
        {
            builder.UseRemoteCertificateValidationCallback(
                (_, certificate, _, errors) => _certificate.Accepts(certificate, errors));
        }

        _pool = builder.Build();
    }

    /// <summary>The settings; they hold no secret.</summary>
    public DataSource Settings { get; }

    /// <summary>The SQL of this kind of server.</summary>
    public SqlDialect Dialect { get; }

    /// <summary>What is demanded of TLS; <see cref="TlsMode.Auto"/> means: take it if it is offered.</summary>
    public TlsMode Mode { get; }

    /// <summary>The pool itself, for libraries that open their own connections.</summary>
    internal DbDataSource Connections => _pool;

    /// <summary>Runs a query and reads its rows' cells as text; for small answers.</summary>
    /// <param name="action">What it is for, for a person: <c>counting behavior</c>.</param>
    /// <param name="sql">One SELECT or SHOW.</param>
    /// <param name="parameters">Values for @0, @1, ..., put into the text by the driver.</param>
    public IReadOnlyList<string?[]> Query(string action, string sql, params object[] parameters)
    {
        using var rows = new SqlTableReader(this, action, sql, parameters, expected: 0);
        var all = new List<string?[]>();
        while (rows.Read())
        {
            all.Add(
                [.. Enumerable
                    .Range(0, rows.Columns.Count)
                    .Select(column => rows.IsNull(column) ? null : rows.Text(column).ToString())]);
        }

        return all;
    }

    /// <summary>Runs a statement without rows.</summary>
    public void Execute(string action, string sql)
    {
        using var connection = Connect();
        Execute(connection, action, sql);
    }

    /// <summary>All columns of a table.</summary>
    public IReadOnlyList<TableColumn> Describe(string table)
    {
        using var rows =
            new SqlTableReader(this, $"looking at {table}", SqlDialect.Shape(table, null), [], expected: 0);
        return rows.Shape;
    }

    /// <summary>Opens a table's rows as a stream; its memory is one row.</summary>
    /// <param name="table">The table.</param>
    /// <param name="columns">The columns, at most 1,024.</param>
    /// <param name="where">A condition with parameters @0, @1, ...; null for all rows.</param>
    /// <param name="expected">How many rows are expected, for progress.</param>
    /// <param name="parameters">The values of the parameters.</param>
    public SqlTableReader Read(
        string table,
        IReadOnlyList<string> columns,
        string? where = null,
        long expected = 0,
        params object[] parameters)
    {
        if (columns.Count > SqlDialect.MaxColumns)
        {
            throw new TableException(
                $"{columns.Count} columns of {table} are mapped, a query takes {SqlDialect.MaxColumns}: map fewer.");
        }

        return ReadQuery(table, SqlDialect.Select(table, columns, where), expected, parameters);
    }

    /// <summary>Opens the rows of a query over a table as a stream.</summary>
    /// <param name="table">The table, for messages.</param>
    /// <param name="select">A statement that begins with SELECT, with parameters @0, @1, ...</param>
    /// <param name="expected">How many rows are expected, for progress.</param>
    /// <param name="parameters">The values of the parameters.</param>
    public SqlTableReader ReadQuery(string table, string select, long expected, params object[] parameters) =>
        new(
            this,
            $"reading {table}",
            Dialect.WithTimeout(select, TimeSpan.FromSeconds(Settings.QuerySeconds)),
            parameters,
            expected);

    /// <inheritdoc/>
    public void Dispose() => _pool.Dispose();

    internal MySqlConnection Connect()
    {
        try
        {
            // A thread of its own: handshakes and resets of a server that has fallen silent may wait for ever.
            var opening = Task.Factory.StartNew(
                _pool.OpenConnection, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
            if (((IAsyncResult)opening).AsyncWaitHandle.WaitOne(TimeSpan.FromSeconds(Settings.ConnectSeconds)))
            {
                return opening.GetAwaiter().GetResult();
            }

            _ = opening.ContinueWith(
                late => late.Result.Dispose(),
                CancellationToken.None,
                TaskContinuationOptions.OnlyOnRanToCompletion,
                TaskScheduler.Default);
            throw new SourceException(
                SourceFault.Unreachable,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"connecting to the source at {Settings.Place()} failed: it said nothing for connect_seconds = "
                    + $"{Settings.ConnectSeconds}. " +
                    $"Check host and port, and what stands between; raise connect_seconds for a slow server."),
                null);
        }
        catch (Exception e) when (SourceFailure.Concerns(e))
        {
            throw _certificate.Refusal ?? SourceFailure.Explain(Settings, "connecting to the source", e);
        }
    }

    internal void Execute(MySqlConnection connection, string action, string sql)
    {
        try
        {
            using var command = new MySqlCommand(sql, connection);
            command.ExecuteNonQuery();
        }
        catch (Exception e) when (SourceFailure.Concerns(e))
        {
            throw SourceFailure.Explain(Settings, action, e);
        }
    }

    internal string? Scalar(MySqlConnection connection, string action, string sql)
    {
        try
        {
            using var command = new MySqlCommand(sql, connection);
            return Convert.ToString(command.ExecuteScalar(), CultureInfo.InvariantCulture);
        }
        catch (Exception e) when (SourceFailure.Concerns(e))
        {
            throw SourceFailure.Explain(Settings, action, e);
        }
    }

    private async ValueTask Prepare(MySqlConnectionOpenedContext context, CancellationToken cancel)
    {
        if ((context.Conditions & (MySqlConnectionOpenedConditions.New | MySqlConnectionOpenedConditions.Reset)) == 0)
        {
            return;
        }

        foreach (var setting in Dialect.SessionSettings(Settings))
        {
            using var command = new MySqlCommand(setting, context.Connection);
            await command.ExecuteNonQueryAsync(cancel);
        }
    }
}

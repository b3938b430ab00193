using System.Diagnostics;
using MySqlConnector;
using Tests.Shared;

namespace EndToEnd.Tests.Adb;

/// <summary>
/// A MariaDB of the tests' own: an ordinary process with its data in a temporary folder, on a loopback port, with TLS
/// by an authority made here and a binary collation. Stopped and removed at the end.
/// </summary>
public sealed class MariaDbServer : IAsyncLifetime, IDisposable
{
    /// <summary>The password of <see cref="User"/>: long and odd, so that finding it anywhere means a leak.</summary>
    public const string Password = "pa55-Wört'\"\\-7f3e9c";

    /// <summary>The account that the product uses.</summary>
    public const string User = "engine";

    private readonly TemporaryFolder _folder = new();
    private Process? _process;
    private int _databases;

    /// <summary>Where mariadbd is; null when it is not installed.</summary>
    public static string? Program { get; } =
        new[] { "/usr/sbin/mariadbd", "/usr/local/sbin/mariadbd", "/usr/bin/mariadbd" }.FirstOrDefault(File.Exists);

    /// <summary>The port on 127.0.0.1.</summary>
    public int Port { get; } = OwnPorts.Take();

    /// <summary>The authority's certificate.</summary>
    public string CaFile => _folder.File("ca.pem");

    /// <summary>What issues the server's certificate.</summary>
    internal TestAuthority Authority { get; } = new("Tests of the engine");

    public async Task InitializeAsync()
    {
        if (Program is null)
        {
            return; // the facts are skipped
        }

        await File.WriteAllTextAsync(CaFile, Authority.Pem);
        Authority.Issue(_folder.Path, "127.0.0.1", days: 30);
        var install = await ProgramOutput.Of(
            "mariadb-install-db",
            "--no-defaults",
            $"--datadir={_folder.File("data")}",
            "--auth-root-authentication-method=normal",
            "--skip-test-db",
            $"--user={Environment.UserName}");
        Assert.True(install.ExitCode == 0, install.Output + install.Error);
        await Start();
        await NewUser(User);
    }

    /// <summary>Makes an account without rights.</summary>
    public Task NewUser(string user) => Execute(
        $"CREATE OR REPLACE USER {user}@'%' IDENTIFIED BY "
        + $"'{Password.Replace("\\", @"\\", StringComparison.Ordinal).Replace("'", @"\'", StringComparison.Ordinal)}'");

    /// <summary>Starts the process and waits until it answers.</summary>
    public async Task Start()
    {
        var start = new ProcessStartInfo(
            Program!,
            [
                "--no-defaults",
                $"--user={Environment.UserName}",
                $"--datadir={_folder.File("data")}",
                $"--socket={_folder.File("s")}",
                $"--pid-file={_folder.File("pid")}",
                $"--port={Port}",
                "--bind-address=127.0.0.1",
                "--skip-name-resolve",
                "--character-set-server=utf8mb4",
                "--collation-server=utf8mb4_bin",
                $"--ssl-ca={CaFile}",
                $"--ssl-cert={_folder.File("server.pem")}",
                $"--ssl-key={_folder.File("server.key")}",
                "--innodb-buffer-pool-size=64M",
                "--innodb-flush-log-at-trx-commit=2",
                $"--log-error={_folder.File("log")}",
            ]);
        _process = Process.Start(start)!;
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                await Execute("SELECT 1");
                return;
            }
            catch (MySqlException e) when (attempt < 1_800 && !_process.HasExited
                && e.ErrorCode is MySqlErrorCode.UnableToConnectToHost)
            {
                await Task.Delay(100);
            }
        }
    }

    /// <summary>Ends the process as a power failure would.</summary>
    public void Kill()
    {
        _process!.Kill();
        _process.WaitForExit();
    }

    /// <summary>Kills the process and starts it again.</summary>
    public async Task Restart()
    {
        Kill();
        await Start();
    }

    /// <summary>Makes a new, empty database that <see cref="User"/> owns.</summary>
    public async Task<string> NewDatabase()
    {
        var name = $"brand{Interlocked.Increment(ref _databases)}";
        await Execute($"CREATE DATABASE {name}");
        await Execute($"GRANT ALL ON {name}.* TO {User}@'%'");
        return name;
    }

    /// <summary>Gives the server another certificate.</summary>
    internal async Task UseCertificate(TestAuthority authority, string host, int days)
    {
        authority.Issue(_folder.Path, host, days);
        await Execute("FLUSH SSL");
    }

    /// <summary>Runs a statement as the administrator.</summary>
    public async Task Execute(string sql, string database = "mysql")
    {
        await using var connection = await Open(database);
        await using var command = new MySqlCommand(sql, connection) { CommandTimeout = 120 };
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>
    /// Runs a query as the administrator. Returns each row's cells joined by <c>|</c>, NULL as nothing, sorted.
    /// </summary>
    public async Task<string[]> Rows(string sql, string database)
    {
        await using var connection = await Open(database);
        await using var command = new MySqlCommand(sql, connection);
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<string>();
        while (await reader.ReadAsync())
        {
            rows.Add(
                string.Join(
                    '|',
                    Enumerable.Range(0, reader.FieldCount)
                        .Select(i => reader.IsDBNull(i) ? "" : FormattableString.Invariant($"{reader.GetValue(i)}"))));
        }

        return [.. rows.Order(StringComparer.Ordinal)];
    }

    public Task DisposeAsync() => Task.CompletedTask;

    public void Dispose()
    {
        if (_process is { HasExited: false })
        {
            Kill();
        }

        _process?.Dispose();
        Authority.Dispose();
        _folder.Dispose();
    }

    private async Task<MySqlConnection> Open(string database)
    {
        var connection =
            new MySqlConnection(
                $"Server=127.0.0.1;Port={Port};User "
                + $"ID=root;Database={database};Pooling=false;SslMode=None;AllowUserVariables=true");
        await connection.OpenAsync();
        return connection;
    }
}

/// <summary>All tests share the server, one after the other.</summary>
[CollectionDefinition(nameof(MariaDbServer))]
public sealed class MariaDbTests : ICollectionFixture<MariaDbServer>;

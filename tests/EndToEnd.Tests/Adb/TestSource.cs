using Engine.Datasets.Extracts;
using System.Text.Json;
using Engine.Tables;
using Engine.Tables.Sql;
using Tests.Shared;
using Trainer.Data.Progress;
using Trainer.Data.Sources;

namespace EndToEnd.Tests.Adb;

/// <summary>
/// A database with a small brand, and the files by which a user names it; its password in an environment variable.
/// </summary>
internal sealed class TestSource : IDisposable
{
    /// <summary>The columns that the mapping of the behavior table names, in the order of the extract.</summary>
    public const string Columns = "kind, happened, customer, item, n";

    private const string Variable = "ENGINE_TESTS_SOURCE_PASSWORD";

    private readonly TemporaryFolder _folder = new();

    private TestSource(MariaDbServer server, string database)
    {
        (Server, Database) = (server, database);
        Environment.SetEnvironmentVariable(Variable, MariaDbServer.Password);
        Write(server.Port);
    }

    public MariaDbServer Server { get; }

    public string Database { get; }

    public string SourceFile => _folder.File("source.json");

    public string DatasetFile => _folder.File("dataset.json");

    public string Folder => _folder.Path;

    /// <summary>Makes the tables: behaviors over 200 days, of which a few have no time, and 40 products.</summary>
    public static async Task<TestSource> Create(MariaDbServer server, int rows = 60_000)
    {
        var source = new TestSource(server, await server.NewDatabase());
        await source.Execute(
            "CREATE TABLE shopping (customer VARCHAR(50), item VARCHAR(50), kind VARCHAR(10), "
            + "happened DATETIME(3), n INT, note TEXT)",
            $"""
            INSERT INTO shopping SELECT CONCAT('客', seq * 7919 % 900), CONCAT('p', seq * 31 % 40), ELT(1 + seq % 4, 'buy', 'see', 'see', 'see'),
            IF(seq % 5000 = 0, NULL, '2024-01-01' + INTERVAL (seq * 104729 % 17280000) SECOND), NULLIF(seq % 3, 0), REPEAT('x', 20) FROM seq_1_to_{rows}
            """,
            "CREATE TABLE goods (code VARCHAR(50) PRIMARY KEY, title VARCHAR(200), color TEXT)",
            "INSERT INTO goods SELECT CONCAT('p', seq), CONCAT('Product ', seq), 'red|green' FROM seq_0_to_39");
        return source;
    }

    /// <summary>Writes the source file, with other settings if given, and the dataset.</summary>
    public void Write(
        int port, string? tls = null, object? more = null, string host = "127.0.0.1", string environment = Variable)
    {
        var settings = new Dictionary<string, object?>
        {
            ["kind"] = "mysql",
            ["host"] = host,
            ["port"] = port,
            ["database"] = Database,
            ["user"] = MariaDbServer.User,
            ["password_env"] = environment,
            ["connect_seconds"] = 30,
            ["tls"] = new { mode = tls ?? "verify_full", ca_file = Server.CaFile },
        };
        foreach (var property in more?.GetType().GetProperties() ?? [])
        {
            settings[property.Name] = property.GetValue(more);
        }

        _folder.Write("source.json", JsonSerializer.Serialize(settings));
        _folder.Write("dataset.json", """
            {
              "source": "source.json",
              "behavior": { "table": "shopping", "user_id": "customer", "product_id": "item", "type": "kind", "time": "happened", "count": "n",
                            "types": { "buy": "purchase", "see": "view" } },
              "product": { "table": "goods", "product_id": "code", "product_name": "title",
                           "tags": [ { "column": "color", "type": "multi", "separator": "|" } ] }
            }
            """);
    }

    /// <summary>Runs statements in the database, as the administrator.</summary>
    public async Task Execute(params string[] statements)
    {
        foreach (var sql in statements)
        {
            await Server.Execute(sql, Database);
        }
    }

    /// <summary>A new path for an extract.</summary>
    public string File(string name) => _folder.File(name);

    /// <summary>Extracts in this process.</summary>
    public (ExtractManifest Manifest, int Repeats) Extract(
        string name, ExtractOptions? options = null) => Extraction.Run(
        DatasetFile,
        File(name),
        options ?? new ExtractOptions { SliceRows = 5000 },
        NoProgress.Instance,
        CancellationToken.None);

    /// <summary>An open source.</summary>
    public SqlSource Open() => new(DataSourceFile.Read(SourceFile));

    /// <summary>What the behavior table holds, as <see cref="Extracted"/> says it.</summary>
    public Task<string[]> Truth() => Server.Rows(
        $"SELECT kind, DATE_FORMAT(happened, '%Y-%m-%dT%H:%i:%s'), customer, item, n FROM shopping", Database);

    /// <summary>The rows of an extract's behavior files, cells joined by <c>|</c>, sorted.</summary>
    public string[] Extracted(string name)
    {
        using var opened = OpenedDataset.Open(File(name), NoProgress.Instance, CancellationToken.None);
        using var reader = TableFile.Open(opened.Definition.Behavior.Files);
        var rows = new List<string>();
        while (reader.Read())
        {
            rows.Add(
                string.Join('|', Enumerable.Range(0, reader.Columns.Count).Select(i => reader.Text(i).ToString())));
        }

        return [.. rows.Order(StringComparer.Ordinal)];
    }

    public void Dispose() => _folder.Dispose();
}

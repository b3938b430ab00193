using Engine.Tables.Sql;

namespace EndToEnd.Tests.Adb;

/// <summary>
/// `source check` as a program: what it says of a good source, and its own message for each thing that is wrong.
/// </summary>
[Collection(nameof(MariaDbServer))]
public sealed class CheckTests(MariaDbServer server)
{
    [MariaDbFact]
    public async Task A_good_source_is_described()
    {
        using var source = await TestSource.Create(server, 20_000);
        await source.Execute("INSERT INTO shopping VALUES ('a', 'p1', 'odd', '2024-02-01', 1, NULL)");
        var run = await Check(source);
        Assert.True(run.ExitCode == 0, run.Output + run.Error);
        Contains(
            run,
            "TLS with a verified certificate: TLS_",
            "MariaDB",
            "may read, and write results back",
            "20,001 rows, happened from 2024-01-01",
            "buy = Purchase 5,000",
            "'odd' 1",
            "The source can be used.");
    }

    [MariaDbFact]
    public async Task A_wrong_password_names_where_the_password_came_from()
    {
        using var source = await TestSource.Create(server, 1000);
        Environment.SetEnvironmentVariable("ENGINE_TESTS_WRONG", "wrong-pa55-4711");
        source.Write(server.Port, environment: "ENGINE_TESTS_WRONG");
        await Refused(source, SourceFault.WrongPassword, "the environment variable ENGINE_TESTS_WRONG", "engine");
        source.Write(server.Port, environment: "ENGINE_TESTS_ABSENT");
        var run = await Check(source);
        Assert.Equal(1, run.ExitCode);
        Contains(run, "ENGINE_TESTS_ABSENT is not set");
    }

    [MariaDbFact]
    public async Task An_expired_certificate_an_unknown_authority_and_another_host_are_told_apart()
    {
        using var source = await TestSource.Create(server, 1000);
        using var stranger = new TestAuthority("Stranger");
        try
        {
            await server.UseCertificate(server.Authority, "127.0.0.1", days: -1);
            await Refused(source, SourceFault.ExpiredCertificate, "is valid from", "renew it");
            await server.UseCertificate(stranger, "127.0.0.1", days: 30);
            await Refused(source, SourceFault.UntrustedCertificate, "CN=Stranger", "trusted authority");
            await server.UseCertificate(server.Authority, "db.example.com", days: 30);
            await Refused(source, SourceFault.WrongHostCertificate, "db.example.com", "verify_ca");
            source.Write(server.Port, tls: "verify_ca");
            Assert.Equal(0, (await Check(source)).ExitCode);
        }
        finally
        {
            await server.UseCertificate(server.Authority, "127.0.0.1", days: 30);
        }
    }

    [MariaDbFact]
    public async Task Nothing_there_no_such_host_and_no_such_database_are_told_apart()
    {
        using var source = await TestSource.Create(server, 1000);
        source.Write(OwnPorts.Take());
        await Refused(source, SourceFault.Unreachable, "Nothing answers at 127.0.0.1");
        source.Write(server.Port, host: "no-such-host.invalid");
        await Refused(source, SourceFault.UnknownHost, "no-such-host.invalid");
        source.Write(server.Port, more: new { database = "nowhere" });
        await Refused(source, SourceFault.NoDatabase, "nowhere");
    }

    [MariaDbFact]
    public async Task A_missing_table_and_a_missing_column_are_named()
    {
        using var source = await TestSource.Create(server, 1000);
        await source.Execute("ALTER TABLE shopping RENAME COLUMN happened TO at_time");
        var run = await Check(source);
        Assert.Equal(1, run.ExitCode);
        Contains(run, "table shopping has no column happened; its columns are customer, item, kind, at_time, n, note");
        await source.Execute("DROP TABLE goods");
        Contains(await Check(source), "goods' doesn't exist", "Check the table's name");
        var e = Assert.ThrowsAny<Engine.Tables.Rows.TableException>(() => source.Extract("x"));
        Assert.Contains("Correct the mapping", e.Message, StringComparison.Ordinal);
    }

    [MariaDbFact]
    public async Task A_revoked_privilege_is_named()
    {
        using var source = await TestSource.Create(server, 1000);
        await server.Execute($"REVOKE ALL ON {source.Database}.* FROM {MariaDbServer.User}@'%'");
        await server.Execute($"GRANT SELECT ON {source.Database}.goods TO {MariaDbServer.User}@'%'");
        var run = await Check(source);
        Assert.Equal(1, run.ExitCode);
        Contains(run, "SELECT command denied", "shopping", "Ask for the privilege");
    }

    [MariaDbFact]
    public async Task A_password_in_the_source_file_is_refused_and_not_repeated()
    {
        using var source = await TestSource.Create(server, 1000);
        source.Write(server.Port, more: new { password = "in-the-file-4711" });
        var run = await Check(source);
        Assert.Equal(1, run.ExitCode);
        Contains(run, "holds a password", "remove it");
        Assert.DoesNotContain("in-the-file-4711", run.Output + run.Error, StringComparison.Ordinal);
    }

    [MariaDbFact]
    public async Task The_password_is_in_no_output_and_no_file()
    {
        using var source = await TestSource.Create(server, 20_000);
        var trainer = ProgramOutput.Built("Trainer");
        var runs = new[]
        {
            await Check(source),
            await ProgramOutput.Of(
                "dotnet", trainer, "extract", "--dataset", source.DatasetFile, "--out", source.File("x")),
            await ProgramOutput.Of(
                "dotnet", trainer, "train", "--dataset", source.File("x"), "--out", source.File("snapshots"),
                "--factors", "8", "--epochs", "2"),
            await ProgramOutput.Of(
                "dotnet", trainer, "train", "--dataset", source.DatasetFile, "--out", source.File("snapshots"),
                "--factors", "8", "--epochs", "2"),
        };
        Assert.All(runs, run => Assert.True(run.ExitCode == 0, run.Output + run.Error));
        await server.Execute($"ALTER USER {MariaDbServer.User}@'%' ACCOUNT LOCK");
        var refused = await Check(source);
        await server.Execute($"ALTER USER {MariaDbServer.User}@'%' ACCOUNT UNLOCK");
        Assert.Equal(1, refused.ExitCode);
        Assert.All(
            runs.Append(refused),
            run => Assert.DoesNotContain("7f3e9c", run.Output + run.Error, StringComparison.Ordinal));
        var files = Directory.GetFiles(source.Folder, "*", SearchOption.AllDirectories);
        Assert.Contains(files, file => file.EndsWith(".snapshot", StringComparison.Ordinal));
        Assert.All(files, file => Assert.False(File.ReadAllBytes(file).AsSpan().IndexOf("7f3e9c"u8) >= 0, file));
    }

    private static async Task<ProgramOutput> Check(TestSource source) => await ProgramOutput.Of(
        "dotnet",
        ProgramOutput.Built("Trainer"),
        "source",
        "check",
        source.SourceFile,
        "--dataset",
        source.DatasetFile);

    private static async Task Refused(TestSource source, SourceFault fault, params string[] words)
    {
        using (var opened = source.Open())
        {
            Assert.Equal(fault, Assert.Throws<SourceException>(() => opened.Query("test", "SELECT 1")).Fault);
        }

        var run = await Check(source);
        Assert.Equal(1, run.ExitCode);
        Contains(run, words);
    }

    private static void Contains(ProgramOutput run, params string[] words) =>
        Assert.All(words, word => Assert.Contains(word, run.Output + run.Error, StringComparison.Ordinal));
}

using Engine;
using Engine.Tables.Rows;
using Engine.Tables.Sql;
using Tests.Shared;
using Engine.Datasets.Mapping;

namespace Trainer.Tests.Sources;

public sealed class DataSourceFileTests
{
    private const string Good =
        """{ "host": "db.example.com", "database": "brand", "user": "engine", "password_env": "PW", "tls": """
        + """{ "ca_file": "ca.pem" } }""";

    [Fact]
    public void A_source_is_read_with_its_defaults()
    {
        using var folder = new TemporaryFolder();
        var source = DataSourceFile.Read(folder.Write("source.json", Good));
        Assert.Equal(
            (SourceKind.Adb, 3306, "utf8mb4", false),
            (source.Kind, source.Port, source.CharacterSet, source.IsLoopback()));
        Assert.Equal(folder.File("ca.pem"), source.Tls.CaFile);
        Assert.True((source with { Host = "127.0.0.1" }).IsLoopback());
        Assert.True((source with { Host = "localhost" }).IsLoopback());
    }

    [Theory]
    [InlineData("\"password_env\": \"PW\"", "\"password\": \"s3cret-4711\"", "holds a password")]
    [InlineData("\"password_env\": \"PW\"", "\"Password\": \"s3cret-4711\"", "holds a password")]
    [InlineData("\"password_env\": \"PW\",", "", "neither of password_env and password_file")]
    [InlineData(
        "\"password_env\"",
        "\"password_file\": \"s3cret-4711\", \"password_env\"",
        "both of password_env and password_file")]
    [InlineData("\"host\"", "\"hots\"", "Its keys are kind, host, port")]
    [InlineData("\"database\"", "\"port\": 70000, \"database\"", "a number from 1 to 65535")]
    [InlineData("\"database\"", "\"character_set\": \"x; DROP\", \"database\"", "unusable character_set")]
    [InlineData("\"brand\"", "\" \"", "empty database")]
    public void Mistakes_say_what_was_expected_and_quote_no_secret(string from, string to, string words)
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("source.json", Good.Replace(from, to, StringComparison.Ordinal));
        var e = Assert.Throws<TableException>(() => DataSourceFile.Read(path));
        Assert.Contains(words, e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret-4711", e.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_password_file_gives_its_text_without_the_line_end()
    {
        using var folder = new TemporaryFolder();
        var source =
            DataSourceFile.Read(
                folder.Write(
                    "source.json",
                    Good.Replace("\"password_env\": \"PW\"", "\"password_file\": \"pw\"", StringComparison.Ordinal)));
        Assert.Contains(
            "cannot be read",
            Assert.Throws<TableException>(() => SourcePassword.Find(source)).Message,
            StringComparison.Ordinal);
        folder.Write("pw", " a b \r\n");
        Assert.Equal(" a b ", SourcePassword.Find(source));
        folder.Write("pw", "\n");
        Assert.Contains(
            "is empty",
            Assert.Throws<TableException>(() => SourcePassword.Find(source)).Message,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"source\": \"s.json\",", "\"files\": [\"b.csv\"]", "needs a table and no files")]
    [InlineData("", "\"table\": \"b\"", "needs files")]
    public void Both_tables_are_files_or_tables_of_one_source(string source, string behavior, string words)
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("dataset.json", $$"""
            { {{source}} "behavior": { {{behavior}}, "user_id": "u", "product_id": "p", "type": "t", "time": "a", "types": { "b": "purchase" } },
              "product": { "files": ["p.csv"], "product_id": "p", "product_name": "n" } }
            """);
        Assert.Contains(
            words, Assert.Throws<InputException>(() => DatasetFile.Read(path)).Message, StringComparison.Ordinal);
    }
}

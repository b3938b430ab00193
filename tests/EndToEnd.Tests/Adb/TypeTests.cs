using Engine.Datasets.Behaviors;
using Engine.Tables;
using Trainer.Data.Progress;
using Trainer.Data.Reading;
using Trainer.Data.Rows;
using Trainer.Data.Sources;

namespace EndToEnd.Tests.Adb;

/// <summary>What becomes of odd column types and values, from the server through the extract to the catalog.</summary>
[Collection(nameof(MariaDbServer))]
public sealed class TypeTests(MariaDbServer server)
{
    [MariaDbFact]
    public async Task Every_type_has_its_text()
    {
        using var source = await TestSource.Create(server, 100);
        await source.Execute(
            """
            CREATE TABLE odd (id INT, big DECIMAL(65,30), zero_time DATETIME NULL, part_date DATE NULL, fine DATETIME(6), stamp TIMESTAMP NULL, json_list JSON,
            emoji VARCHAR(20), long_text LONGTEXT, huge BIGINT UNSIGNED, small TINYINT(1), bits BIT(9), f FLOAT, d DOUBLE, bytes VARBINARY(10), year_of YEAR, nothing INT, spaces VARCHAR(9))
            """,
            "SET STATEMENT sql_mode = '', time_zone = '+00:00' FOR INSERT INTO odd VALUES (1, "
            + "12345678901234567890123456789012345.123456789012345678901234567890, '0000-00-00', '2021-00-15', "
            + "'2024-02-29 23:59:59.123456', "
            + "'2024-03-01 10:00:00', '[\"a\",\"b,c\"]', '𝒳😀é', REPEAT('長', 2000000), 18446744073709551615, 1, "
            + "b'101010101', 0.1, 1e-300, X'E5AEA2', 1999, NULL, '  x ')");
        source.Write(server.Port, more: new { time_zone = "+08:00" });
        using var opened = source.Open();
        using var rows = opened.Read("odd", [.. opened.Describe("odd").Select(column => column.Name)]);
        Assert.True(rows.Read());
        var texts = rows.Columns.Select((name, i) => (name, rows.Text(i).ToString())).ToDictionary();
        var expected = new Dictionary<string, string>
        {
            ["id"] = "1",
            ["big"] = "12345678901234567890123456789012345.123456789012345678901234567890",
            ["zero_time"] = "",
            ["part_date"] = "",
            ["fine"] = "2024-02-29T23:59:59.1234560",
            ["stamp"] = "2024-03-01T18:00:00",
            ["json_list"] = "[\"a\",\"b,c\"]",
            ["emoji"] = "𝒳😀é",
            ["long_text"] = new string('長', 2_000_000),
            ["huge"] = "18446744073709551615",
            ["small"] = "1",
            ["bits"] = "341",
            ["f"] = "0.1",
            ["d"] = "1E-300",
            ["bytes"] = "客",
            ["year_of"] = "1999",
            ["nothing"] = "",
            ["spaces"] = "  x ",
        };
        Assert.Equal(expected, texts);

        var path = source.File("odd.parquet");
        using (var writer = TableFile.Create(path, rows.Shape))
        {
            rows.CopyRow(writer);
            writer.Complete();
        }

        using var stored = TableFile.Open(path);
        Assert.True(stored.Read());
        expected["fine"] = "2024-02-29T23:59:59.1230000";
        Assert.Equal(expected, stored.Columns.Select((name, i) => (name, stored.Text(i).ToString())).ToDictionary());
    }

    [MariaDbFact]
    public async Task Tags_arrive_in_the_catalog_by_their_type_and_odd_ones_empty_with_a_note()
    {
        using var source = await TestSource.Create(server, 5000);
        await source.Execute(
            "ALTER TABLE goods ADD sizes JSON, ADD weight DECIMAL(60,30), ADD launched DATE, MODIFY color LONGTEXT",
            "SET STATEMENT sql_mode = '' FOR UPDATE goods SET sizes = '[\"S\",\"M/L\"]', "
            + "weight = 1234567890123456789012345678.5, launched = IF(code = 'p3', '0000-00-00', '2024-01-05'), "
            + "color = IF(code = 'p4', NULL, '红|😀|红')",
            "UPDATE goods SET title = REPEAT('t', 200), color = REPEAT('very long ', 100000) WHERE code = 'p5'",
            "SET STATEMENT sql_mode = '' FOR UPDATE shopping SET happened = '0000-00-00' WHERE customer = '客19'");
        var json = await File.ReadAllTextAsync(source.DatasetFile);
        await File.WriteAllTextAsync(source.DatasetFile, json.Replace(
            "\"tags\": [",
            "\"tags\": [ { \"column\": \"sizes\", \"type\": \"multi\" }, { \"column\": \"weight\", \"type\": "
            + "\"number\" }, { \"column\": \"launched\", \"type\": \"date\" },",
            StringComparison.Ordinal));
        source.Extract("x");
        using var opened = OpenedDataset.Open(source.File("x"), NoProgress.Instance, CancellationToken.None);
        var dataset = DatasetReader.Read(opened.Definition, NoProgress.Instance, CancellationToken.None);
        var at = dataset.Products.Ids.ToList().IndexOf("p1");
        var (zero, missing, wide) = (
            dataset.Products.Ids.ToList().IndexOf("p3"),
            dataset.Products.Ids.ToList().IndexOf("p4"),
            dataset.Products.Ids.ToList().IndexOf("p5"));
        Assert.Equal(["S", "M/L"], Values(dataset, "sizes", at));
        Assert.Equal(["红", "😀"], Values(dataset, "color", at));
        Assert.Empty(Values(dataset, "color", missing));
        Assert.Equal(999_999, Values(dataset, "color", wide)[0].Length);
        Assert.Equal(1234567890123456789012345678.5, dataset.Products.Tags.OfType<NumberTag>().Single().Values[at]);
        var days = dataset.Products.Tags.OfType<DateTag>().Single().Days;
        Assert.Equal(DateTag.Empty, days[zero]);
        Assert.NotEqual(DateTag.Empty, days[at]);
        var untimed =
            await server.Rows("SELECT COUNT(*) FROM shopping WHERE happened IS NULL OR happened = 0", source.Database);
        Assert.Equal(
            untimed[0],
            dataset.Report.Behaviors.Rejections
                .Single(r => r.Reason == RejectReason.MissingTime).Count
                .ToString(System.Globalization.CultureInfo.InvariantCulture));
    }

    private static string[] Values(Dataset dataset, string alias, int product)
    {
        var tag = dataset.Products.Tags.OfType<MultiTag>().Single(tag => tag.Alias == alias);
        return [.. tag.Codes[tag.Offsets[product]..tag.Offsets[product + 1]].Select(code => tag.Values[code])];
    }
}

using Tests.Shared;
using Engine.Tables;

namespace Engine.Tests.Tables;

/// <summary>Small files that other readers were reported to read wrongly, beside what they hold.</summary>
public sealed class ParquetCaseTests
{
    private static string Cases => Path.Combine(TestData.Root, "..", "shared", "cases");

    [CasesFact]
    public void Every_case_is_read_as_its_reference_says()
    {
        var references = Directory.GetDirectories(Cases, "parquet-*")
            .SelectMany(folder => Directory.GetFiles(folder, "*.ref.tsv")).ToArray();
        Assert.NotEmpty(references);
        foreach (var reference in references)
        {
            using var reader = TableFile.Open(reference.Replace(".ref.tsv", ".parquet", StringComparison.Ordinal));
            foreach (var line in File.ReadLines(reference))
            {
                Assert.True(reader.Read());
                var cells = Enumerable.Range(0, reader.Columns.Count).Select(i => reader.Text(i).ToString());
                Assert.Equal(
                    line.Replace("True", "true", StringComparison.Ordinal)
                        .Replace("False", "false", StringComparison.Ordinal),
                    string.Join('\t', cells));
            }

            Assert.False(reader.Read());
        }
    }

    [CasesFact]
    public void Times_in_delta_and_byte_stream_split_encodings_are_read()
    {
        var folder = Path.Combine(Cases, "parquet-encodings-and-types");
        foreach (var name in new[] { "ts_bss.parquet", "ts_delta.parquet" })
        {
            using var reader = TableFile.Open(Path.Combine(folder, name));
            Assert.True(reader.Read());
            Assert.Equal("2021-01-01T00:00:00", reader.Text(0).ToString());
            Assert.True(reader.Read());
            Assert.Equal("2021-01-01T01:00:00", reader.Text(0).ToString());
        }
    }

    [AttributeUsage(AttributeTargets.Method)]
    private sealed class CasesFactAttribute : FactAttribute
    {
        public CasesFactAttribute()
        {
            if (!Directory.Exists(Path.Combine(Cases, "parquet-encodings-and-types")))
            {
                Skip = $"the cases parquet-* are not at {Cases}";
            }
        }
    }
}

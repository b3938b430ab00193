using System.Text.Json;
using Tests.Shared;
using Engine.Datasets.Mapping;

namespace Trainer.Tests.Data;

/// <summary>The reference page of dataset.json has every key, and every format of times.</summary>
public class DatasetPageTests
{
    [Theory]
    [InlineData(typeof(DatasetDefinition))]
    [InlineData(typeof(BehaviorTable))]
    [InlineData(typeof(ProductTable))]
    [InlineData(typeof(TagDefinition))]
    public void Every_key_is_described(Type type)
    {
        var page = File.ReadAllText(Path.Combine(TestData.Root, "trainer", "DATASET.md"));
        Assert.All(
            type.GetProperties().Select(property => $"`{JsonNamingPolicy.SnakeCaseLower.ConvertName(property.Name)}`"),
            key => Assert.Contains(key, page, StringComparison.Ordinal));
        Assert.All(
            new[]
            {
                TimeParser.DayFirst,
                TimeParser.MonthFirst,
                TimeParser.YearFirst,
                TimeParser.UnixMicroseconds,
                TimeParser.ExcelSerial,
            },
            format => Assert.Contains($"`{format}`", page, StringComparison.Ordinal));
    }
}

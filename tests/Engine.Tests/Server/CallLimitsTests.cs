using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using System.Text.Json;
using Engine.Server.Configuration;
using Tests.Shared;

namespace Engine.Tests.Server;

/// <summary>The bounds of work: what a file may set, and that the page of the server says the same.</summary>
public sealed class CallLimitsTests
{
    [Fact]
    public void A_file_sets_what_it_names_and_keeps_the_other_defaults()
    {
        using var folder = new TemporaryFolder();
        var path = folder.File("limits.json");
        File.WriteAllText(path, """{ "heavy_calls": 7, }""");
        var limits = CallLimits.Read(path);
        Assert.Equal((7, new CallLimits().OpenStreams), (limits.HeavyCalls, limits.OpenStreams));
    }

    [Theory]
    [InlineData("""{ "heavy_cals": 7 }""", "heavy_cals")]
    [InlineData("""{ "heavy_calls": 0 }""", "found heavy_calls = 0; expected 1..100000")]
    [InlineData("""{ "heavy_calls": "many" }""", "whole numbers")]
    [InlineData("[]", "cannot be read as limits")]
    public void A_mistake_is_named(string json, string words)
    {
        using var folder = new TemporaryFolder();
        var path = folder.File("limits.json");
        File.WriteAllText(path, json);
        var error = Assert.Throws<InputException>(() => CallLimits.Read(path));
        Assert.Contains(words, error.Message, StringComparison.Ordinal);
        Assert.Contains(path, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_page_of_the_server_has_each_bound_with_its_range_and_default()
    {
        var page = File.ReadAllText(Path.Combine(TestData.Root, "engine", "Engine.Server", "README.md"));
        foreach (var property in typeof(CallLimits).GetProperties())
        {
            var range = property.GetCustomAttribute<RangeAttribute>()!;
            var value = property.Name == nameof(CallLimits.HeavyThreads)
                ? "one less than cores"
                : string.Create(CultureInfo.InvariantCulture, $"{property.GetValue(new CallLimits()):N0}");
            Assert.Contains(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"| `{JsonNamingPolicy.SnakeCaseLower.ConvertName(property.Name)}` | {range.Minimum:N0} to "
                    + $"{range.Maximum:N0} | {value} |"),
                page,
                StringComparison.Ordinal);
        }
    }
}

using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Engine.Server.Configuration;
using Tests.Shared;

namespace Engine.Tests.Server;

/// <summary>The table of settings: files, environment, command line, schema and page are made from it.</summary>
public sealed class SettingTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly ServerConfiguration _configuration = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_file_sets_what_it_names_and_keeps_the_other_defaults()
    {
        _configuration.AddFile(File("""
            { "$schema": "engine.schema.json", "heavy_calls": 7, "snapshots": "here", "tasks": 3, // a comment
              "allowed_hosts": ["a", "b"], "allow_cleartext": true, }
            """));
        Assert.Empty(_configuration.Problems);
        var options = _configuration.Options;
        Assert.Equal((7, "here", 3), (options.Limits.HeavyCalls, options.Snapshots, options.Tasks));
        Assert.Equal(["a", "b"], options.Access.AllowedHosts);
        Assert.True(options.Access.AllowCleartext);
        Assert.Equal(new CallLimits().OpenStreams, options.Limits.OpenStreams);
    }

    [Fact]
    public void A_later_file_then_the_environment_then_the_command_line_override()
    {
        _configuration.AddFile(File("""{ "tasks": 3, "pools": 4, "audiences": 5, "stop_seconds": 6 }"""));
        _configuration.AddFile(File("""{ "pools": 14, "audiences": 15, "stop_seconds": 16 }"""));
        _configuration.AddEnvironment(new Dictionary<string, string>
        {
            ["ENGINE_AUDIENCES"] = "25",
            ["ENGINE_STOP_SECONDS"] = "26",
            ["ENGINE_ALLOWED_HOSTS"] = "a, b",
            ["ENGINE_ALLOW_ANONYMOUS"] = "true",
        });
        _configuration.AddGiven(
            [(Named("stop_seconds"), 36), (Named("tasks"), null), (Named("sources"), "there")]);
        Assert.Empty(_configuration.Problems);
        var options = _configuration.Options;
        Assert.Equal(
            (3, 14, 25, 36, "there"),
            (options.Tasks, options.Limits.Pools, options.Limits.Audiences, options.StopSeconds, options.Sources));
        Assert.Equal(["a", "b"], options.Access.AllowedHosts);
        Assert.True(options.Access.AllowAnonymous);
    }

    [Theory]
    [InlineData("""{ "heavy_cals": 7 }""", "there is no setting 'heavy_cals'; did you mean heavy_calls?")]
    [InlineData("""{ "heavy-calls": 7 }""", "did you mean heavy_calls?")]
    [InlineData("""{ "zzzzzzzzzz": 7 }""", "there is no setting 'zzzzzzzzzz'")]
    [InlineData("""{ "heavy_calls": 0 }""", "found heavy_calls 0; expected 1 to 100000")]
    [InlineData("""{ "heavy_calls": "7" }""", "found heavy_calls \"7\"; expected 1 to 100000")]
    [InlineData("""{ "heavy_calls": 7.5 }""", "found heavy_calls 7.5; expected 1 to 100000")]
    [InlineData("""{ "heavy_calls": 99999999999 }""", "expected 1 to 100000")]
    [InlineData("""{ "heavy_calls": null }""", "expected 1 to 100000")]
    [InlineData("""{ "allow_cleartext": "yes" }""", "found allow_cleartext \"yes\"; expected true or false")]
    [InlineData("""{ "allowed_hosts": "a" }""", "expected a list of texts")]
    [InlineData("""{ "sources": 1 }""", "expected a text")]
    [InlineData("""{ "tasks": 1, "tasks": 2 }""", "tasks")]
    [InlineData("[]", "found a JSON Array; expected an object of settings")]
    [InlineData("{", "is no JSON document")]
    public void A_mistake_in_a_file_is_named(string json, string words)
    {
        var path = File(json);
        _configuration.AddFile(path);
        var problem = Assert.Single(_configuration.Problems);
        Assert.Contains(words, problem, StringComparison.Ordinal);
        Assert.StartsWith(path, problem, StringComparison.Ordinal);
    }

    [Fact]
    public void All_mistakes_are_named_and_an_absent_file_is_one()
    {
        _configuration.AddFile(File("""{ "heavy_calls": 0, "tasks": "many", "pol": 1 }"""));
        _configuration.AddFile(_folder.File("absent.json"));
        _configuration.AddEnvironment(new Dictionary<string, string> { ["ENGINE_TASKS"] = "65", ["OTHER"] = "x" });
        Assert.Equal(5, _configuration.Problems.Count);
        Assert.Equal("found ENGINE_TASKS 65; expected 1 to 64", _configuration.Problems[4]);
    }

    [Fact]
    public void A_mistyped_variable_is_a_warning_and_one_of_another_program_is_not()
    {
        _configuration.AddEnvironment(
            new Dictionary<string, string> { ["ENGINE_TASK"] = "1", ["ENGINE_SERVICE_PORT_GRPC"] = "50051" });
        Assert.Empty(_configuration.Problems);
        Assert.Contains(
            "ENGINE_TASK is ignored: there is no such setting; did you mean ENGINE_TASKS?",
            Assert.Single(_configuration.Warnings),
            StringComparison.Ordinal);
    }

    [Fact]
    public void Both_edges_of_every_range_are_inside_and_their_neighbors_are_not()
    {
        var ranged = Setting.All.Where(setting => setting.Range is not null).ToArray();
        Assert.NotEmpty(ranged);
        Assert.All(ranged, setting =>
        {
            var (least, most) = setting.Range!.Value;
            Assert.True(setting.Holds(least) && setting.Holds(most) && setting.Holds(setting.Default), setting.Name);
            Assert.False(setting.Holds(least - 1) || setting.Holds(most + 1), setting.Name);
            _configuration.AddFile(File($$"""{ "{{setting.Name}}": {{most}} }"""));
            Assert.Equal(most, setting.Get(_configuration.Options));
        });
    }

    [Fact]
    public void The_schema_has_every_setting_with_its_kind_range_and_default()
    {
        var schema = SettingSchema.Create();
        Assert.False((bool)schema["additionalProperties"]!);
        var properties = schema["properties"]!.AsObject();
        Assert.Equal(
            Setting.All.Select(setting => setting.Name).Prepend("$schema"), properties.Select(pair => pair.Key));
        Assert.All(Setting.All, setting =>
        {
            var property = properties[setting.Name]!;
            Assert.NotEmpty((string)property["description"]!);
            Assert.Equal(setting.Range?.Least, (int?)property["minimum"]);
            Assert.Equal(setting.Range?.Most, (int?)property["maximum"]);
            if (property["default"] is { } value)
            {
                // What the schema offers as the default, a file may hold.
                var file = new JsonObject { [setting.Name] = value.DeepClone() };
                _configuration.AddFile(File(file.ToJsonString()));
            }
        });
        Assert.Empty(_configuration.Problems);
    }

    [Fact]
    public void The_page_of_the_settings_is_the_table()
    {
        var page = System.IO.File.ReadAllLines(Path.Combine(TestData.Root, "engine", "Engine.Server", "SETTINGS.md"));
        Assert.Equal(Setting.All.Select(Row), page.SkipWhile(line => !line.StartsWith("| `snapshots`")));
    }

    private static string Row(Setting setting)
    {
        var range = setting.Range is var (least, most)
            ? string.Create(CultureInfo.InvariantCulture, $"{least:N0} to {most:N0}")
            : setting.Type.IsEnum ? string.Join(" or ", setting.Words.Select(word => $"`{word}`"))
            : setting.Type == typeof(bool) ? setting.Expected
            : setting.Type == typeof(string[]) ? "a list"
            : "";
        var value = setting.DefaultInWords ?? Setting.WordOf(setting.Default) switch
        {
            int number => number.ToString("N0", CultureInfo.InvariantCulture),
            bool flag => JsonSerializer.Serialize(flag),
            string { Length: > 0 } text => $"`{text}`",
            _ => "",
        };
        return $"| `{setting.Name}` | {range} | {value} | {setting.Description} |";
    }

    private static Setting Named(string name) => Setting.All.Single(setting => setting.Name == name);

    private string File(string json)
    {
        var path = _folder.File($"{Guid.NewGuid():N}.json");
        System.IO.File.WriteAllText(path, json);
        return path;
    }
}

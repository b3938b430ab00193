using System.Text.RegularExpressions;
using Tests.Shared;

namespace Engine.Tests.Architecture;

/// <summary>What the README promises to a stranger.</summary>
public sealed partial class ReadmeTests
{
    private static readonly string[] Lines = File.ReadAllLines(Path.Combine(TestData.Root, "README.md"));

    [Fact]
    public void Quick_start_holds_exactly_two_commands_and_the_build_machine_runs_the_second()
    {
        var commands = Commands("## Quick start");
        Assert.Equal(2, commands.Count);
        Assert.StartsWith("dotnet run -c Release --project engine/Engine.Demo", commands[0], StringComparison.Ordinal);
        Assert.Equal(commands[1], File.ReadLines(Path.Combine(TestData.Root, ".ci", "run")).Last());
    }

    [Fact]
    public void Files_and_folders_that_it_names_exist()
    {
        var named =
            Lines.SelectMany(line => Named().Matches(line)).Select(match => match.Groups[1].Value).Distinct().ToArray();
        Assert.NotEmpty(named);
        Assert.All(named, path => Assert.True(Path.Exists(Path.Combine(TestData.Root, path)), $"README names {path}"));
    }

    [Fact]
    public void No_page_compiles_a_program_at_each_call_that_is_installed_or_built_once()
    {
        // Pages of results say how a figure was measured at the time.
        string[] folders = ["engine", "trainer", "tests", "protos", ".github"];
        var pages = folders
            .SelectMany(folder => Directory.EnumerateFiles(
                Path.Combine(TestData.Root, folder), "*.md", SearchOption.AllDirectories))
            .Append(Path.Combine(TestData.Root, "README.md"))
            .Append(Path.Combine(TestData.Root, "bench", "README.md")).ToArray();
        Assert.True(pages.Length > 20);
        Assert.DoesNotContain(pages.SelectMany(File.ReadLines), line => CompiledAgain().IsMatch(line));
    }

    private static List<string> Commands(string heading)
    {
        var section = Lines.SkipWhile(line => line != heading).Skip(1)
            .TakeWhile(line => !line.StartsWith("## ", StringComparison.Ordinal)).ToArray();
        var fences = section.Index().Where(line => line.Item.StartsWith("```", StringComparison.Ordinal))
            .Select(line => line.Index).ToArray();
        return [.. fences.Chunk(2).Select(pair => string.Join('\n', section[(pair[0] + 1)..pair[1]]))];
    }

    [GeneratedRegex(@"`((?:protos|engine|trainer|tests|bench)/[\w./-]*)`")]
    private static partial Regex Named();

    [GeneratedRegex("dotnet run .*(engine/Engine.Server|trainer/Trainer)( |$)")]
    private static partial Regex CompiledAgain();
}

using System.Text.RegularExpressions;
using Tests.Shared;

namespace Engine.Tests.Architecture;

/// <summary>
/// engine/ARCHITECTURE.md has a heading for every project, a line for every room, and names only files that exist.
/// </summary>
public sealed partial class ArchitecturePageTests
{
    private static readonly string Page = File.ReadAllText(Path.Combine(TestData.Root, "engine", "ARCHITECTURE.md"));

    /// <summary>The projects below engine/ and trainer/.</summary>
    public static TheoryData<string> Projects { get; } =
        [.. new[] { "engine", "trainer" }
            .SelectMany(
                top => Directory
                    .GetFiles(Path.Combine(TestData.Root, top), "*.csproj", SearchOption.AllDirectories)
                    .Select(file => $"{top}/{Path.GetFileNameWithoutExtension(file)}"))
            .Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Projects))]
    public void Every_room_of_a_project_has_its_line_and_no_other_has_one(string project)
    {
        var root = Path.Combine(TestData.Root, project);
        var rooms = Directory.EnumerateFiles(root, "*.cs", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(root, Path.GetDirectoryName(file)!).Replace('\\', '/'))
                .Where(room => room != ".")
                .Distinct();
        var section = Page
            .Split("\n### ")
            .Single(part => part.StartsWith($"{Path.GetFileName(project)}\n", StringComparison.Ordinal))
            .Split("\n## ")[0];
        Assert.Equal(
            rooms.Order(StringComparer.Ordinal),
            Room().Matches(section).Select(match => match.Groups[1].Value).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Files_that_it_names_exist()
    {
        var files = new[] { "engine", "trainer" }
            .SelectMany(
                top => Directory.EnumerateFiles(Path.Combine(TestData.Root, top), "*.cs", SearchOption.AllDirectories))
            .Select(file => $"/{Path.GetRelativePath(TestData.Root, file).Replace('\\', '/')}").ToArray();
        var named = SourceFile().Matches(Page).Select(match => match.Groups[1].Value).Distinct().ToArray();
        Assert.True(named.Length > 40);
        Assert.All(named, name => Assert.Contains(files, file => file.EndsWith($"/{name}", StringComparison.Ordinal)));
    }

    [GeneratedRegex(@"^\| `([\w/]+)/` \|", RegexOptions.Multiline)]
    private static partial Regex Room();

    [GeneratedRegex(@"`([\w./]+\.cs)`")]
    private static partial Regex SourceFile();
}

using System.Reflection;
using Tests.Shared;

namespace Engine.Tests.Architecture;

/// <summary>References between projects go one way, and no two namespaces of a project use each other.</summary>
public sealed class ArchitectureTests
{
    /// <summary>For each product project, the projects that it may reference.</summary>
    public static TheoryData<string, string[]> Allowed { get; } = new()
    {
        { "Engine.Kernels", [] },
        { "Engine.Snapshots", ["Engine.Kernels"] },
        { "Engine.Scoring", ["Engine.Snapshots"] },
        { "Engine.Tables", [] },
        { "Engine.Datasets", ["Engine.Snapshots", "Engine.Tables"] },
        { "Engine.Protos", [] },
        { "Engine.Campaigns", ["Engine.Scoring"] },
        { "Engine.Reranking", ["Engine.Scoring"] },
        { "Engine.Samples", ["Engine.Scoring"] },
        { "Engine.Server", [
            "Engine.Campaigns", "Engine.Datasets", "Engine.Reranking", "Engine.Scoring", "Engine.Tables",
            "Engine.Cluster", "Engine.Console", "Engine.Protos",
        ] },
        { "Engine.Console", ["Engine.Protos", "Engine.Reports"] },
        { "Engine.Reports", [] },
        { "Engine.Cluster", ["Engine.Snapshots", "Engine.Tables"] },
        { "Engine.Client", ["Engine.Protos"] },
        { "Engine.Demo", ["Engine.Protos"] },
        { "Trainer.Data", ["Engine.Snapshots", "Engine.Tables", "Engine.Datasets"] },
        { "Trainer.Models", ["Engine.Kernels", "Trainer.Data"] },
        { "Trainer.Evaluation", ["Trainer.Models"] },
        { "Trainer.Pipeline", ["Engine.Reranking", "Engine.Scoring", "Trainer.Evaluation"] },
        { "Trainer.Leaderboard", ["Trainer.Evaluation"] },
        { "Trainer", ["Engine.Reports", "Trainer.Pipeline", "Trainer.Leaderboard"] },
    };

    [Theory]
    [MemberData(nameof(Allowed))]
    public void A_project_sees_only_what_it_may(string project, string[] allowed) =>
        Assert.Empty(ProjectFile.All[project].AssemblyReferences.Except(allowed));

    [Fact]
    public void Every_product_project_has_its_rule()
    {
        var ruled = Allowed.Select(row => (string)row[0]);
        var others =
            ProjectFile.All.Keys.Where(name => name != "Bench" && !name.EndsWith(".Tests", StringComparison.Ordinal));
        Assert.Equal(others.Order(StringComparer.Ordinal), ruled.Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("Engine.Kernels")]
    [InlineData("Engine.Snapshots")]
    [InlineData("Engine.Scoring")]
    [InlineData("Engine.Reranking")]
    [InlineData("Engine.Tables")]
    [InlineData("Engine.Datasets")]
    [InlineData("Engine.Campaigns")]
    [InlineData("Engine.Cluster")]
    [InlineData("Engine.Client")]
    [InlineData("Engine.Console")]
    [InlineData("Engine.Server")]
    public void No_two_namespaces_use_each_other(string assembly) =>
        Assert.Empty(NamespaceGraph.Cycles(Assembly.Load(assembly)));

    [Fact]
    public void Only_kernels_and_snapshots_hold_pointers() => Assert.Equal(
        ["Engine.Kernels", "Engine.Snapshots"],
        ProjectFile.All.Values
            .Where(
                project => project.AllowsUnsafe && !project.Name.EndsWith("Tests", StringComparison.Ordinal)
                    && project.Name != "Bench")
            .Select(project => project.Name).Order(StringComparer.Ordinal));

    [Fact]
    public void No_project_lies_directly_in_a_folder_that_holds_other_projects()
    {
        var folders = Directory.EnumerateFiles(TestData.Root, "*.csproj", SearchOption.AllDirectories)
            .Where(path => !path.StartsWith(Path.Combine(TestData.Root, "artifacts"), StringComparison.Ordinal))
            .Select(path => Path.GetDirectoryName(path)! + Path.DirectorySeparatorChar).ToArray();
        Assert.DoesNotContain(
            folders,
            folder => folders.Any(other => other != folder && other.StartsWith(folder, StringComparison.Ordinal)));
    }

    /// <summary>
    /// The column limit of .editorconfig, which no analyzer enforces. Tests may hold longer lines of data.
    /// </summary>
    [Theory]
    [InlineData("engine")]
    [InlineData("trainer")]
    [InlineData("bench")]
    public void No_line_is_longer_than_the_limit(string folder)
    {
        const int Limit = 120;
        var files = Directory.EnumerateFiles(Path.Combine(TestData.Root, folder), "*.cs", SearchOption.AllDirectories);
        Assert.NotEmpty(files);
        Assert.Empty(files
            .SelectMany(path => File.ReadLines(path).Select((line, n) => (line, Place: $"{path}:{n + 1}")))
            .Where(line => line.line.Length > Limit).Select(line => line.Place));
    }
}

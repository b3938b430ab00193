namespace Engine.Tests.Architecture;

/// <summary>References go one way: Model, Scoring, Server; Model, Scoring, Tables, Trainer. Pointers live in Engine.Model.</summary>
public sealed class ArchitectureTests
{
    /// <summary>For each product project, all that it may see.</summary>
    public static TheoryData<string, string[]> Allowed { get; } = new()
    {
        { "Engine.Model", [] },
        { "Engine.Scoring", ["Engine.Model"] },
        { "Engine.Tables", ["Engine.Model"] },
        { "Engine.Protos", [] },
        { "Engine.Server", ["Engine.Model", "Engine.Scoring", "Engine.Tables", "Engine.Protos"] },
        { "Trainer", ["Engine.Model", "Engine.Scoring", "Engine.Tables"] },
        { "Engine.Demo", ["Engine.Protos"] },
    };

    [Theory]
    [MemberData(nameof(Allowed))]
    public void A_project_sees_only_what_it_may(string project, string[] allowed) =>
        Assert.Empty(ProjectFile.All[project].AssemblyReferences.Except(allowed));

    [Fact]
    public void Every_product_project_has_its_rule()
    {
        var ruled = Allowed.Select(row => (string)row[0]);
        var others = ProjectFile.All.Keys.Where(name => name != "Bench" && !name.EndsWith(".Tests", StringComparison.Ordinal));
        Assert.Equal(others.Order(StringComparer.Ordinal), ruled.Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData(typeof(Model.Snapshot), "Engine.Scoring", "Engine.Tables", "Engine.Server", "Trainer", "Engine.Protos")]
    [InlineData(typeof(Engine.Scoring.Recommender), "Engine.Tables", "Engine.Server", "Trainer", "Engine.Protos", "Grpc", "Microsoft.AspNetCore")]
    [InlineData(typeof(Engine.Server.Hosting.ServerOptions), "Trainer")]
    [InlineData(typeof(Trainer.Training.TrainCommand), "Engine.Server", "Engine.Protos")]
    public void An_assembly_refers_to_none_of(Type inside, params string[] forbidden) =>
        Assert.DoesNotContain(
            inside.Assembly.GetReferencedAssemblies(),
            reference => forbidden.Any(name => reference.Name == name || reference.Name!.StartsWith($"{name}.", StringComparison.Ordinal)));

    [Fact]
    public void Only_the_model_holds_pointers() => Assert.Equal(
        ["Engine.Model"],
        ProjectFile.All.Values.Where(project => project.AllowsUnsafe && !project.Name.EndsWith("Tests", StringComparison.Ordinal) && project.Name != "Bench").Select(project => project.Name));

    [Fact]
    public void No_project_lies_directly_in_a_folder_that_holds_other_projects()
    {
        var folders = Directory.EnumerateFiles(TestData.Root, "*.csproj", SearchOption.AllDirectories)
            .Where(path => !path.StartsWith(Path.Combine(TestData.Root, "artifacts"), StringComparison.Ordinal))
            .Select(path => Path.GetDirectoryName(path)! + Path.DirectorySeparatorChar).ToArray();
        Assert.DoesNotContain(folders, folder => folders.Any(other => other != folder && other.StartsWith(folder, StringComparison.Ordinal)));
    }
}

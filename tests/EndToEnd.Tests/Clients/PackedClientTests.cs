using System.IO.Compression;
using System.Xml.Linq;
using Engine.Protos.V1;
using Tests.Shared;
using Task = System.Threading.Tasks.Task;

namespace EndToEnd.Tests.Clients;

/// <summary>The .NET client as other projects get it: packed, restored from a folder, asking a real engine.</summary>
public sealed class PackedClientTests : IDisposable
{
    private const string Project =
        """
        <Project Sdk="Microsoft.NET.Sdk">
          <PropertyGroup>
            <OutputType>Exe</OutputType>
            <TargetFramework>net10.0</TargetFramework>
            <UseAppHost>false</UseAppHost>
          </PropertyGroup>
          <ItemGroup>
            <PackageReference Include="Engine.Client" Version="*" />
          </ItemGroup>
        </Project>
        """;

    private const string Program =
        """
        using Engine.Client;
        using Engine.Protos.V1;

        using var engine = new EngineClient(new EngineClientOptions { Addresses = [args[0]], Key = args[1] });
        var reply = await engine.Recommender.RecommendAsync(new RecommendRequest { UserId = args[2], TopK = 5 });
        foreach (var product in reply.Products)
        {
            System.Console.WriteLine($"{product.Rank} {product.ProductId} {product.Score:R}");
        }
        """;

    private readonly TemporaryFolder _folder = new();

    private static string Configuration =>
        Path.GetFileName(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory));

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_fresh_project_with_the_package_asks_an_engine()
    {
        var feed = _folder.File("feed");
        foreach (var project in new[] { "protos/Engine.Protos.csproj", "engine/Engine.Client/Engine.Client.csproj" })
        {
            await Dotnet("pack", Path.Combine(TestData.Root, project), "-c", Configuration, "--no-build", "-o", feed);
        }

        CheckPackage(Directory.GetFiles(feed, "Engine.Client.*.nupkg").Single());
        var app = _folder.File("app");
        Directory.CreateDirectory(app);
        await File.WriteAllTextAsync(Path.Combine(app, "App.csproj"), Project);
        await File.WriteAllTextAsync(Path.Combine(app, "Program.cs"), Program);

        // What the package needs is on this machine since these tests were built: no other feed is asked.
        await Dotnet(
            "build",
            app,
            "-o",
            _folder.File("built"),
            $"-p:RestoreSources={feed}",
            $"-p:RestorePackagesPath={_folder.File("packages")}",
            $"-p:RestoreFallbackFolders={Packages()}");

        await using var engine = await RunningEngine.Start();
        var key = Access.Keys.Add(engine.Root, "app", ["read"]);
        var run = await Dotnet(
            _folder.File(Path.Combine("built", "App.dll")), $"http://{engine.GrpcAddress.Authority}", key, "user-1é");
        var expected = await engine.Recommender.RecommendAsync(
            new RecommendRequest { UserId = "user-1é", TopK = 5 },
            new Grpc.Core.Metadata { { "authorization", $"Bearer {key}" } });
        Assert.Equal(5, expected.Products.Count);
        Assert.Equal(
            expected.Products.Select(product =>
                FormattableString.Invariant($"{product.Rank} {product.ProductId} {product.Score:R}")),
            run.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    private static void CheckPackage(string file)
    {
        using var package = ZipFile.OpenRead(file);
        using var nuspec = package.GetEntry("Engine.Client.nuspec")!.Open();
        var texts = XDocument.Load(nuspec).Descendants().Where(element => !element.HasElements)
            .ToLookup(element => element.Name.LocalName, element => element.Value);
        Assert.Equal("Engine.Client", texts["id"].Single());
        Assert.Equal("No license has been chosen. All rights are reserved.", texts["copyright"].Single());
        Assert.Empty(texts["license"]);
        Assert.Contains("hedged reads", texts["description"].Single(), StringComparison.Ordinal);
        using var readme = new StreamReader(package.GetEntry(texts["readme"].Single())!.Open());
        Assert.StartsWith("# The .NET client", readme.ReadToEnd(), StringComparison.Ordinal);
    }

    private static string Packages() =>
        Environment.GetEnvironmentVariable("NUGET_PACKAGES") is { Length: > 0 } own ? own : Path.Combine(
            Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");

    private static async Task<string> Dotnet(params string[] arguments)
    {
        var run = await ProgramOutput.Of(Environment.ProcessPath!, arguments);
        Assert.True(run.ExitCode == 0, run.Output + run.Error);
        return run.Output;
    }
}

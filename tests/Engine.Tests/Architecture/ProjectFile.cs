using System.Xml.Linq;
using Tests.Shared;

namespace Engine.Tests.Architecture;

/// <summary>One .csproj of the checkout.</summary>
internal sealed class ProjectFile
{
    private readonly XDocument _document;

    private ProjectFile(string path)
    {
        _document = XDocument.Load(path);
        Name = Path.GetFileNameWithoutExtension(path);
        References =
            [.. Items("ProjectReference").Select(
                item => Path.GetFileNameWithoutExtension(item.Attribute("Include")!.Value))];
        AssemblyReferences =
        [
            .. Items("ProjectReference").Where(item => item.Attribute("ReferenceOutputAssembly")?.Value != "false")
                .Select(item => Path.GetFileNameWithoutExtension(item.Attribute("Include")!.Value)),
        ];
    }

    /// <summary>Every project, by name.</summary>
    public static IReadOnlyDictionary<string, ProjectFile> All { get; } = Directory
        .EnumerateFiles(TestData.Root, "*.csproj", SearchOption.AllDirectories)
        .Where(path => !path.StartsWith(Path.Combine(TestData.Root, "artifacts"), StringComparison.Ordinal))
        .Select(path => new ProjectFile(path))
        .ToDictionary(project => project.Name, StringComparer.Ordinal);

    /// <summary>Without folder and extension.</summary>
    public string Name { get; }

    /// <summary>The projects that are built before it.</summary>
    public IReadOnlyList<string> References { get; }

    /// <summary>The projects whose types it sees.</summary>
    public IReadOnlyList<string> AssemblyReferences { get; }

    /// <summary>Whether it may hold pointers.</summary>
    public bool AllowsUnsafe => _document.Descendants("AllowUnsafeBlocks").Any(property => property.Value == "true");

    private IEnumerable<XElement> Items(string kind) => _document.Descendants(kind);
}

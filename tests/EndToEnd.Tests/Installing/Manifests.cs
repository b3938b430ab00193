using YamlDotNet.RepresentationModel;

namespace EndToEnd.Tests.Installing;

/// <summary>The Kubernetes manifests as trees.</summary>
internal static class Manifests
{
    /// <summary>The documents of a file.</summary>
    public static YamlMappingNode[] Read(string name)
    {
        using var file = File.OpenText(Path.Combine(ProgramsFolder.Packaging("kubernetes"), name));
        var stream = new YamlStream();
        stream.Load(file);
        return [.. stream.Documents.Select(document => (YamlMappingNode)document.RootNode)];
    }

    /// <summary>What is at a path of keys separated by '/'; null when it is not there.</summary>
    public static YamlNode? At(this YamlNode node, string path) => path.Split('/').Aggregate<string, YamlNode?>(
        node,
        (inner, key) => inner is YamlMappingNode map && map.Children.TryGetValue(key, out var found) ? found : null);

    /// <summary>The text that is there.</summary>
    public static string Text(this YamlNode node, string path) =>
        (node.At(path) as YamlScalarNode)?.Value ?? throw new InvalidOperationException($"there is no {path}");

    /// <summary>The elements of the list that is there; none when there is no list.</summary>
    public static IEnumerable<YamlNode> List(this YamlNode node, string path) =>
        (node.At(path) as YamlSequenceNode)?.Children ?? [];
}

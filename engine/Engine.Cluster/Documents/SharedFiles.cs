using Engine.Snapshots.Files;
using Engine.Snapshots.Writing;

namespace Engine.Cluster.Documents;

/// <summary>Which files of a workspace's folder are the same on all nodes.</summary>
internal static class SharedFiles
{
    private const string ForgottenKey = "forgotten/key";

    // Names of files or of folders whose files, at any depth, are shared.
    private static readonly string[] Roots =
    [
        "pools", "placements", "experiments", "audiences", "blocked.json", "policy.json", "forgotten/users",
        ForgottenKey,
    ];

    /// <summary>Files without a call that changes them: people edit them, on any node.</summary>
    public static IReadOnlyList<string> Edited { get; } = ["policy.json"];

    /// <summary>The shared files of a folder, relative to it.</summary>
    public static IReadOnlyList<string> In(string folder) =>
        [.. Roots.Select(root => Path.Combine(folder, root)).SelectMany(Files)
            .Select(path => Path.GetRelativePath(folder, path).Replace('\\', '/'))];

    /// <summary>Writes one, complete or not at all. The key of the forgotten people is for its owner alone.</summary>
    public static void Write(string path, byte[] bytes)
    {
        if (path.EndsWith(ForgottenKey, StringComparison.Ordinal))
        {
            AtomicFile.WritePrivate(path, stream => stream.Write(bytes));
        }
        else
        {
            AtomicFile.Write(path, stream => stream.Write(bytes));
        }
    }

    private static IEnumerable<string> Files(string root) => FileStamp.Of(root) switch
    {
        { Kind: FileKind.Regular } => [root],
        { Kind: FileKind.Folder } => Directory.EnumerateFiles(root, "*", SearchOption.AllDirectories)
            .Where(path => !Path.GetFileName(path).StartsWith('.')),
        _ => [],
    };
}

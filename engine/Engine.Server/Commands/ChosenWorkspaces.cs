using Engine.Snapshots;

namespace Engine.Server.Commands;

/// <summary>The workspaces that a command of a whole root works on.</summary>
internal static class ChosenWorkspaces
{
    /// <summary>The one that was named; without a name, all that are there, perhaps none.</summary>
    /// <exception cref="InputException">The root or the named workspace is not there.</exception>
    public static IReadOnlyList<string> Of(string root, string? named)
    {
        var known = SnapshotDirectory.Workspaces(SnapshotDirectory.ExistingRoot(root));
        return named is null ? known
            : known.Contains(named) ? [named]
            : throw new InputException(
                $"found workspaces {string.Join(", ", known.DefaultIfEmpty("(none)"))} in {root}; expected {named}");
    }
}

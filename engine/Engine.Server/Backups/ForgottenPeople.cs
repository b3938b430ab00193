using Engine.Server.Catalog;
using Engine.Server.Events;
using Engine.Server.Forgetting;
using Engine.Snapshots.Files;
using Engine.Snapshots.Forgetting;

namespace Engine.Server.Backups;

/// <summary>A restored workspace must not bring back whom it, or the one that it replaces, has forgotten.</summary>
internal static class ForgottenPeople
{
    /// <summary>Takes over the list of the replaced workspace, and erases everybody on the list.</summary>
    /// <param name="restored">The restored folder, not yet in place.</param>
    /// <param name="replaced">The folder that it replaces; it need not exist.</param>
    /// <exception cref="InputException">The two lists have different keys.</exception>
    public static void Settle(string restored, string replaced)
    {
        if (FileStamp.Of(replaced) is { Kind: FileKind.Folder })
        {
            ForgottenUsers.TakeOver(restored, replaced);
        }

        var forgotten = ForgottenUsers.Read(restored);
        if (forgotten.Count == 0)
        {
            return;
        }

        // What is damaged stays as it is: the engine says so of each, and nothing reads it.
        var problems = new List<string>();
        new AudienceStore(restored, new()).Erase(forgotten.Contains, problems);
        Erasure.EraseTasks(restored, forgotten.Contains, problems);
        Erasure.EraseShown(restored, forgotten.Contains, problems);
        EraseEvents(Path.Combine(restored, "events"), forgotten);
    }

    private static void EraseEvents(string folder, ForgottenUsers forgotten)
    {
        try
        {
            using var log = Directory.Exists(folder) ? EventLog.TryOpen(folder) : null;
            log?.Erase(forgotten.Contains);
        }
        catch (InputException)
        {
            // A damaged log is used by no engine before a person mends it; then the engine erases them.
        }
    }
}

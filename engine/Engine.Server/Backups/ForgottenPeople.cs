using Engine.Server.Catalog;
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
    }
}

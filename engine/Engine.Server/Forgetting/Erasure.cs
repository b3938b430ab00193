using System.Text;
using Engine.Server.Catalog;
using Engine.Server.Errors;
using Engine.Server.Events;
using Engine.Server.Experiments;
using Engine.Server.Tasks;
using Engine.Snapshots.Forgetting;

namespace Engine.Server.Forgetting;

/// <summary>
/// Forgets a person in a workspace. First the list: from then on the person is unknown, whatever happens. Then
/// everything stored that names the person, file by file. Doing it again finishes what a crash left.
/// </summary>
internal static class Erasure
{
    /// <summary>Forgets a person.</summary>
    /// <param name="catalog">What is saved in the workspace.</param>
    /// <param name="user">The id.</param>
    /// <exception cref="StateException">A damaged file may still hold the id; everything else is done.</exception>
    /// <exception cref="FieldException">The id is empty or too long.</exception>
    public static Forgotten Run(WorkspaceCatalog catalog, string user)
    {
        var folder = catalog.Folder;
        if (user.Length == 0 || Encoding.UTF8.GetByteCount(user) > ushort.MaxValue)
        {
            throw new FieldException(
                "user_id", "user_id is missing, or longer than 65,535 bytes. Give the id of the person to forget");
        }

        var hash = catalog.Files.Change(() => ForgottenUsers.Add(folder, user, catalog.Files.Write));
        var problems = new List<string>();
        var audiences = catalog.Audiences.Erase(user, problems);
        var store = new TaskStore(folder);
        var id = Encoding.UTF8.GetBytes(user);
        var (taskAudiences, results, rows) = (0, 0, 0L);
        foreach (var task in store.Load(problems))
        {
            taskAudiences += store.EraseUser(task.Id, user) ? 1 : 0;
            var gone = task.Stage == TaskStage.Succeeded ? store.EraseRows(task, found => found.SequenceEqual(id)) : 0;
            results += gone > 0 ? 1 : 0;
            rows += gone;
        }

        using (var shown = new ShownLog(folder, mebibytes: 0))
        {
            rows += shown.Erase(user);
        }

        var events = EraseEvents(folder, id, problems);
        if (problems.Count > 0)
        {
            throw new StateException(
                $"the person is unknown from now on, but {problems.Count} damaged files may still hold the id. "
                + $"{problems[0]} Then forget the person again");
        }

        return new Forgotten(hash, audiences, taskAudiences, results, rows, events);
    }
    // An engine that serves the workspace has the log: it sees the list, and erases the events.
    private static int EraseEvents(string folder, byte[] id, List<string> problems)
    {
        var events = Path.Combine(folder, "events");
        try
        {
            using var log = Directory.Exists(events) ? EventLog.TryOpen(events) : null;
            return log?.Erase(found => found.SequenceEqual(id)) ?? 0;
        }
        catch (InputException e)
        {
            problems.Add(e.Message);
            return 0;
        }
    }
}

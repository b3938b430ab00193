using System.Text;
using Engine.Scoring.Events;
using Engine.Server.Catalog;
using Engine.Server.Errors;
using Engine.Server.Events;
using Engine.Server.Experiments;
using Engine.Server.Tasks;
using Engine.Snapshots.Forgetting;
using Engine.Snapshots.Writing;

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
    /// <exception cref="StateException">A file may still hold the id; everything else is done.</exception>
    /// <exception cref="FieldException">The id is empty or too long.</exception>
    public static Forgotten Run(WorkspaceCatalog catalog, string user)
    {
        var folder = catalog.Folder;
        if (user.Length == 0 || Encoding.UTF8.GetByteCount(user) > ushort.MaxValue)
        {
            throw new FieldException(
                "user_id", "user_id is missing, or longer than 65,535 bytes. Give the id of the person to forget");
        }

        using var erasing = WriterLock.Share(LockOf(folder));
        var hash = catalog.Files.Change(() => ForgottenUsers.Add(folder, user, catalog.Files.Write));
        var problems = new List<string>();
        var id = Encoding.UTF8.GetBytes(user);
        var audiences = Try(() => catalog.Audiences.Erase(IsGone, problems), problems);
        var (taskAudiences, results, rows) = EraseTasks(folder, IsGone, problems);
        rows += EraseShown(folder, IsGone, problems);
        var events = Try(() => EraseEvents(folder, IsGone), problems);
        if (problems.Count > 0)
        {
            throw new StateException(
                $"the person is unknown from now on, but {problems.Count} files may still hold the id. "
                + $"{problems[0].TrimEnd('.')}. Then forget the person again");
        }

        return new Forgotten(hash, audiences, taskAudiences, results, rows, events);

        bool IsGone(ReadOnlySpan<byte> found) => found.SequenceEqual(id);
    }

    /// <summary>Shared while people are forgotten in a workspace.</summary>
    public static string LockOf(string folder) => Path.Combine(folder, "FORGETTING.lock");

    /// <summary>Erases users from the tasks of a workspace.</summary>
    /// <param name="folder">ROOT/WORKSPACE.</param>
    /// <param name="isGone">Who.</param>
    /// <param name="problems">Receives a sentence for each thing that may still name them.</param>
    /// <returns>Tasks whose audience, and whose result, held one of them; the rows taken out.</returns>
    public static (int TaskAudiences, int Results, long Rows) EraseTasks(
        string folder, UserTest isGone, ICollection<string> problems)
    {
        var store = new TaskStore(folder);
        var (audiences, results, rows) = (0, 0, 0L);
        Try(store.AwaitCreations, problems);
        foreach (var task in store.Load(problems))
        {
            var erased = Try(() => store.Erase(task, isGone), problems);
            audiences += erased.Audience ? 1 : 0;
            results += erased.Rows > 0 ? 1 : 0;
            rows += erased.Rows;
        }

        return (audiences, results, rows);
    }

    /// <summary>Erases users from the log of what was shown.</summary>
    /// <param name="folder">ROOT/WORKSPACE.</param>
    /// <param name="isGone">Who.</param>
    /// <param name="problems">Receives a sentence when the log may still name them.</param>
    /// <returns>The lines taken out.</returns>
    public static int EraseShown(string folder, UserTest isGone, ICollection<string> problems)
    {
        using var shown = new ShownLog(folder, mebibytes: 0);
        return Try(() => shown.Erase(isGone), problems);
    }

    // An engine that serves the workspace has the log: it sees the list, and erases the events.
    private static int EraseEvents(string folder, UserTest isGone)
    {
        var events = Path.Combine(folder, "events");
        using var log = Directory.Exists(events) ? EventLog.TryOpen(events) : null;
        return log?.Erase(isGone) ?? 0;
    }

    // What cannot be read or written keeps nothing else from being erased.
    private static T Try<T>(Func<T> erase, ICollection<string> problems)
        where T : struct
    {
        try
        {
            return erase();
        }
        catch (Exception e) when (e is InputException || MachineFault.Of(e) is not null)
        {
            problems.Add(MachineFault.Sentence(e));
            return default;
        }
    }
}

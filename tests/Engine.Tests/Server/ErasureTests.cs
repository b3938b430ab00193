using Engine.Server.Catalog;
using Engine.Server.Errors;
using Engine.Server.Experiments;
using Engine.Server.Forgetting;
using Engine.Server.Results;
using Engine.Server.Tasks;
using Engine.Snapshots;
using Engine.Snapshots.Forgetting;
using Engine.Snapshots.Writing;
using Tests.Shared;

namespace Engine.Tests.Server;

/// <summary>Forgetting beside saves, damaged files and other forgetting.</summary>
public sealed class ErasureTests : IDisposable
{
    private readonly TemporaryFolder _root = new();
    private readonly SnapshotDirectory _directory;

    public ErasureTests() => _directory = new SnapshotDirectory(_root.Path, "default");

    public void Dispose() => _root.Dispose();

    [Fact]
    public void Who_is_forgotten_while_an_audience_is_saved_is_not_in_it()
    {
        var audiences = new AudienceStore(_directory.Path, new());
        Assert.Equal(1, audiences.Save("fans", "member", "test", Ids()).UserCount);
        Assert.Equal(["u2"], audiences.Ids("fans"));

        IEnumerable<string> Ids()
        {
            yield return "u1";
            ForgottenUsers.Add(_directory.Path, "u1");
            yield return "u2";
        }
    }

    [Fact]
    public void The_key_of_the_list_lies_in_a_folder_that_is_closed_to_others()
    {
        AtomicFile.CreateFolder(_directory.Path);
        Erasure.Run(new WorkspaceCatalog(_directory.Path), "u1");
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(
                UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute,
                File.GetUnixFileMode(Path.Combine(_directory.Path, "forgotten")));
        }
    }

    [Fact]
    public void A_damaged_task_keeps_nothing_else_from_being_erased()
    {
        string[] users = ["u1", "u2"];
        StoredTasks.Add(_directory, "a", "s", ended: 1, users: users);
        StoredTasks.Add(_directory, "b", "s", ended: 1, users: users);
        StoredTasks.Add(_directory, "c", "s", ended: null, users: users);
        File.WriteAllText(In("a", "users.audience"), "noise");
        File.WriteAllText(In("b", "task.json"), "noise");
        Show("u1", "u2");

        var refusal = Assert.Throws<StateException>(() => Erasure.Run(new WorkspaceCatalog(_directory.Path), "u1"));
        Assert.Contains("2 files may still hold the id", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(["u2"], new TaskStore(_directory.Path).Users("c")!);
        Assert.Equal(["u2"], Shown());
    }

    [Fact]
    public void Who_is_forgotten_while_a_task_runs_leaves_its_list_of_skipped_ids()
    {
        StoredTasks.Add(_directory, "a", "s", ended: null, users: ["u1", "u2"]);
        var store = new TaskStore(_directory.Path);
        var list = BatchSkipped.PathOf(store.ResultPath("a"));
        File.Delete(store.ResultPath("a"));
        File.WriteAllText(list, "kind,id,reason\nuser,u1,never seen\nuser,u9,never seen\nproduct,u1,never seen\n");
        ForgottenUsers.Add(_directory.Path, "u1");
        store.EraseForgotten(store.Get("a"));
        Assert.Equal("kind,id,reason\nuser,u9,never seen\nproduct,u1,never seen\n", File.ReadAllText(list));
        Assert.Equal(["u2"], store.Users("a")!);
    }

    [Fact]
    public void A_node_erases_what_it_has_stored_alone_once_for_each_list()
    {
        StoredTasks.Add(_directory, "a", "s", ended: 1, users: ["u1", "u2"]);
        Show("u1", "u2");
        ForgottenUsers.Add(_directory.Path, "u1");
        using (WriterLock.Share(Erasure.LockOf(_directory.Path)))
        {
            Assert.Empty(NodeErasure.Run(_directory.Path));
            Assert.Equal(["u1", "u2"], Shown());
        }

        Assert.Empty(NodeErasure.Run(_directory.Path));
        Assert.Equal(["u2"], Shown());
        Assert.Equal(["u2"], new TaskStore(_directory.Path).Users("a")!);

        // The same list again: nothing is read.
        File.WriteAllText(In("a", "users.audience"), "noise");
        Assert.Empty(NodeErasure.Run(_directory.Path));

        ForgottenUsers.Add(_directory.Path, "u2");
        Assert.Contains("users.audience", Assert.Single(NodeErasure.Run(_directory.Path)), StringComparison.Ordinal);
        Assert.Empty(Shown());
        Assert.Single(NodeErasure.Run(_directory.Path));
    }

    [Fact]
    public void Tasks_in_a_shared_folder_are_erased_by_the_node_that_was_asked()
    {
        using var shared = new TemporaryFolder();
        AtomicFile.CreateFolder(_directory.Path);
        File.WriteAllText(Path.Combine(_directory.Path, "tasks.at"), shared.Path);
        StoredTasks.Add(_directory, "a", "s", ended: 1, users: ["u1", "u2"]);
        ForgottenUsers.Add(_directory.Path, "u1");
        Assert.Empty(NodeErasure.Run(_directory.Path));
        Assert.Equal(["u1", "u2"], new TaskStore(_directory.Path).Users("a")!);
    }

    private string In(string task, string file) => Path.Combine(_directory.Path, "tasks", task, file);

    private void Show(params string[] users)
    {
        using var log = new ShownLog(_directory.Path, mebibytes: 1);
        foreach (var user in users)
        {
            log.Add(new ShownLine(DateTimeOffset.UnixEpoch, "id", "e", 1, "a", "s", user, ["P1"]));
        }
    }

    private string[] Shown()
    {
        using var log = new ShownLog(_directory.Path, mebibytes: 0);
        return [.. log.Read().Select(line => line.User)];
    }
}

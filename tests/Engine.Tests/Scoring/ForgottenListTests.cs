using Engine.Scoring.Hosting;
using Engine.Scoring.Models;
using Engine.Snapshots;
using Engine.Snapshots.Forgetting;
using Tests.Shared;

namespace Engine.Tests.Scoring;

/// <summary>Nobody of the list is known in a model at any moment at which it answers.</summary>
public sealed class ForgottenListTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly SnapshotDirectory _directory;
    private readonly string _id;

    public ForgottenListTests()
    {
        _directory = new SnapshotDirectory(_folder.Path);
        _id = _directory.Publish(RandomSnapshot.Content(1));
    }

    [Fact]
    public void Who_is_forgotten_while_a_model_loads_is_unknown_in_it_from_its_first_answer_on()
    {
        using var host = new SnapshotHost();
        var list = new ForgottenList(_directory, host);
        var next = Open();
        var user = next.Snapshot.UserIds.Get(0);
        ForgottenUsers.Add(_directory.Path, user);
        list.Refresh();
        Assert.True(next.Snapshot.FindUser(user) >= 0);
        list.Swap(next);
        Assert.Equal((-1, 1), (Found(host, user), list.Users.Count));
    }

    [Fact]
    public void Who_is_forgotten_between_the_reading_of_the_list_and_the_swap_is_unknown_after_the_next_look()
    {
        using var host = new SnapshotHost();
        var list = new ForgottenList(_directory, host);
        var (next, user) = (Open(), "");
        list.Swap(next, () => ForgottenUsers.Add(_directory.Path, user = next.Snapshot.UserIds.Get(0)));
        Assert.True(Found(host, user) >= 0);
        list.Refresh();
        Assert.Equal(-1, Found(host, user));
    }

    [Fact]
    public void A_list_that_cannot_be_read_or_a_refused_publication_keeps_what_is_served()
    {
        using var host = new SnapshotHost();
        var list = new ForgottenList(_directory, host);
        list.Swap(Open());
        using var held = host.Acquire();
        using var next = Open();
        Assert.Throws<InputException>(() => list.Swap(next, () => throw new InputException("full")));
        ForgottenUsers.Add(_directory.Path, "somebody");
        File.WriteAllText(Path.Combine(_directory.Path, "forgotten", "users"), "damaged\n");
        Assert.Throws<InputException>(() => list.Swap(next, () => Assert.Fail("published")));
        using var lease = host.Acquire();
        Assert.Same(held.Model, lease.Model);
    }

    [Fact]
    public void A_follower_that_failed_is_told_of_the_same_list_again()
    {
        using var host = new SnapshotHost();
        var told = 0;
        var list = new ForgottenList(_directory, host, _ =>
        {
            told++;
            if (told == 1)
            {
                throw new IOException("the disk is full");
            }
        });
        ForgottenUsers.Add(_directory.Path, "somebody");
        Assert.Throws<IOException>(list.Refresh);
        Assert.Equal((1, false), (told, list.Problem is null));
        list.Refresh();
        list.Refresh();
        Assert.Equal((2, true), (told, list.Problem is null));
    }

    public void Dispose() => _folder.Dispose();

    private ScoringModel Open() => new(_directory.Open(_id));

    private static int Found(SnapshotHost host, string user)
    {
        using var lease = host.Acquire();
        return lease.Model.Snapshot.FindUser(user);
    }
}

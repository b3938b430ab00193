using Engine.Scoring.Models;
using Engine.Snapshots;
using Engine.Snapshots.Forgetting;

namespace Engine.Scoring.Hosting;

/// <summary>
/// Makes the people unknown whom the list of a workspace names, in every model that a host serves. Any number of
/// threads may use it.
/// </summary>
/// <param name="directory">The workspace.</param>
/// <param name="host">What is served.</param>
/// <param name="changed">
/// Told of a list that has changed, after the served model knows it. When it throws, it is told again.
/// </param>
public sealed class ForgottenList(
    SnapshotDirectory directory, SnapshotHost host, Action<ForgottenUsers>? changed = null)
{
    private readonly Lock _turn = new();
    private (long Length, DateTime Written)? _seen;
    private volatile string? _problem;

    /// <summary>Why those who are hidden may not be those of the list; null when they are.</summary>
    public string? Problem => _problem;

    /// <summary>The people of the list.</summary>
    public ForgottenUsers Users { get; private set; } = ForgottenUsers.None;

    /// <summary>Reads the list when it has changed.</summary>
    /// <exception cref="InputException">It cannot be read; <see cref="Problem"/> says so, too.</exception>
    public void Refresh()
    {
        lock (_turn)
        {
            try
            {
                Follow();
                _problem = null;
            }
            catch (Exception e) when (e is InputException || MachineFault.Of(e) is not null)
            {
                _problem = MachineFault.Sentence(e);
                throw;
            }
        }
    }

    /// <summary>
    /// Serves another model, in which nobody of the list is known at any moment: a list that changes meanwhile waits.
    /// </summary>
    /// <param name="next">The host owns it when this returns.</param>
    /// <param name="publish">Called before it is served; what it throws keeps the current one.</param>
    /// <exception cref="InputException">The list cannot be read. The current one keeps serving.</exception>
    public void Swap(ScoringModel next, Action? publish = null)
    {
        lock (_turn)
        {
            next.Snapshot.Hide(ForgottenUsers.Read(directory.Path));
            publish?.Invoke();
            host.Swap(next);
        }
    }

    private void Follow()
    {
        var stamp = ForgottenUsers.StampOf(directory.Path);
        if (stamp is null || stamp == _seen)
        {
            return;
        }

        var forgotten = ForgottenUsers.Read(directory.Path);
        if (host.TryAcquire(out var lease))
        {
            using (lease)
            {
                lease.Model.Snapshot.Hide(forgotten);
            }
        }

        Users = forgotten;
        changed?.Invoke(forgotten);
        _seen = stamp;
    }
}

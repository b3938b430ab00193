using Engine.Snapshots;
using Engine.Snapshots.Forgetting;

namespace Engine.Scoring.Hosting;

/// <summary>
/// Makes the people unknown whom the list of a workspace names, in the model that answers. Any number of threads may
/// use it.
/// </summary>
internal sealed class ForgottenList(SnapshotDirectory directory, SnapshotHost host)
{
    private readonly Lock _turn = new();
    private (long Length, DateTime Written)? _seen;
    private volatile string? _problem;

    /// <summary>Why those who are hidden may not be those of the list; null when they are.</summary>
    public string? Problem => _problem;

    /// <summary>Reads the list when it has changed.</summary>
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
            }
        }
    }

    /// <summary>Another model answers, which was opened before the list may have changed.</summary>
    public void Reset()
    {
        lock (_turn)
        {
            _seen = null;
        }
    }

    private void Follow()
    {
        var stamp = ForgottenUsers.StampOf(directory.Path);
        if (stamp is null || stamp == _seen || !host.TryAcquire(out var lease))
        {
            return;
        }

        using (lease)
        {
            lease.Model.Snapshot.Hide(ForgottenUsers.Read(directory.Path));
        }

        _seen = stamp;
    }
}

using System.Diagnostics.CodeAnalysis;
using Engine.Scoring.Models;
using Engine.Snapshots;
using Engine.Snapshots.Files;

namespace Engine.Scoring.Hosting;

/// <summary>
/// Serves what CURRENT of a workspace names. An invalid snapshot never replaces a valid one: it is rejected, and the
/// current one keeps serving. Any number of threads may use it.
/// </summary>
public sealed class CurrentFollower
{
    private readonly SnapshotDirectory _directory;
    private readonly SnapshotHost _host;
    private readonly ForgottenList _forgotten;
    private readonly IFollowerOwner _owner;
    private readonly ServedFile _served;
    private readonly RefusedFile _refused;
    private readonly Lock _swap = new();
    private (string Id, FileStamp? File, string By)? _judged;
    private volatile string? _activeId;
    private volatile string? _problem;
    private volatile string? _refusedId;
    private volatile bool _isEmpty = true;
    private bool _isStopped;

    /// <summary>Serves nothing until <see cref="Refresh"/>.</summary>
    public CurrentFollower(
        SnapshotDirectory directory,
        SnapshotHost host,
        ForgottenList forgotten,
        IFollowerOwner owner,
        TimeProvider time)
    {
        (_directory, _host, _forgotten, _owner) = (directory, host, forgotten, owner);
        (_served, _refused) = (new ServedFile(time), new RefusedFile(time));
        _problem = $"{directory.Path} has not been read yet. Try again in a moment";
    }

    /// <summary>The served snapshot, or null.</summary>
    public string? ActiveId => _activeId;

    /// <summary>
    /// Why the served snapshot is not the one that CURRENT names, or what has become of its file; null when all is
    /// well.
    /// </summary>
    public string? Problem => _problem;

    /// <summary>
    /// Whether nothing is served because CURRENT names nothing, or was not read yet: no fault, whatever
    /// <see cref="Problem"/> advises.
    /// </summary>
    public bool IsEmpty => _isEmpty;

    /// <summary>The published snapshot that <see cref="Problem"/> is about, or null.</summary>
    public string? RefusedId => _refusedId;

    /// <summary>Reads CURRENT and serves what it names, or says why not: <see cref="Problem"/>.</summary>
    /// <param name="cancellation">Ends a load.</param>
    /// <exception cref="OperationCanceledException">It was canceled; what was served is served.</exception>
    public void Refresh(CancellationToken cancellation = default)
    {
        lock (_swap)
        {
            if (_isStopped)
            {
                return;
            }

            try
            {
                StopWhenChanged();
                Follow(cancellation);
            }
            catch (Exception e) when (e is InputException || MachineFault.Of(e) is not null)
            {
                Refuse(MachineFault.Sentence(e));
            }
        }
    }

    /// <summary>Serves a model that was loaded apart, unless it cannot be published.</summary>
    /// <param name="model">The follower owns it, whatever happens.</param>
    /// <param name="publish">Moves CURRENT to it; what it throws is thrown, and the current one keeps serving.</param>
    /// <returns>The id that was served before, or null.</returns>
    public string? Serve(ScoringModel model, Action publish)
    {
        lock (_swap)
        {
            ObjectDisposedException.ThrowIf(_isStopped, this);
            var before = _activeId;
            Swap(model, publish);
            return before;
        }
    }

    /// <summary>Whether a snapshot is served already, so that there is nothing to load.</summary>
    /// <param name="id">The snapshot.</param>
    /// <param name="publish">Called when it is: CURRENT may name another one, which was rejected.</param>
    /// <param name="active">The id that is served, or null.</param>
    public bool TryKeep(string id, Action publish, out string? active)
    {
        lock (_swap)
        {
            active = _activeId;
            if (id == active)
            {
                publish();
                Accept();
            }

            return id == active;
        }
    }

    /// <summary>Swaps nothing any more. The host can be disposed of afterwards.</summary>
    public void Stop()
    {
        lock (_swap)
        {
            _isStopped = true;
        }
    }

    // A rejected file is read again when it has changed, and now and then; one that was judged, only when that may
    // turn out otherwise.
    private void Follow(CancellationToken cancellation)
    {
        var id = _owner.Choose(_directory.ReadCurrent, _activeId);
        if (id is null)
        {
            Wait(
                $"nothing is published in {_directory.Path} yet; "
                + $"run `trainer train --out {Path.GetDirectoryName(_directory.Path)}`");
        }
        else if (id == _activeId)
        {
            Watch(id);
        }
        else if (_directory.StampOf(id) is var file && (id, file, _owner.JudgedBy(id)) != _judged
            && _refused.IsDue(id, file))
        {
            if (_activeId is null && _owner.Baseline(id) is { } first && first != id)
            {
                Load(first, _directory.StampOf(first), cancellation);
            }

            Load(id, file, cancellation);
        }
    }

    [SuppressMessage("Reliability", "CA2000", Justification = "The host owns a model from the exchange on.")]
    private void Load(string id, FileStamp? file, CancellationToken cancellation)
    {
        try
        {
            var by = _owner.JudgedBy(id);
            var model = _owner.Load(id, cancellation);
            if (Judge(model, cancellation) is { } reason)
            {
                model.Dispose();
                _judged = (id, file, by);
                Refuse(reason, id);
            }
            else
            {
                Swap(model);
            }
        }
        catch (Exception e) when (e is InputException || MachineFault.Of(e) is not null)
        {
            // Too little memory for the next one is no reason to stop serving this one.
            _refused.Add(id, file);
            Refuse(e is InputException ? e.Message : $"snapshot {id}: {MachineFault.Sentence(e)}", id);
        }
    }

    private string? Judge(ScoringModel model, CancellationToken cancellation)
    {
        try
        {
            return _owner.Judge(model, cancellation);
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    // The served snapshot and its file.
    private void Watch(string id)
    {
        using var lease = _host.Acquire();
        if (_served.Check(lease.Model.Snapshot) is { } problem)
        {
            Refuse(problem, id);
        }
        else
        {
            Accept();
            _owner.Following(id);
        }
    }

    // Only where no private copy could be made: what answers is no longer what was verified.
    private void StopWhenChanged()
    {
        if (!_host.TryAcquire(out var lease))
        {
            return;
        }

        using (lease)
        {
            if (lease.Model.Snapshot is { IsIntact: false } changed)
            {
                _host.Clear();
                _activeId = null;
                Refuse(
                    $"{changed.Path} was written to while it was served, and there was no room or right for a private "
                    + "copy. Nothing is served until it is sound again. Restore the file, or publish a snapshot again",
                    changed.Id);
            }
        }
    }

    private void Swap(ScoringModel model, Action? publish = null)
    {
        var previous = _activeId;
        try
        {
            _forgotten.Swap(model, publish);
        }
        catch
        {
            model.Dispose();
            throw;
        }

        _served.Serve(model.Snapshot);
        _activeId = model.Snapshot.Id;
        Accept();
        _owner.Serving(model, previous);
    }

    private void Accept()
    {
        _isEmpty = false;
        _problem = null;
        _refusedId = null;
        _refused.Clear();
    }

    // Not an error of a snapshot.
    private void Wait(string reason)
    {
        _isEmpty = _activeId is null;
        _refusedId = null;
        _refused.Clear();
        if (reason != _problem)
        {
            _problem = reason;
            _owner.Waiting(reason);
        }
    }

    private void Refuse(string reason, string? id = null)
    {
        _isEmpty = false;
        _refusedId = id;
        if (reason != _problem)
        {
            _problem = reason;
            _owner.Refused(reason);
        }
    }
}

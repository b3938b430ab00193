using System.Diagnostics.CodeAnalysis;
using Engine.Scoring.Comparing;
using Engine.Scoring.Hosting;
using Engine.Scoring.Models;
using Engine.Server.Catalog;
using Engine.Server.Configuration;
using Engine.Server.Errors;
using Engine.Snapshots;
using Engine.Snapshots.Files;
using Engine.Snapshots.Forgetting;
using Engine.Snapshots.Format;

namespace Engine.Server.Workspaces;

/// <summary>
/// One tenant: its published snapshots, the served one, and why the published one is not served. An invalid snapshot
/// never replaces a valid one.
/// </summary>
internal sealed partial class Workspace : IDisposable
{
    /// <summary>Replaced snapshots that may stay mapped for streams.</summary>
    public const int MaximumRetired = 2;

    private readonly SnapshotDirectory _directory;
    private readonly SnapshotLoader _loader;
    private readonly RetiredModels _retired = new(MaximumRetired);
    private readonly SnapshotHost _host;
    private readonly NamedSnapshots _named;
    private readonly ServedFile _served;
    private readonly RefusedFile _refused;
    private readonly PolicyFile _policy;
    private readonly int _threads;
    private readonly ServerMetrics _metrics;
    private readonly ILogger _logger;
    private readonly Lock _swap = new();
    private readonly Lock _forgetting = new();
    private (long Length, DateTime Written)? _forgotten;
    private volatile string? _forgottenProblem;
    private (string Id, FileStamp? File, string Policy)? _beyond;
    private volatile string? _refusedId;
    private volatile string? _activeId;
    private volatile string? _problem;

    /// <summary>Serves nothing until <see cref="Refresh"/>.</summary>
    public Workspace(
        SnapshotDirectory directory,
        ServerOptions options,
        ServerMetrics metrics,
        WarmUpQueries warmUp,
        ILogger logger,
        TimeProvider? time = null)
    {
        time ??= TimeProvider.System;
        (_served, _refused) = (new ServedFile(time), new RefusedFile(time));
        _host = new SnapshotHost(_retired);
        _directory = directory;
        _loader = new SnapshotLoader(directory, (long)options.ServedMebibytes << 20, warmUp);
        _named = new NamedSnapshots(directory, (long)options.NamedMebibytes << 20, _retired);
        _policy = new PolicyFile(directory.Path);
        _threads = options.TaskThreads;
        _metrics = metrics;
        _logger = logger;
        Catalog = new WorkspaceCatalog(directory.Path, options.Limits);
        _problem = $"{directory.Path} has not been read yet. Try again in a moment";
    }

    /// <summary>As requests name it.</summary>
    public string Name => _directory.Workspace;

    /// <summary>Saved pools and audiences.</summary>
    public WorkspaceCatalog Catalog { get; }

    /// <summary>The served snapshot, or null.</summary>
    public string? ActiveId => _activeId;

    /// <summary>
    /// Why the served snapshot is not the one that CURRENT names, or what has become of its file; null when all is
    /// well.
    /// </summary>
    public string? Problem => _problem ?? _forgottenProblem ?? Catalog.Blocked.Problem;

    /// <summary>The published snapshot that <see cref="Problem"/> is about, or null.</summary>
    public string? RefusedId => _refusedId;

    /// <summary>Replaced snapshots that are still mapped for streams or tasks.</summary>
    public int Retired => _retired.Count;

    /// <summary>The published ids, newest data first.</summary>
    public IReadOnlyList<string> Published => _directory.List();

    /// <summary>The path of a published snapshot.</summary>
    public string FilePath(string id) => _directory.FilePath(id);

    /// <summary>A lease on the served model, or on the published one that is named.</summary>
    /// <exception cref="NotServingException">Nothing is served.</exception>
    /// <exception cref="NotFoundException">The named one is not published.</exception>
    /// <exception cref="SnapshotFormatException">The named one is damaged.</exception>
    public ModelLease Acquire(string snapshotId)
    {
        if (_host.TryAcquire(out var lease))
        {
            if (snapshotId.Length == 0 || lease.Model.Snapshot.Id == snapshotId)
            {
                return lease;
            }

            lease.Dispose();
        }

        return snapshotId.Length == 0 ? throw NotServing() : _named.Acquire(snapshotId);
    }

    /// <summary>
    /// Whether <see cref="Acquire"/> answers or refuses at once; else it verifies a file first, which takes seconds.
    /// </summary>
    public bool IsOpen(string snapshotId) =>
        snapshotId.Length == 0 || snapshotId == _activeId || _named.IsOpen(snapshotId);

    /// <summary>The same for a stream.</summary>
    public ModelPin Pin(string snapshotId)
    {
        if (_host.TryPin() is { } pin)
        {
            if (snapshotId.Length == 0 || pin.Model.Snapshot.Id == snapshotId)
            {
                return pin;
            }

            pin.Dispose();
        }

        return snapshotId.Length == 0 ? throw NotServing() : _named.Pin(snapshotId);
    }

    /// <summary>
    /// Serves what CURRENT names. Rejects an invalid snapshot and keeps serving the current one; see
    /// <see cref="Problem"/>.
    /// </summary>
    /// <param name="stopping">Ends a load: the engine stops.</param>
    public void Refresh(CancellationToken stopping = default)
    {
        TryRefreshForgotten();
        lock (_swap)
        {
            try
            {
                StopWhenChanged();
                var id = _directory.ReadCurrent();
                if (id is null)
                {
                    Wait(
                        $"nothing is published in {_directory.Path} yet; "
                        + $"run `train --out {Path.GetDirectoryName(_directory.Path)}`");
                }
                else if (id == _activeId)
                {
                    Watch(id);
                }
                else if (_directory.StampOf(id) is var file && (id, file, _policy.StampOf(id)) != _beyond
                    && _refused.IsDue(id, file))
                {
                    LoadPassed(id, stopping);
                    Load(id, file, stopping);
                }
            }
            catch (Exception e) when (e is InputException || MachineFault.Of(e) is not null)
            {
                Refuse(MachineFault.Sentence(e));
            }
        }
    }

    /// <summary>Makes the people unknown who were forgotten since the last time, in every open snapshot.</summary>
    /// <exception cref="InputException">The list cannot be read.</exception>
    public void RefreshForgotten()
    {
        lock (_forgetting)
        {
            var stamp = ForgottenUsers.StampOf(_directory.Path);
            if (stamp is null || stamp == _forgotten)
            {
                return;
            }

            var forgotten = ForgottenUsers.Read(_directory.Path);
            if (_host.TryAcquire(out var lease))
            {
                using (lease)
                {
                    lease.Model.Snapshot.Hide(forgotten);
                }
            }

            _named.Hide(forgotten);
            _forgotten = stamp;
        }
    }

    /// <summary>Verifies, warms and serves a published snapshot and moves CURRENT to it.</summary>
    /// <returns>The id that was served before, or null.</returns>
    /// <exception cref="InputException">It is not published, or is damaged; the current one keeps serving.</exception>
    /// <exception cref="StateException">It is beyond the policy, and not forced.</exception>
    [SuppressMessage("Reliability", "CA2000", Justification = "The host owns a model from the exchange on.")]
    public string? Activate(string id, bool validateOnly, bool force, CancellationToken cancellation = default)
    {
        if (TryKeep(id, validateOnly, out var before))
        {
            return before;
        }

        // Nobody waits for a verification: the lock is taken for the swap alone.
        var model = _loader.Load(id, before, cancellation);
        if (!force && JudgeOrClose(model, cancellation) is { } reason)
        {
            throw new StateException(reason);
        }

        if (validateOnly)
        {
            model.Dispose();
            return before;
        }

        lock (_swap)
        {
            try
            {
                _directory.Activate(id);
                _policy.Approve(id);
            }
            catch
            {
                model.Dispose();
                throw;
            }

            before = _activeId;
            Serve(model);
            return before;
        }
    }

    /// <summary>
    /// Activates the snapshot that CURRENT named before the present one; a second rollback undoes the first.
    /// </summary>
    /// <returns>The id that was served until now.</returns>
    /// <exception cref="StateException">There is none, or a snapshot was published that is not served yet.</exception>
    public string? Rollback(CancellationToken cancellation = default)
    {
        if (_directory.ReadCurrent() is { } current && current != _activeId)
        {
            throw new StateException(
                $"snapshot {current} is published in workspace '{Name}' and not "
                + $"served{(_problem is null ? " yet" : $": {_problem}")}. Activate a snapshot by its id");
        }

        return Activate(
            _directory.Previous()
            ?? throw new StateException(
                $"workspace '{Name}' has no other snapshot to roll back to. Activate one by its id"),
            validateOnly: false,
            force: true,
            cancellation);
    }

    // The snapshot that is served already: there is nothing to load.
    private bool TryKeep(string id, bool validateOnly, out string? before)
    {
        lock (_swap)
        {
            before = _activeId;
            if (id == before && !validateOnly)
            {
                // CURRENT may name another one, which was refused.
                _directory.Activate(id);
                Accept();
            }

            return id == before;
        }
    }

    /// <summary>Compares two models of this workspace, and judges the second by the policy.</summary>
    public (SnapshotDiff Diff, IReadOnlyList<string> Breaches) Compare(
        ScoringModel before, ScoringModel after, int users, string? category, CancellationToken cancel)
    {
        var diff = SnapshotComparer.Compare(
            before, after, PolicyFile.OptionsOf(users, category, _threads, Catalog.Audiences), cancel);
        return (diff, _policy.Current?.Judge(diff) ?? []);
    }

    /// <summary>Stops serving; leases stay valid until they end.</summary>
    public void Dispose()
    {
        _host.Dispose();
        _named.Dispose();
    }

    private void TryRefreshForgotten()
    {
        try
        {
            RefreshForgotten();
            _forgottenProblem = null;
        }
        catch (Exception e) when (e is InputException or IOException or UnauthorizedAccessException)
        {
            if (_forgottenProblem != e.Message)
            {
                LogForgotten(Name, e.Message);
            }

            _forgottenProblem = e.Message;
        }
    }

    [SuppressMessage("Reliability", "CA2000", Justification = "The host owns a model from the exchange on.")]
    private void Load(string id, FileStamp? file, CancellationToken stopping)
    {
        try
        {
            var policy = _policy.StampOf(id);
            var model = _loader.Load(id, _activeId, stopping);
            if (JudgeOrClose(model, stopping) is { } reason)
            {
                RecordFirst(_activeId!);
                _beyond = (id, file, policy);
                Refuse(reason, id);
                return;
            }

            Serve(model);
            TryApprove(id);
        }
        catch (Exception e) when (e is InputException || MachineFault.Of(e) is not null)
        {
            // Too little memory for the next one is no reason to stop serving this one.
            _refused.Add(id, file);
            Refuse(e is InputException ? e.Message : $"snapshot {id}: {MachineFault.Sentence(e)}", id);
        }
    }

    // At a start nothing is served that a new snapshot could be compared with: the last one that passed is served
    // first.
    private void LoadPassed(string id, CancellationToken stopping)
    {
        if (_activeId is null && _policy.IsToBeJudged(id) && _policy.Baseline(_directory) is { } passed && passed != id)
        {
            Load(passed, _directory.StampOf(passed), stopping);
        }
    }

    // What was served when the policy was made has passed: without it, a restart would serve what the policy refused.
    private void RecordFirst(string served)
    {
        if (_policy.IsNew)
        {
            TryApprove(served);
        }
    }

    // Another engine, or none, may have the right to write here: the next start then compares with an older snapshot.
    private void TryApprove(string id)
    {
        try
        {
            _policy.Approve(id);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            LogApproval(Name, e.Message);
        }
    }

    // Why the policy refuses a model; null when it passes, or nothing is served. Only a model that passes stays open.
    private string? JudgeOrClose(ScoringModel model, CancellationToken cancellation)
    {
        var passes = false;
        try
        {
            using var pin = _policy.IsToBeJudged(model.Snapshot.Id) ? _host.TryPin() : null;
            var reason =
                pin is null ? null : _policy.Judge(pin.Model, model, Catalog.Audiences, _threads, cancellation);
            passes = reason is null;
            return reason;
        }
        finally
        {
            if (!passes)
            {
                model.Dispose();
            }
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
            RecordFirst(id);
        }
    }

    // Only where no private copy could be made: what answers is no longer what was verified.
    private void StopWhenChanged()
    {
        if (_host.TryAcquire(out var lease))
        {
            using (lease)
            {
                if (lease.Model.Snapshot is { IsIntact: false } changed)
                {
                    _host.Clear();
                    _activeId = null;
                    Refuse(
                        $"{changed.Path} was written to while it was served, and there was no room or right for a "
                        + "private copy. Nothing is served until it is sound again. Restore the file, "
                        + "or publish a snapshot again",
                        changed.Id);
                }
            }
        }
    }

    private void Serve(ScoringModel model)
    {
        var id = model.Snapshot.Id;
        var (users, products) = (model.Snapshot.Manifest.UserCount, model.Snapshot.Manifest.ProductCount);
        _host.Swap(model);
        _served.Serve(model.Snapshot);
        if (!model.Snapshot.IsPrivate && OperatingSystem.IsLinux())
        {
            LogInPlace(Name, id);
        }

        // Somebody may have been forgotten while it was loading.
        lock (_forgetting)
        {
            _forgotten = null;
        }

        TryRefreshForgotten();
        var previous = _activeId;
        _activeId = id;
        Accept();
        _metrics.Swapped(Name);
        LogServing(Name, id, users, products, previous is null ? "first snapshot" : $"previously {previous}");
    }

    // Nothing is published (any more): not an error of a snapshot.
    private void Wait(string reason)
    {
        _refusedId = null;
        _refused.Clear();
        if (reason != _problem)
        {
            _problem = reason;
            LogWaiting(Name, reason, _activeId ?? "nothing");
        }
    }

    private void Accept()
    {
        _problem = null;
        _refusedId = null;
        _refused.Clear();
    }

    // Logged and counted once per reason, not at every check.
    private void Refuse(string reason, string? id = null)
    {
        _refusedId = id;
        if (reason != _problem)
        {
            _problem = reason;
            _metrics.Refused(Name);
            LogRefused(Name, reason, _activeId ?? "nothing");
        }
    }

    private NotServingException NotServing() => new($"workspace '{Name}' has no active snapshot: {_problem}");

    [LoggerMessage(
        LogLevel.Information,
        "workspace {Workspace}: now serving {SnapshotId} ({Users} users, {Products} products; {Previous})")]
    private partial void LogServing(string workspace, string snapshotId, int users, int products, string previous);

    [LoggerMessage(
        LogLevel.Warning,
        "workspace {Workspace}: no room or no right for a private copy of {SnapshotId}, so the published file itself "
        + "is mapped. Do not write to it: truncating it ends the engine")]
    private partial void LogInPlace(string workspace, string snapshotId);

    [LoggerMessage(LogLevel.Error, "workspace {Workspace}: the list of forgotten people cannot be read: {Reason}")]
    private partial void LogForgotten(string workspace, string reason);

    [LoggerMessage(
        LogLevel.Warning, "workspace {Workspace}: cannot record the snapshot that passed the policy: {Reason}")]
    private partial void LogApproval(string workspace, string reason);

    [LoggerMessage(LogLevel.Warning, "workspace {Workspace}: {Reason} (serving {Active})")]
    private partial void LogWaiting(string workspace, string reason, string active);

    [LoggerMessage(LogLevel.Error, "workspace {Workspace}: {Reason} (still serving {Active})")]
    private partial void LogRefused(string workspace, string reason, string active);
}

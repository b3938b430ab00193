using Engine.Cluster.Fleet;
using Engine.Scoring.Models;
using Engine.Server.Errors;

namespace Engine.Server.Workspaces;

/// <summary>
/// Verifies and warms what a cluster offers, beside what is served, and keeps it until the cluster serves it.
/// </summary>
/// <param name="fleet">What the cluster offers and serves.</param>
/// <param name="load">Opens, verifies and warms a snapshot of the folder.</param>
/// <param name="judge">Why the policy refuses a model; null when it passes.</param>
/// <param name="judgedBy">Changes when the policy may decide otherwise.</param>
/// <param name="time">The clock.</param>
internal sealed class FleetFollower(
    WorkspaceFleet fleet,
    Func<string, CancellationToken, ScoringModel> load,
    Func<ScoringModel, CancellationToken, string?> judge,
    Func<string, string> judgedBy,
    TimeProvider time) : IDisposable
{
    private static readonly TimeSpan RetryPause = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    private readonly Lock _lock = new();
    private ScoringModel? _warm;
    private volatile Refusal? _refused;

    /// <summary>What the cluster offers and serves.</summary>
    public WorkspaceFleet Fleet => fleet;

    /// <summary>Prepares what is offered, and says how this node does. One call at a time.</summary>
    /// <param name="active">What is served.</param>
    /// <param name="problem">Why it is not what the cluster serves; null when it is.</param>
    /// <param name="cancellation">Ends a load.</param>
    /// <exception cref="OperationCanceledException">It was canceled.</exception>
    public void Prepare(string? active, string? problem, CancellationToken cancellation)
    {
        var next = fleet.ToPrepare;
        Drop(warm => warm != next?.Id && warm != fleet.Served);
        if (next is { } offered)
        {
            var isReady = offered.Id == active || IsWarm(offered.Id);
            fleet.Prepared(offered.Id, isReady ? null : Warm(offered.Id, offered.IsForced, cancellation));
        }
        else if (fleet.Served is { } served && (served == active || problem is not null))
        {
            fleet.Prepared(served, served == active ? null : problem);
        }
    }

    /// <summary>The prepared model of a snapshot, which the caller owns; null when another one is prepared.</summary>
    public ScoringModel? Take(string id)
    {
        lock (_lock)
        {
            var warm = _warm?.Snapshot.Id == id ? _warm : null;
            _warm = warm is null ? _warm : null;
            return warm;
        }
    }

    /// <summary>Offers a snapshot to all nodes.</summary>
    /// <returns>The offer: see <see cref="WhenServed"/>.</returns>
    public long Offer(string id, bool isForced)
    {
        _refused = null;
        return fleet.Offer(id, isForced);
    }

    /// <summary>Completes when this node serves what was offered. The wait holds no thread.</summary>
    /// <exception cref="StateException">This node refuses it, or another offer has taken its place.</exception>
    /// <exception cref="OperationCanceledException">The caller has gone; the offer stays.</exception>
    public async Task WhenServed(string id, long offer, Func<string?> active, CancellationToken cancellation)
    {
        while (active() != id || fleet.Served != id)
        {
            if (_refused is { } refused && refused.Id == id)
            {
                throw new StateException(refused.Problem);
            }

            if (fleet.IsOver(id, offer))
            {
                throw new StateException(
                    $"another snapshot took the place of {id} before the nodes served it. "
                    + "`engine cluster status` shows which one, and why nodes refused");
            }

            // Not back to the thread of a heavy call.
            await Task.Delay(Pause, time, cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>Closes what is prepared.</summary>
    public void Dispose() => Drop(_ => true);

    private string? Warm(string id, bool isForced, CancellationToken cancellation)
    {
        var by = $"{judgedBy(id)} {isForced}";
        if (_refused is { } refused && refused.Id == id && refused.By == by
            && time.GetElapsedTime(refused.Since) < RetryPause)
        {
            return refused.Problem;
        }

        try
        {
            var model = load(id, cancellation);
            if ((isForced ? null : Judged(model, cancellation)) is { } reason)
            {
                model.Dispose();
                return Refuse(reason);
            }

            _refused = null;
            lock (_lock)
            {
                _warm?.Dispose();
                _warm = model;
            }

            return null;
        }
        catch (Exception e) when (e is InputException || MachineFault.Of(e) is not null)
        {
            return Refuse(e is InputException ? e.Message : $"snapshot {id}: {MachineFault.Sentence(e)}");
        }

        string Refuse(string reason)
        {
            _refused = new Refusal(id, by, time.GetTimestamp(), reason);
            return reason;
        }
    }

    private string? Judged(ScoringModel model, CancellationToken cancellation)
    {
        try
        {
            return judge(model, cancellation);
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    private bool IsWarm(string id)
    {
        lock (_lock)
        {
            return _warm?.Snapshot.Id == id;
        }
    }

    private void Drop(Predicate<string> isUnneeded)
    {
        lock (_lock)
        {
            if (_warm is not null && isUnneeded(_warm.Snapshot.Id))
            {
                _warm.Dispose();
                _warm = null;
            }
        }
    }

    private sealed record Refusal(string Id, string By, long Since, string Problem);
}

using System.Diagnostics.CodeAnalysis;
using Engine.Scoring.Hosting;
using Engine.Scoring.Models;
using Engine.Server.Errors;
using Engine.Snapshots;

namespace Engine.Server.Workspaces;

/// <summary>
/// Changes the served snapshot of a workspace, as people ask for it: verify, warm, judge by the policy, swap, move
/// CURRENT.
/// </summary>
/// <param name="directory">The published snapshots.</param>
/// <param name="loader">Opens, verifies and warms one.</param>
/// <param name="follower">Swaps it in.</param>
/// <param name="policy">Records what has passed.</param>
/// <param name="judge">Why the policy refuses a model; null when it passes.</param>
/// <param name="fleet">Offers it to all nodes of a cluster; null outside of one.</param>
internal sealed class SnapshotActivator(
    SnapshotDirectory directory,
    SnapshotLoader loader,
    CurrentFollower follower,
    PolicyFile policy,
    Func<ScoringModel, CancellationToken, string?> judge,
    FleetFollower? fleet)
{
    /// <summary>
    /// Verifies, warms and serves a published snapshot and moves CURRENT to it; in a cluster offers it to all nodes.
    /// </summary>
    /// <returns>What was served before, and when this one is.</returns>
    /// <exception cref="InputException">It is not published, or is damaged; the current one keeps serving.</exception>
    /// <exception cref="StateException">It is beyond the policy, and not forced.</exception>
    public Activation Activate(string id, bool validateOnly, bool force, CancellationToken cancellation = default)
    {
        if (fleet is not null && !validateOnly)
        {
            var before = follower.ActiveId;
            _ = SnapshotLoader.LengthOf(directory, id);
            var offer = fleet.Offer(id, force);
            return new(before, fleet.WhenServed(id, offer, () => follower.ActiveId, cancellation));
        }

        return new(ActivateHere(id, validateOnly, force, cancellation), Task.CompletedTask);
    }

    [SuppressMessage("Reliability", "CA2000", Justification = "The follower owns a model that is served.")]
    private string? ActivateHere(string id, bool validateOnly, bool force, CancellationToken cancellation)
    {
        var before = follower.ActiveId;
        if (validateOnly ? id == before : follower.TryKeep(id, () => directory.Activate(id), out before))
        {
            return before;
        }

        // Nobody waits for a verification: the lock is taken for the swap alone.
        var model = loader.Load(id, before, cancellation);
        try
        {
            if (!force && judge(model, cancellation) is { } reason)
            {
                throw new StateException(reason);
            }
        }
        catch
        {
            model.Dispose();
            throw;
        }

        if (validateOnly)
        {
            model.Dispose();
            return before;
        }

        return follower.Serve(
            model,
            () =>
            {
                directory.Activate(id);
                policy.Approve(id);
            });
    }

    /// <summary>
    /// Activates the snapshot that CURRENT named before the present one; a second rollback undoes the first.
    /// </summary>
    /// <returns>What was served until now, and when the other one is.</returns>
    /// <exception cref="StateException">There is none, or a snapshot was published that is not served yet.</exception>
    public Activation Rollback(CancellationToken cancellation = default)
    {
        if (directory.ReadCurrent() is { } current && current != follower.ActiveId)
        {
            throw new StateException(
                $"snapshot {current} is published in workspace '{directory.Workspace}' and not served"
                + $"{(follower.Problem is { } problem ? $": {problem}" : " yet")}. Activate a snapshot by its id");
        }

        return Activate(
            directory.Previous()
            ?? throw new StateException(
                $"workspace '{directory.Workspace}' has no other snapshot to roll back to. Activate one by its id"),
            validateOnly: false,
            force: true,
            cancellation);
    }
}

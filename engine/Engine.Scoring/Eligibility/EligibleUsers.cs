using Engine.Scoring.Ids;
using Engine.Scoring.Queries;
using Engine.Scoring.Sets;
using Engine.Snapshots;

namespace Engine.Scoring.Eligibility;

/// <summary>Resolves which users a question is about.</summary>
internal static class EligibleUsers
{
    /// <summary>
    /// The users of the inline list and of the saved audience, if they are given; else every user. On a shard, ids that
    /// are another's take no part and are not reported.
    /// </summary>
    public static void Resolve(
        Snapshot snapshot, UserFilter filter, SkippedIds skipped, Bitset users, CancellationToken cancellation)
    {
        if (filter.HasAudience)
        {
            users.Clear(snapshot.Manifest.UserCount);
            foreach (var id in filter.AudienceUserIds)
            {
                cancellation.ThrowIfCancellationRequested();
                var user = snapshot.UserIds.Find(id);
                if (user < 0 && !snapshot.Owns(id))
                {
                    continue;
                }

                if (user < 0)
                {
                    skipped.Add(id, SkipReason.UnknownUser);
                }
                else if (!users.Add(user))
                {
                    skipped.Add(id, SkipReason.Duplicate);
                }
            }
        }
        else
        {
            users.Fill(snapshot.Manifest.UserCount);
        }

        if (filter.Audience is { } audience)
        {
            audience.Report(skipped);
            users.IntersectWith(audience.Users);
        }

        if (snapshot.HiddenUsers.IsEmpty)
        {
            return;
        }

        foreach (var forgotten in snapshot.HiddenUsers.All())
        {
            users.Remove(forgotten);
        }
    }
}

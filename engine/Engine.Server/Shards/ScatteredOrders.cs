using Engine.Protos.V1;
using Engine.Scoring.Models;
using Engine.Server.Contract;

namespace Engine.Server.Shards;

/// <summary>NextOrder over shards: an owner of each user's bucket answers, users in the order of the request.</summary>
internal static class ScatteredOrders
{
    /// <summary>Asks the owners, and merges what they answer.</summary>
    /// <exception cref="InputException">The request is refused.</exception>
    /// <exception cref="Engine.Snapshots.MissingBucketsException">No owner of a user's bucket answers.</exception>
    public static async Task<NextOrderReply> Answer(
        ShardSet shards, ScoringModel model, NextOrderRequest request, CallClock clock)
    {
        var (_, days) = NextOrderCall.Check(model.Snapshot, request);
        var answers = await shards.AskAbout(request.UserIds, (owner, snapshotId, users, options) =>
        {
            var one = new NextOrderRequest(request) { SnapshotId = snapshotId };
            one.UserIds.Clear();
            one.UserIds.AddRange(users);
            return new Recommender.RecommenderClient(owner).NextOrderAsync(one, options).ResponseAsync;
        });
        var known = answers.Values.SelectMany(answer => answer.Users).Select(user => user.UserId)
            .ToHashSet(StringComparer.Ordinal);
        NextOrderCall.CheckKnown(request, known.Contains);
        var reply = new NextOrderReply { SnapshotId = model.Snapshot.SetId, WithinDays = days };
        var (users, skipped) = (new int[shards.Count], new int[shards.Count]);
        foreach (var id in request.UserIds)
        {
            var shard = shards.ShardOf(id);
            if (known.Contains(id))
            {
                reply.Users.Add(answers[shard].Users[users[shard]++]);
            }
            else
            {
                reply.Skipped.Add(answers[shard].Skipped[skipped[shard]++]);
            }
        }

        reply.SkippedCount = reply.Skipped.Count;
        clock.WarnWhenStale(model.Snapshot, reply.Warnings);
        reply.ServerMicros = clock.Micros;
        return reply;
    }
}

using Engine.Protos.V1;
using Engine.Scoring.Models;
using Engine.Server.Contract;

namespace Engine.Server.Shards;

/// <summary>Score over shards: an owner of each user's bucket answers, pairs in the order of the request.</summary>
internal static class ScatteredScores
{
    /// <summary>Asks the owners, and merges what they answer.</summary>
    /// <exception cref="InputException">The request is refused.</exception>
    /// <exception cref="Engine.Snapshots.MissingBucketsException">No owner of a user's bucket answers.</exception>
    public static async Task<ScoreReply> Answer(
        ShardSet shards, ScoringModel model, ScoreRequest request, CallClock clock)
    {
        ScoreCall.Check(request);
        var answers = await shards.AskAbout(request.UserIds, (owner, snapshotId, users, options) =>
        {
            var one = new ScoreRequest(request) { SnapshotId = snapshotId };
            one.UserIds.Clear();
            one.UserIds.AddRange(users);
            return new Recommender.RecommenderClient(owner).ScoreAsync(one, options).ResponseAsync;
        });
        var reply = new ScoreReply
        {
            SnapshotId = model.Snapshot.SetId,
            EventsVersion = ShardVersions.Of(answers.Values.Select(answer => answer.EventsVersion)),
        };
        var products = AddSkipped(reply, model, request, answers.Values);
        ScoreCall.CheckSize(KnownUsers(request, answers, reply), products);
        AddPairs(reply, shards, request, answers, products.Count);
        clock.WarnWhenStale(model.Snapshot, reply.Warnings);
        reply.ServerMicros = clock.Micros;
        return reply;
    }

    // Every shard has all products, so each lists the same ones after its users. Returns the known ones.
    private static List<string> AddSkipped(
        ScoreReply reply, ScoringModel model, ScoreRequest request, IEnumerable<ScoreReply> answers)
    {
        var own = new ScoreReply();
        var products = ScoreCall.Products(model.Snapshot, request, own);
        var users = answers.Select(answer => (answer.Skipped, Count: answer.SkippedCount - own.SkippedCount)).ToArray();
        reply.SkippedCount = users.Sum(skipped => skipped.Count) + own.SkippedCount;
        reply.Skipped.AddRange(
            SkippedMerge.Of(
                request.UserIds,
                [.. users.Select(one => one.Skipped.Take((int)Math.Min(one.Count, one.Skipped.Count)).ToArray())])
                .Concat(own.Skipped).Take(Scoring.Ids.SkippedIds.MaximumKept));
        return products;
    }

    // Without pairs, those that are not listed as unknown.
    private static string[] KnownUsers(
        ScoreRequest request, IReadOnlyDictionary<int, ScoreReply> answers, ScoreReply reply) =>
        request.ValidateOnly
            ? [.. request.UserIds.Except(
                reply.Skipped.Where(one => one.Reason == SkipReason.UnknownUser).Select(one => one.Id))]
            : [.. request.UserIds.Intersect(
                answers.Values.SelectMany(answer => answer.Pairs).Select(pair => pair.UserId))];

    // A user who is skipped is not the next one of the shard.
    private static void AddPairs(
        ScoreReply reply,
        ShardSet shards,
        ScoreRequest request,
        IReadOnlyDictionary<int, ScoreReply> answers,
        int products)
    {
        var next = new int[shards.Count];
        foreach (var user in request.UserIds)
        {
            var shard = shards.ShardOf(user);
            var pairs = answers[shard].Pairs;
            if (next[shard] < pairs.Count && pairs[next[shard]].UserId == user)
            {
                reply.Pairs.AddRange(pairs.Skip(next[shard]).Take(products));
                next[shard] += products;
            }
        }
    }
}

using System.Text;
using Engine.Scoring.Ids;
using Engine.Scoring.Models;
using Engine.Scoring.Ranking;
using Engine.Server.Errors;
using Engine.Snapshots.Ids;
using Google.Protobuf.Collections;
using Proto = Engine.Protos.V1;

namespace Engine.Server.Contract;

/// <summary>Score, from request to reply: the same code in the server and on the command line.</summary>
internal static class ScoreCall
{
    // Tags, lengths and numbers of one pair.
    private const int PairBytes = 32;

    private const int LightPairs = 1_000;

    /// <summary>Whether it is a matter of a few milliseconds.</summary>
    public static bool IsLight(Proto.ScoreRequest request) =>
        Math.Max(
            (long)request.UserIds.Count * request.ProductIds.Count,
            request.UserIds.Count + request.ProductIds.Count) <= LightPairs;

    /// <summary>Answers from one model: every known user with every known product, once.</summary>
    public static Proto.ScoreReply Answer(
        ScoringModel model, Proto.ScoreRequest request, CallClock clock, CancellationToken cancellation = default)
    {
        Check(request);
        var snapshot = model.Snapshot;
        var reply = new Proto.ScoreReply { SnapshotId = snapshot.Id };
        var users = Resolve(snapshot.UserIds, request.UserIds, Proto.SkipReason.UnknownUser, reply, cancellation);
        var products =
            Resolve(snapshot.ProductIds, request.ProductIds, Proto.SkipReason.UnknownProduct, reply, cancellation);
        CheckSize(users, products);
        if (!request.ValidateOnly)
        {
            foreach (var (userId, user) in users)
            {
                foreach (var (productId, product) in products)
                {
                    cancellation.ThrowIfCancellationRequested();
                    var pair = new Proto.ScoredPair
                    {
                        UserId = userId,
                        ProductId = productId,
                        Score = PairScorer.Score(model, new UserOrdinal(user), new ProductOrdinal(product)),
                    };
                    pair.Percentile = CalibratedScores.Percentile(snapshot, new ProductOrdinal(product), pair.Score);
                    pair.PercentileError =
                        CalibratedScores.PercentileError(snapshot, new ProductOrdinal(product), pair.Score);
                    if (CalibratedScores.Probability(snapshot, pair.Score) is { } probability)
                    {
                        pair.Probability = probability;
                    }

                    reply.Pairs.Add(pair);
                }
            }
        }

        clock.WarnWhenStale(snapshot, reply.Warnings);
        reply.ServerMicros = clock.Micros;
        return reply;
    }

    private static void Check(Proto.ScoreRequest request)
    {
        if (request.UserIds.Count == 0 || request.ProductIds.Count == 0)
        {
            throw new InputException(
                $"found {request.UserIds.Count} user_ids and {request.ProductIds.Count} product_ids; "
                + "expected at least one of each");
        }
    }

    // Before anything is scored: every pair repeats both of its ids.
    private static void CheckSize(List<(string Id, int Ordinal)> users, List<(string Id, int Ordinal)> products)
    {
        var pairs = (long)users.Count * products.Count;
        var bytes = (pairs * PairBytes) + (products.Count * Length(users)) + (users.Count * Length(products));
        if (bytes > ReplyFields.MaximumBytes)
        {
            throw new FieldException(
                "user_ids",
                $"found {users.Count} users x {products.Count} products = {pairs} pairs, a reply of {bytes} bytes; "
                + $"expected at most {ReplyFields.MaximumBytes} bytes (4 MiB), "
                + $"which is {pairs * ReplyFields.MaximumBytes / bytes} pairs with ids of this length. "
                + "Send several requests");
        }

        static long Length(
            List<(string Id, int Ordinal)> ids) => ids.Sum(id => (long)Encoding.UTF8.GetByteCount(id.Id));
    }

    private static List<(string Id, int Ordinal)> Resolve(
        IdTable table,
        RepeatedField<string> ids,
        Proto.SkipReason unknown,
        Proto.ScoreReply reply,
        CancellationToken cancellation)
    {
        var seen = new HashSet<int>(ids.Count);
        var found = new List<(string Id, int Ordinal)>(ids.Count);
        foreach (var id in ids)
        {
            cancellation.ThrowIfCancellationRequested();
            var ordinal = table.Find(id);
            if (ordinal >= 0 && seen.Add(ordinal))
            {
                found.Add((id, ordinal));
            }
            else if (++reply.SkippedCount <= SkippedIds.MaximumKept)
            {
                reply.Skipped.Add(
                    new Proto.Skipped { Id = id, Reason = ordinal < 0 ? unknown : Proto.SkipReason.Duplicate });
            }
        }

        return found;
    }
}

using System.Text;
using Engine.Scoring.Ids;
using Engine.Scoring.Models;
using Engine.Scoring.Queries;
using Engine.Scoring.Ranking;
using Engine.Server.Catalog;
using Engine.Server.Errors;
using Engine.Snapshots;
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
        ScoringModel model,
        WorkspaceCatalog catalog,
        Proto.ScoreRequest request,
        CallClock clock,
        CancellationToken cancellation = default)
    {
        Check(request);
        var snapshot = model.Snapshot;
        var query = new RecommendQuery
        {
            Events = catalog.Events.View(request.HasEventsVersion ? request.EventsVersion : null),
        };
        var reply = new Proto.ScoreReply { SnapshotId = snapshot.SetId, EventsVersion = query.Events.Version };
        bool IsKnown(string id)
        {
            query.UserId = id;
            return PairScorer.TryScore(model, query, [], []);
        }

        var users = Resolve(IsKnown, request.UserIds, Proto.SkipReason.UnknownUser, reply, cancellation);
        var products = Products(snapshot, request, reply, cancellation);
        // Before anything is scored.
        CheckSize(users, products);
        if (!request.ValidateOnly)
        {
            var ordinals = products.ConvertAll(id => new ProductOrdinal(snapshot.ProductIds.Find(id))).ToArray();
            var scores = new float[ordinals.Length];
            foreach (var user in users)
            {
                cancellation.ThrowIfCancellationRequested();
                query.UserId = user;
                PairScorer.TryScore(model, query, ordinals, scores);
                for (var i = 0; i < scores.Length; i++)
                {
                    var (percentile, error) = CalibratedScores.Place(snapshot, ordinals[i], scores[i]);
                    var pair = new Proto.ScoredPair
                    {
                        UserId = user,
                        ProductId = products[i],
                        Score = scores[i],
                        Percentile = percentile,
                        PercentileError = error,
                    };
                    if (CalibratedScores.Probability(snapshot, scores[i]) is { } probability)
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

    /// <summary>Checks that there is something to score.</summary>
    /// <exception cref="InputException">There is not.</exception>
    public static void Check(Proto.ScoreRequest request)
    {
        if (request.UserIds.Count == 0 || request.ProductIds.Count == 0)
        {
            throw new InputException(
                $"found {request.UserIds.Count} user_ids and {request.ProductIds.Count} product_ids; "
                + "expected at least one of each");
        }
    }

    /// <summary>The known products, each once; the others are added to those that the reply skips.</summary>
    public static List<string> Products(
        Snapshot snapshot,
        Proto.ScoreRequest request,
        Proto.ScoreReply reply,
        CancellationToken cancellation = default) => Resolve(
            id => snapshot.ProductIds.Find(id) >= 0,
            request.ProductIds,
            Proto.SkipReason.UnknownProduct,
            reply,
            cancellation);

    /// <summary>Checks that a reply can hold all pairs: every pair repeats both of its ids.</summary>
    /// <exception cref="FieldException">It cannot.</exception>
    public static void CheckSize(IReadOnlyCollection<string> users, IReadOnlyCollection<string> products)
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

        static long Length(IReadOnlyCollection<string> ids) => ids.Sum(id => (long)Encoding.UTF8.GetByteCount(id));
    }

    private static List<string> Resolve(
        Func<string, bool> isKnown,
        RepeatedField<string> ids,
        Proto.SkipReason unknown,
        Proto.ScoreReply reply,
        CancellationToken cancellation)
    {
        var seen = new HashSet<string>(ids.Count, StringComparer.Ordinal);
        var found = new List<string>(ids.Count);
        foreach (var id in ids)
        {
            cancellation.ThrowIfCancellationRequested();
            var known = isKnown(id);
            if (known && seen.Add(id))
            {
                found.Add(id);
            }
            else if (++reply.SkippedCount <= SkippedIds.MaximumKept)
            {
                reply.Skipped.Add(
                    new Proto.Skipped { Id = id, Reason = known ? Proto.SkipReason.Duplicate : unknown });
            }
        }

        return found;
    }
}

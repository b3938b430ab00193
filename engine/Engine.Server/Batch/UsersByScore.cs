using Engine.Kernels.Arithmetic;
using Engine.Scoring.Batch;
using Engine.Snapshots.Ids;

namespace Engine.Server.Batch;

/// <summary>
/// The order of a result of a single product: highest score first, ties in the order of the snapshot. The users are
/// scored once to be sorted and again to be written; sorting takes 8 bytes a user, and the order depends on the plan
/// alone, so that a stopped run resumes with the same parts.
/// </summary>
internal static class UsersByScore
{
    /// <summary>Puts the users of a plan in order. Those without a row are dropped.</summary>
    /// <param name="plan">Of a single product.</param>
    /// <param name="best">Keep so many at most; null keeps all.</param>
    /// <param name="options">Threads and their priority.</param>
    /// <param name="cancellation">Stops between parts.</param>
    public static void Sort(BatchPlan plan, int? best, BatchRunOptions options, CancellationToken cancellation)
    {
        var batch = new BatchRecommender(plan);
        var keys = new ulong[plan.UserCount];
        var count = 0;
        PartPipeline<PartKeys>.Run(
            0, batch.Parts, options.Threads, options.Background, NewWork, HandOver, cancellation);
        // Ascending keys are descending scores, then ascending ordinals.
        keys.AsSpan(0, count).Sort();
        var users = new UserOrdinal[Math.Min(count, best ?? count)];
        for (var i = 0; i < users.Length; i++)
        {
            users[i] = new UserOrdinal(RankKey.Ordinal(keys[i]));
        }

        plan.OrderUsers(users);

        Action<int, PartKeys, CancellationToken> NewWork()
        {
            var worker = batch.NewWorker();
            return (part, found, stop) =>
            {
                found.Keys.Clear();
                worker.Run(part, found.Add, stop);
            };
        }

        void HandOver(int part, PartKeys found)
        {
            found.Keys.CopyTo(keys.AsSpan(count));
            count += found.Keys.Count;
        }
    }

    private sealed class PartKeys
    {
        public List<ulong> Keys { get; } = [];

        public void Add(BatchRows rows)
        {
            for (var i = 0; i < rows.Users.Length; i++)
            {
                foreach (var row in rows.Of(i))
                {
                    Keys.Add(RankKey.Pack(row.Score, rows.Users[i].Value));
                }
            }
        }
    }
}

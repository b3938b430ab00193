using System.Numerics;
using Engine.Kernels.Arithmetic;
using Engine.Kernels.Search;
using Engine.Kernels.Sparse;
using Engine.Scoring.Eligibility;
using Engine.Scoring.Models;
using Engine.Scoring.Profiles;
using Engine.Scoring.Queries;
using Engine.Scoring.Sets;
using Engine.Snapshots.Ids;
using Engine.Snapshots.Manifest;

namespace Engine.Scoring.Ranking;

/// <summary>Who wants a set of products: a category, a brand, a pool.</summary>
internal static class PoolUserRanker
{
    private const int PartWords = 64;

    /// <summary>Answers a query with a pool; the scratch is the caller's.</summary>
    public static void Rank(
        ScoringModel model,
        RankUsersQuery query,
        ProductFilter pool,
        RankUsersAnswer answer,
        QueryScratch scratch,
        CancellationToken cancellation)
    {
        var (snapshot, users, products) = (model.Snapshot, scratch.Users, scratch.Eligible);
        EligibleProducts.Resolve(snapshot, pool, answer.Skipped, products, scratch.Listed, cancellation);
        EligibleUsers.Resolve(snapshot, query, answer.Skipped, users, cancellation);
        answer.ProductCount = products.Count;
        if (query.Purchased != PurchasedPolicy.Include)
        {
            KeepPurchasers(model, products, users, query.Purchased == PurchasedPolicy.Only, cancellation);
        }

        answer.EligibleCount = answer.ProductCount > 0 ? users.Count : 0;
        var count = Math.Min(query.TopK, answer.EligibleCount);
        if (count == 0 || query.ValidateOnly)
        {
            return;
        }

        var best = answer.Reserve(count);
        answer.Fill(query.By == PoolScore.Mean
            ? Mean(model, best, scratch, cancellation)
            : Best(model, pool, answer.ProductCount, best, scratch, cancellation));
        foreach (var user in query.By == PoolScore.Best ? answer.Users : [])
        {
            cancellation.ThrowIfCancellationRequested();
            var product = BestOf(model, pool, user.User.Value, answer.ProductCount, products, scratch).Ordinal;
            answer.BestProducts.Add(new ProductOrdinal(product));
        }
    }

    private static void KeepPurchasers(
        ScoringModel model, Bitset products, Bitset users, bool keep, CancellationToken cancellation)
    {
        for (var user = 0; user < model.Users.Rows; user++)
        {
            if (user % 4_096 == 0)
            {
                cancellation.ThrowIfCancellationRequested();
            }

            if (users[user] && Purchased(model, products, user) != keep)
            {
                users.Remove(user);
            }
        }
    }

    private static bool Purchased(ScoringModel model, Bitset products, int user)
    {
        var history = model.Snapshot.History.Row(user);
        for (var i = 0; i < history.Count; i++)
        {
            if (history.Types[i] == (byte)BehaviorType.Purchase && products[history.Products[i]])
            {
                return true;
            }
        }

        return false;
    }

    // The mean product is searched like any product.
    private static int Mean(
        ScoringModel model, Span<ScoredRow> best, QueryScratch scratch, CancellationToken cancellation)
    {
        var means = new ProductMeans(1, model.Products.Stride);
        var (sums, reached) = (new double[model.Users.Rows], scratch.Purchasers);
        reached.Clear(model.Users.Rows);
        for (var product = 0; product < model.Products.Rows; product++)
        {
            if (!scratch.Eligible[product])
            {
                continue;
            }

            means.Add(0, model.Products[product]);
            UserRanker.SumSparse(model, product, scratch.Sparse, cancellation);
            foreach (var term in scratch.Sparse.Terms())
            {
                sums[term.Ordinal] += term.Addend;
                reached.Add(term.Ordinal);
            }
        }

        var terms = new SparseTerm[reached.Count];
        var at = 0;
        for (var i = 0; i < reached.Words.Length; i++)
        {
            for (var word = reached.Words[i]; word != 0; word &= word - 1)
            {
                var user = (i * 64) + BitOperations.TrailingZeroCount(word);
                terms[at++] = new SparseTerm(user, means.Mean(0, sums[user]));
            }
        }

        var search = new TopKQuery
        {
            Vector = means.Row(0),
            Sparse = terms,
            Eligible = scratch.Users.Words,
            Cancellation = cancellation,
        };
        return model.UserScans.Search(search, best, null, scratch.TopK);
    }

    // The best product of each user by the exact search over products; the best users of all of them.
    private static int Best(
        ScoringModel model,
        ProductFilter pool,
        int productCount,
        Span<ScoredRow> best,
        QueryScratch scratch,
        CancellationToken cancellation)
    {
        var (users, products) = (scratch.Users, scratch.Eligible);
        var keys = new ulong[users.Count];
        var parts = (users.Words.Length + PartWords - 1) / PartWords;
        var starts = new int[parts];
        for (var part = 1; part < parts; part++)
        {
            starts[part] = starts[part - 1] + CountOf(users, part - 1);
        }

        Parallel.For(
            0,
            parts,
            ThreadChoice.Of(Environment.ProcessorCount, cancellation),
            part =>
            {
                var own = model.Rent();
                try
                {
                    var at = starts[part];
                    var end = Math.Min(users.Words.Length, (part + 1) * PartWords);
                    for (var i = part * PartWords; i < end; i++)
                    {
                        for (var word = users.Words[i]; word != 0; word &= word - 1)
                        {
                            cancellation.ThrowIfCancellationRequested();
                            var user = (i * 64) + BitOperations.TrailingZeroCount(word);
                            keys[at++] = RankKey.Pack(
                                BestOf(model, pool, user, productCount, products, own).Score, user);
                        }
                    }
                }
                finally
                {
                    model.Return(own);
                }
            });
        var heap = new TopKHeap(scratch.TopK.Keys(best.Length));
        foreach (var key in keys)
        {
            heap.Push(key);
        }

        return heap.SortInto(best);
    }

    private static int CountOf(Bitset users, int part)
    {
        var count = 0;
        for (var i = part * PartWords; i < (part + 1) * PartWords; i++)
        {
            count += BitOperations.PopCount(users.Words[i]);
        }

        return count;
    }

    private static ScoredRow BestOf(
        ScoringModel model, ProductFilter pool, int user, int productCount, Bitset products, QueryScratch scratch)
    {
        Span<ScoredRow> best = [default];
        scratch.UserProducts.Resolve(model.Snapshot, products, productCount);
        _ = Recommender.Search(
            model,
            QueryProfile.OfUser(model.Snapshot, user),
            pool.SavedPool ?? pool.Rule,
            best,
            scratch,
            CancellationToken.None);
        return best[0];
    }
}

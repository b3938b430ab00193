using CsCheck;
using Engine.Kernels.Search;
using Engine.Scoring.Queries;
using Engine.Snapshots.Writing;
using Engine.Tests.Scoring;
using Tests.Shared;

namespace Engine.Tests.Signature;

/// <summary>A random snapshot and a random request, with what the plain loop answers to it.</summary>
internal sealed class Question
{
    private Question(SnapshotContent content, int seed)
    {
        Content = content;
        Random = new Random(seed);
        var products = content.ProductIds.Count;
        User = Random.Next(content.UserIds.Count);
        Product = Random.Next(products);
        TopK = Math.Min(
            Random.Next(4) switch { 0 => 1, 1 => products, 2 => products + 1, _ => Random.Next(1, products + 1) },
            10_000);
        Purchased = (PurchasedPolicy)Random.Next(3);
        Pool = Random.Next(4) switch
        {
            0 => null,
            1 => [],
            2 => [.. Enumerable.Range(0, products)],
            _ => [.. Enumerable.Range(0, products).Where(_ => Random.Next(3) == 0)],
        };
        Excluded = [.. Enumerable.Range(0, products).Where(_ => Random.Next(5) == 0)];
    }

    /// <summary>From one product and one user on; zero rows, equal rows, equal scores, tiny and huge norms.</summary>
    public static Gen<Question> Any { get; } = Gen.Select(
        Gen.Int[0, 1 << 20],
        Gen.OneOf(Gen.Const(1), Gen.Int[2, 20]),
        Gen.OneOf(Gen.Const(1), Gen.Int[2, 150]),
        Gen.Int[0, 20],
        Gen.OneOf(Gen.Const(0f), Gen.Const(1e-18f), Gen.Const(1f), Gen.Const(1e6f)),
        Gen.Int[0, 6],
        (seed, users, products, factors, scale, similar) =>
            new Question(RandomSnapshot.Content(seed, users, products, factors, scale, similar), seed));

    /// <summary>What the snapshot is written from.</summary>
    public SnapshotContent Content { get; }

    /// <summary>Goes on where the question ended.</summary>
    public Random Random { get; }

    /// <summary>User ordinal.</summary>
    public int User { get; }

    /// <summary>Product ordinal.</summary>
    public int Product { get; }

    /// <summary>1 .. products + 1.</summary>
    public int TopK { get; }

    /// <summary>Of the request.</summary>
    public PurchasedPolicy Purchased { get; }

    /// <summary>The inline pool, or null.</summary>
    public int[]? Pool { get; }

    /// <summary>Excluded products.</summary>
    public int[] Excluded { get; }

    /// <summary>The request for <paramref name="user"/>; ids of pool and exclusions may come twice.</summary>
    public RecommendQuery QueryOf(int user)
    {
        var query = new RecommendQuery
        {
            UserId = Content.UserIds[user],
            TopK = TopK,
            Purchased = Purchased,
            Explain = true,
        };
        query.Filter.HasPool = Pool is not null;
        query.Filter.PoolProductIds.AddRange(
            (Pool ?? []).Concat((Pool ?? []).Take(2)).Select(p => Content.ProductIds[p]));
        query.Filter.ExcludedProductIds.AddRange(Excluded.Concat(Excluded.Take(2)).Select(p => Content.ProductIds[p]));
        return query;
    }

    /// <summary>The products that compete for a user, by the plain loop.</summary>
    public int[] EligibleFor(int user)
    {
        var purchased = PlainModel.Purchased(Content, user);
        return
        [
            .. Enumerable.Range(0, Content.ProductIds.Count)
                .Where(p => Pool is null || Pool.Contains(p))
                .Except(Excluded)
                .Where(
                    p => Purchased == PurchasedPolicy.Include
                        || purchased.Contains(p) == (Purchased == PurchasedPolicy.Only)),
        ];
    }

    /// <summary>A user's products by the plain loop.</summary>
    public ScoredRow[] ProductsOf(int user) =>
        PlainModel.Best(EligibleFor(user).Select(p => new ScoredRow(p, PlainModel.Score(Content, user, p))), TopK);
}

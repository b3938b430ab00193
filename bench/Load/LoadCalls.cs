using Engine;
using Engine.Protos.V1;

namespace Bench.Load;

/// <summary>The requests of a load: users and products, and what is asked of them.</summary>
internal static class LoadCalls
{
    private const int Prepared = 50_000;
    private const int MostUsers = 10_000;
    private const int Products = 200;
    private const int Basket = 3;

    /// <summary>Encoded requests in random order.</summary>
    /// <exception cref="InputException">No users or products were found.</exception>
    public static async Task<PreparedCall[]> Prepare(ILoadTarget target, LoadPlan plan, CancellationToken stop)
    {
        var products = plan.Mix.NeedsProducts ? await Popular(target, plan, stop) : [];
        var users = await Users(target, plan, stop);
        var random = new Random(plan.Seed);
        return
        [
            .. plan.Mix.Draw(Prepared, random).Select(rpc => new PreparedCall(
                rpc, target.Encode(Request(rpc, plan, One(users, random), products, random)))),
        ];
    }

    /// <summary>The users of a load.</summary>
    /// <exception cref="InputException">None was found.</exception>
    public static async Task<string[]> Users(ILoadTarget target, LoadPlan plan, CancellationToken stop) =>
        plan.Users.Length > 0
            ? ReadUsers(plan.Users)
            : await Ranked(target, plan, (await Popular(target, plan, stop))[0], stop);

    private static Google.Protobuf.IMessage Request(
        Rpc rpc, LoadPlan plan, string user, string[] products, Random random)
    {
        var pool =
            plan.Pool.Length + plan.Rule.Length > 0 ? new PoolFilter { Pool = plan.Pool, Rule = plan.Rule } : null;
        return rpc.Name switch
        {
            "recommend" => new RecommendRequest
            {
                Workspace = plan.Workspace,
                UserId = user,
                TopK = plan.Top,
                Pool = pool,
            },
            "basket" => new RecommendRequest
            {
                Workspace = plan.Workspace,
                TopK = plan.Top,
                Pool = pool,
                Recent =
                {
                    random.GetItems(products, Basket).Select(product => new RecentBehavior { ProductId = product }),
                },
            },
            "related" => new RelatedProductsRequest
            {
                Workspace = plan.Workspace,
                ProductId = One(products, random),
                TopK = plan.Top,
                Pool = pool,
            },
            "score" => new ScoreRequest
            {
                Workspace = plan.Workspace,
                UserIds = { user },
                ProductIds = { random.GetItems(products, Basket).Distinct() },
            },
            _ => new ExplainRequest
            {
                Workspace = plan.Workspace,
                UserId = user,
                ProductId = One(products, random),
            },
        };
    }

    private static T One<T>(T[] items, Random random) => items[random.Next(items.Length)];

    /// <summary>The products that most users purchased.</summary>
    /// <exception cref="InputException">None was found.</exception>
    public static async Task<string[]> Popular(ILoadTarget target, LoadPlan plan, CancellationToken stop)
    {
        var reply = await target.Ask<RecommendReply>(
            Rpc.Recommend,
            new RecommendRequest
            {
                Workspace = plan.Workspace,
                UserId = "?",
                OnUnknown = OnUnknownUser.PopularInPool,
                TopK = Products,
            },
            stop);
        return reply.Products.Count > 0
            ? [.. reply.Products.Select(product => product.ProductId)]
            : throw new InputException("found no products in the workspace; expected at least one");
    }

    private static async Task<string[]> Ranked(
        ILoadTarget target, LoadPlan plan, string product, CancellationToken stop)
    {
        try
        {
            var reply = await target.Ask<RankUsersReply>(
                Rpc.RankUsers,
                new RankUsersRequest
                {
                    Workspace = plan.Workspace,
                    ProductId = product,
                    TopK = MostUsers,
                    BlockSize = MostUsers,
                },
                stop);
            return reply.Users.Count > 0
                ? [.. reply.Users.Select(user => user.UserId)]
                : throw new InputException("found no users in the workspace; expected at least one");
        }
        catch (InputException e)
        {
            throw new InputException(
                $"cannot get users from the server: {e.Message}. "
                + "Use a key with the scope 'audience', or give --users FILE",
                e);
        }
    }

    private static string[] ReadUsers(string path)
    {
        // An exported audience begins with the name of its column.
        string[] users = [.. File.ReadLines(path)
            .Where((line, number) => line.Length > 0 && (number > 0 || line != "user_id")).Take(1_000_000)];
        return users.Length > 0
            ? users
            : throw new InputException($"--users {path}: found no user; expected one id on each line");
    }
}

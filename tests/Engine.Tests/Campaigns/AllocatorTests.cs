using Engine.Campaigns.Allocation;

namespace Engine.Tests.Campaigns;

/// <summary>Allocations against trying everything, and against their own bound.</summary>
public sealed class AllocatorTests
{
    [Fact]
    public void Small_problems_are_solved_exactly()
    {
        for (var seed = 1; seed <= 300; seed++)
        {
            var problem = Random(
                seed, users: 2 + (seed % 4), products: 2 + (seed % 3), perUser: 1 + (seed % 2),
                negative: seed % 5 == 0, minimum: seed % 3 == 0);
            var best = Best(problem, 0, new long[problem.Products], 0);
            if (double.IsNegativeInfinity(best))
            {
                Assert.Throws<InputException>(() => Allocator.Run(problem));
                continue;
            }

            var found = Allocator.Run(problem);
            CheckLimits(problem, found);
            Assert.Equal(best, found.Value, 5);
            Assert.Equal(best, found.Bound, 5);
            Assert.True(!found.GreedyMeetsMinimums || found.GreedyValue <= found.Value + 1e-6);
        }
    }

    [Theory]
    [InlineData(3_000, 40, 1, 0.5, false)]
    [InlineData(3_000, 40, 3, 0.2, false)]
    [InlineData(3_000, 40, 1, 0.9, true)]
    public void Larger_problems_are_within_a_thousandth_of_the_bound(
        int users, int products, int perUser, double share, bool ties)
    {
        var problem = Random(11, users, products, perUser, negative: false, minimum: false) with
        {
            Stock = [.. Enumerable
                .Range(0, products)
                .Select(product => (long)(users * share * perUser * 2 / products / (1 + (product % 4))))],
            Contacts = (long)(users * perUser * share),
        };
        if (ties)
        {
            // Calibrated probabilities have few distinct values.
            problem = problem with { Values = Array.ConvertAll(problem.Values, value => MathF.Ceiling(value * 5) / 5) };
        }

        var found = Allocator.Run(problem);
        CheckLimits(problem, found);
        Assert.InRange(found.Gap, 0, 0.001);
        Assert.True(found.GreedyValue <= found.Value + 1e-3);
        Assert.True(found.Value <= found.Bound * (1 + 1e-6));
    }

    /// <summary>A sum of fractions in the order in which threads end would differ in its last bits.</summary>
    [Fact]
    public void The_bound_does_not_depend_on_which_thread_ends_first()
    {
        var problem = Random(5, users: 200_000, products: 20, perUser: 2, negative: false, minimum: false);
        var prices = new AllocationPrices(new double[problem.Products], 0.1);
        using var one = new Engine.Server.Batch.LowThreads(1, "test");
        var alone = one.Run(() => DualValue.Of(problem, prices), CancellationToken.None);
        for (var i = 0; i < 20; i++)
        {
            var value = DualValue.Of(problem, prices);
            Assert.Equal((alone.Bound, alone.NextContacts), (value.Bound, value.NextContacts));
            Assert.Equal(alone.Demand, value.Demand);
        }
    }

    [Fact]
    public void A_shadow_price_says_what_one_more_unit_brings()
    {
        var problem = Random(5, users: 40, products: 5, perUser: 1, negative: false, minimum: false) with
        {
            Stock = [3, 9, 2, 30, 30],
            Contacts = 30,
        };
        var found = Allocator.Run(problem);
        for (var product = 0; product < problem.Products; product++)
        {
            var more = problem with
            {
                Stock = [.. problem.Stock.Select((stock, index) => index == product ? stock + 1 : stock)],
            };
            Assert.InRange(Allocator.Run(more).Value - found.Value, -1e-5, found.Prices.Product[product] + 1e-5);
            var less = problem with
            {
                Stock = [.. problem.Stock.Select((stock, index) => index == product ? stock - 1 : stock)],
            };
            Assert.True(found.Value - Allocator.Run(less).Value >= found.Prices.Product[product] - 1e-5);
        }

        Assert.InRange(
            Allocator.Run(problem with { Contacts = 31 }).Value - found.Value, -1e-5, found.Prices.Contact + 1e-5);
    }

    [Fact]
    public void Limits_that_contradict_each_other_are_refused()
    {
        var problem = Random(1, users: 3, products: 2, perUser: 1, negative: false, minimum: false) with
        {
            Contacts = 9,
        };
        Assert.Contains(
            "expected at most 3",
            Assert.Throws<InputException>(
                () => Allocator.Run(problem with { Stock = [9, 9], Minimum = [2, 2] })).Message,
            StringComparison.Ordinal);
        Assert.Contains(
            "a minimum from 0 to the stock",
            Assert.Throws<InputException>(
                () => Allocator.Run(problem with { Stock = [1, 9], Minimum = [2, 0] })).Message,
            StringComparison.Ordinal);
        var unreachable = problem with
        {
            Items = [0, -1, 0, -1, 0, -1],
            Stock = [9, 9],
            Minimum = [0, 1],
            Width = 2,
            Values = [1, 0, 1, 0, 1, 0],
        };
        Assert.Contains(
            "product number 2 reaches 0 of its minimum of 1",
            Assert.Throws<InputException>(() => Allocator.Run(unreachable)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_pair_that_is_no_candidate_is_in_the_bound_of_all_pairs()
    {
        // Two users want product 1 most; product 2, which the candidates leave out, is worth 0.9 to both.
        var candidates = Random(1, users: 2, products: 2, perUser: 1, negative: false, minimum: false) with
        {
            Width = 1,
            Items = [0, 0],
            Values = [1, 1],
            Stock = [1, 1],
            Contacts = 2,
        };
        var found = Allocator.Run(candidates, new AllocationPrices([0, 0], 0), [0.9f, 0.9f]);
        Assert.Equal(1, found.Value, 6);

        // The best allocation is worth 1.9. Nothing is known of the stock of a product that is no candidate of anybody.
        Assert.Equal(1, found.Bound, 6);
        Assert.InRange(found.BoundOfAllPairs, 1.9 - 1e-6, 1 + (2 * 0.9) + 1e-6);
    }

    private static void CheckLimits(AllocationProblem problem, AllocationResult found)
    {
        var (load, used) = (new long[problem.Products], new int[problem.Users]);
        for (var candidate = 0; candidate < found.Taken.Length; candidate++)
        {
            if (found.Taken[candidate])
            {
                load[problem.Items[candidate]]++;
                used[candidate / problem.Width]++;
            }
        }

        Assert.Equal(load, found.Load);
        Assert.All(used, contacts => Assert.InRange(contacts, 0, problem.ContactsPerUser));
        Assert.All(
            load.Index(),
            product => Assert.InRange(product.Item, problem.Minimum[product.Index], problem.Stock[product.Index]));
        Assert.InRange(load.Sum(), 0, problem.Contacts);
        Assert.Equal(load.Sum(), found.Contacts);
    }

    private static AllocationProblem Random(int seed, int users, int products, int perUser, bool negative, bool minimum)
    {
        var random = new Random(seed);
        var items = new int[users * products];
        for (var user = 0; user < users; user++)
        {
            var order = Enumerable.Range(0, products).ToArray();
            random.Shuffle(order);
            order.CopyTo(items, user * products);
        }

        var stock = Enumerable.Range(0, products).Select(_ => (long)random.Next(0, users + 1)).ToArray();
        return new AllocationProblem
        {
            Users = users,
            Width = products,
            Items = items,
            Values =
                [.. items.Select(
                    item => (float)(((negative ? 1.5 : 1) * random.NextDouble()) - (negative ? 0.5 : 0))
                        / (1 + (item % 3)))],
            Stock = stock,
            Minimum = [.. stock.Select(most => minimum ? Math.Min(most, random.Next(0, 2)) : 0)],
            ContactsPerUser = perUser,
            Contacts = random.Next(1, (users * perUser) + 1),
        };
    }

    // Every choice of every user, one user after the other.
    private static double Best(AllocationProblem problem, int user, long[] load, long total)
    {
        if (user == problem.Users)
        {
            return Enumerable.Range(0, problem.Products).All(product => load[product] >= problem.Minimum[product])
                ? 0
                : double.NegativeInfinity;
        }

        var best = double.NegativeInfinity;
        for (var choice = 0; choice < 1 << problem.Width; choice++)
        {
            var count = int.PopCount(choice);
            if (count > problem.ContactsPerUser || total + count > problem.Contacts)
            {
                continue;
            }

            var places = Enumerable.Range(0, problem.Width).Where(place => (choice >> place & 1) != 0)
                .Select(place => (user * problem.Width) + place).ToArray();
            if (places.All(place => load[problem.Items[place]] < problem.Stock[problem.Items[place]]))
            {
                Array.ForEach(places, place => load[problem.Items[place]]++);
                best = Math.Max(
                    best,
                    places.Sum(place => (double)problem.Values[place]) + Best(problem, user + 1, load, total + count));
                Array.ForEach(places, place => load[problem.Items[place]]--);
            }
        }

        return best;
    }
}

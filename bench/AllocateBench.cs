using System.CommandLine;
using System.Diagnostics;
using Engine.Campaigns.Allocation;
using Engine.Kernels.Arithmetic;

namespace Bench;

/// <summary>
/// Allocation of candidates: value, bound, greedy and seconds. The values are made up: taste x popularity, in few
/// distinct steps.
/// </summary>
internal static class AllocateBench
{
    private const int Steps = 60;

    public static Command Create()
    {
        var users = new Option<int>("--users") { DefaultValueFactory = _ => 1_000_000 };
        var products = new Option<int>("--products") { DefaultValueFactory = _ => 1_000 };
        var width = new Option<int>("--candidates") { DefaultValueFactory = _ => 24 };
        var perUser = new Option<int>("--contacts-per-user") { DefaultValueFactory = _ => 1 };
        var share = new Option<double>("--contacts")
        {
            Description = "Contacts in all, as a share of the users",
            DefaultValueFactory = _ => 0.5,
        };
        var stock = new Option<double>("--stock")
        {
            Description = "Stock in all, as a share of the users",
            DefaultValueFactory = _ => 0.8,
        };
        var command = new Command("allocate", "Time the allocation of contacts among candidates")
        {
            users, products, width, perUser, share, stock,
        };
        command.SetAction(parsed => Run(
            parsed.GetRequiredValue(users),
            parsed.GetRequiredValue(products),
            parsed.GetRequiredValue(width),
            parsed.GetRequiredValue(perUser),
            parsed.GetRequiredValue(share),
            parsed.GetRequiredValue(stock)));
        return command;
    }

    private static void Run(int users, int products, int width, int perUser, double share, double stock)
    {
        var problem = new AllocationProblem
        {
            Users = users,
            Width = width,
            Items = new int[users * width],
            Values = new float[users * width],
            Stock = [.. Enumerable
                .Range(0, products)
                .Select(product => (long)(stock * users / products * (0.2 + (1.6 * (product % 7) / 6))))],
            Minimum = [.. Enumerable.Range(0, products).Select(product => product % 50 == 0 ? 20L : 0)],
            ContactsPerUser = perUser,
            Contacts = (long)(share * users),
        };
        Parallel.For(0, users, user =>
        {
            var state = SplitMix64.Hash((ulong)user);
            for (var i = 0; i < width; i++)
            {
                // Popular products are candidates of many; no product comes twice.
                int item;
                do
                {
                    item = (int)(products * Math.Pow(Unit(ref state), 2.2));
                }
                while (problem.Items.AsSpan(user * width, i).Contains(item));
                problem.Items[(user * width) + i] = item;
                problem.Values[(user * width) + i] =
                    (float)(Math.Ceiling(Steps * Math.Pow(Unit(ref state), 4)) / Steps * 0.2
                        * (1 + (10.0 * (item % 11) / 10)));
            }
        });
        var start = Stopwatch.GetTimestamp();
        var cpu = Process.GetCurrentProcess().TotalProcessorTime;
        var found = Allocator.Run(problem);
        var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        var processor = (Process.GetCurrentProcess().TotalProcessorTime - cpu).TotalSeconds;
        Console.WriteLine($"{{\"verb\":\"allocate\",\"users\":{users},\"products\":{products},\"candidates\":{width},"
            + $"\"per_user\":{perUser},\"contacts\":{found.Contacts},"
            +
            $"\"value\":{BenchData.Number(found.Value)},\"bound\":{BenchData.Number(found.Bound)},"
            + $"\"gap\":{BenchData.Number(found.Gap)},\"greedy\":{BenchData.Number(found.GreedyValue)},"
                +
            $"\"seconds\":{BenchData.Number(seconds)},\"processor_seconds\":{BenchData.Number(processor)},"
            + $"\"peak_mebibytes\":{Process.GetCurrentProcess().PeakWorkingSet64 >> 20}}}");
    }

    private static double Unit(ref ulong state) => (SplitMix64.Next(ref state) >> 11) * (1.0 / (1UL << 53));
}

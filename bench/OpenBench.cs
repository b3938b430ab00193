using System.CommandLine;
using System.Diagnostics;
using Engine.Scoring.Models;
using Engine.Scoring.Queries;
using Engine.Scoring.Ranking;
using Engine.Snapshots;

namespace Bench;

/// <summary>
/// From a snapshot file to answers: mapping, verification, search codes, the first questions, and what it holds in
/// memory.
/// </summary>
internal static class OpenBench
{
    public static Command Create()
    {
        var snapshot = new Option<FileInfo>("--snapshot")
        {
            Description = "The file; read it once before for warm figures",
            Required = true,
        };
        var rounds = new Option<int>("--rounds") { Description = "Times it is opened", DefaultValueFactory = _ => 5 };
        var command = new Command("open", "Time a snapshot from file to ready") { snapshot, rounds };
        command.SetAction(parsed => Run(parsed.GetRequiredValue(snapshot).FullName, parsed.GetValue(rounds)));
        return command;
    }

    private static void Run(string path, int rounds)
    {
        string[] phases = ["map", "verify", "ready for products", "first products", "first users"];
        var (clock, processor) =
            (phases.Select(_ => new Latencies(rounds)).ToArray(), phases.Select(_ => new Latencies(rounds)).ToArray());
        var ready = new Latencies(rounds);
        for (var round = 0; round < rounds; round++)
        {
            GC.Collect();
            var (began, phase) = (Stopwatch.GetTimestamp(), 0);
            var (last, lastProcessor) = (began, MachineLimits.ProcessorSeconds());
            void Done()
            {
                var (now, nowProcessor) = (Stopwatch.GetTimestamp(), MachineLimits.ProcessorSeconds());
                clock[phase].Add(now - last);
                processor[phase++].Add((long)((nowProcessor - lastProcessor) * Stopwatch.Frequency));
                (last, lastProcessor) = (now, nowProcessor);
            }

            using var snapshot = Snapshot.Open(path);
            Done();
            snapshot.Verify();
            Done();
            using var model = new ScoringModel(snapshot);
            Done();
            Recommender.Recommend(
                model, new RecommendQuery { UserId = snapshot.UserIds.Get(0) }, new RecommendAnswer());
            Done();
            ready.Since(began);
            UserRanker.Rank(
                model, new RankUsersQuery { ProductId = snapshot.ProductIds.Get(0) }, new RankUsersAnswer());
            Done();
            if (round == rounds - 1)
            {
                PrintMemory(snapshot);
            }
        }

        for (var i = 0; i < phases.Length; i++)
        {
            Console.WriteLine(
                $"{phases[i]}: p50 {clock[i].Percentile(0.5) / 1000:0.0} ms, "
                + $"{processor[i].Percentile(0.5) / 1000:0.0} ms of processor time");
        }

        Console.WriteLine($"{{\"verb\":\"open\",\"bytes\":{new FileInfo(path).Length},"
            + $"\"map_us\":{BenchData.Number(clock[0].Percentile(0.5))},"
            +
            $"\"verify_us\":{BenchData.Number(clock[1].Percentile(0.5))},"
            + $"\"ready_p50_us\":{BenchData.Number(ready.Percentile(0.5))},"
                +
            $"\"first_users_us\":{BenchData.Number(clock[4].Percentile(0.5))}}}");
    }

    /// <summary>Resident bytes of this process by what they are: the file's pages, and memory of its own.</summary>
    private static void PrintMemory(Snapshot snapshot)
    {
        var factors =
            4L * (((long)snapshot.UserFactors.Rows * snapshot.UserFactors.Stride)
                + ((long)snapshot.ProductFactors.Rows * snapshot.ProductFactors.Stride));
        var lines = File.Exists("/proc/self/status") ? File.ReadAllLines("/proc/self/status") : [];
        var resident =
            string.Join(
                ", ",
                lines.Where(line => line.StartsWith("Rss", StringComparison.Ordinal)).Select(
                    line => string.Join(' ', line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))));
        Console.WriteLine(
            $"file {snapshot.FileLength / 1e6:0} MB, factors {factors / 1e6:0} MB of it; resident: {resident}");
    }
}

using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Engine.Protos.V1;
using Grpc.Core;
using Grpc.Net.Client;
using Task = System.Threading.Tasks.Task;

namespace Bench.Attacks;

/// <summary>attack: one caller does its worst to a running engine, and a storefront is measured beside it.</summary>
internal static class AttackCommand
{
    /// <summary>The verb.</summary>
    public static Command Create()
    {
        var target = new Option<string>("--target")
        {
            Description = "The gRPC port of a running engine",
            DefaultValueFactory = _ => "http://127.0.0.1:50051",
        };
        var pid = new Option<int>("--pid")
        {
            Description = "Its process, for memory and processor time; 0 measures neither",
        };
        var only = new Option<string>("--only")
        {
            Description = "Only attacks whose name holds this text",
            DefaultValueFactory = _ => "",
        };
        var pairs = new Option<int>("--pairs")
        {
            Description = "Measure beside each attack and beside none in turns, so many of each; 0 attacks once",
        };
        var repeat = new Option<string>("--repeat")
        {
            Description = "The one attack to repeat after a line of input, without a measurement: what --pairs starts",
            DefaultValueFactory = _ => "",
        };
        var command = new Command(
            "attack",
            "Attack a running engine with work without bounds, and measure Recommend beside it.")
        {
            target, pid, only, pairs, repeat,
        };
        command.SetAction(
            (parsed, _) =>
                Run(
                    new Uri(parsed.GetRequiredValue(target)),
                    parsed.GetValue(pid),
                    parsed.GetRequiredValue(only),
                    parsed.GetValue(pairs),
                    parsed.GetRequiredValue(repeat)));
        return command;
    }

    private static async Task Run(Uri target, int pid, string only, int pairs, string repeat)
    {
        using var channel = GrpcChannel.ForAddress(target, new GrpcChannelOptions
        {
            MaxReceiveMessageSize = null,
            MaxSendMessageSize = null,
            HttpHandler = new SocketsHttpHandler { EnableMultipleHttp2Connections = true },
        });
        var (users, products, snapshots) = await Model(channel.CreateCallInvoker());
        var attacks = AttackList.Of(users, products, snapshots);
        if (repeat.Length > 0)
        {
            await AttackPairs.Repeat(
                attacks.Append(AttackPairs.Control).Single(attack => attack.Name == repeat),
                channel.CreateCallInvoker());
            return;
        }

        attacks = [.. attacks.Where(attack => attack.Name.Contains(only, StringComparison.OrdinalIgnoreCase))];
        using var probe = new Probe(target, users);
        var meter = new ProcessMeter(pid);
        await Beside(probe, () => Task.Delay(2_000));
        if (pairs > 0)
        {
            await AttackPairs.Measure(attacks, target, pairs, probe);
            return;
        }

        Console.WriteLine(
            "| attack | statuses | s | Recommend p50 ms | p99 ms | failed | peak MiB | processor s in the 2 s after |");
        Console.WriteLine("|---|---|---|---|---|---|---|---|");
        await Measure(
            new Attack("none, for 5 s", async _ => { await Task.Delay(5_000); return []; }),
            channel.CreateCallInvoker(),
            probe,
            meter);
        foreach (var attack in attacks)
        {
            await Measure(attack, channel.CreateCallInvoker(), probe, meter);
            await Task.Delay(3_000);
        }
    }

    private static async Task Measure(Attack attack, CallInvoker calls, Probe probe, ProcessMeter meter)
    {
        meter.ResetPeak();
        var (before, start) = (meter.Resident, Stopwatch.GetTimestamp());
        IReadOnlyList<StatusCode> statuses = [];
        var (times, failed) = await Beside(probe, async () => statuses = await attack.Run(calls));
        var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        var processor = meter.Processor;
        await Task.Delay(2_000);
        var words =
            string.Join(
                ", ",
                statuses.GroupBy(status => status)
                    .OrderByDescending(group => group.Count())
                    .Select(group => $"{group.Count()} {group.Key}"));
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"| {attack.Name} | {words} | {seconds:F1} | {Share(times, .5):F1} | {Share(times, .99):F1} | {failed} | "
            + $"{before} -> {meter.Peak} | {meter.Processor - processor:F1} |"));
    }

    private static async Task<(double[] Times, int Failed)> Beside(Probe probe, Func<Task> work)
    {
        using var stop = new CancellationTokenSource();
        var asking = Task.Run(() => probe.Run(stop.Token));
        await work();
        await stop.CancelAsync();
        return await asking;
    }

    private static double Share(double[] sorted, double part) =>
        sorted.Length == 0 ? 0 : sorted[Math.Min(sorted.Length - 1, (int)(sorted.Length * part))];

    private static async Task<(
        IReadOnlyList<string> Users, IReadOnlyList<string> Products, IReadOnlyList<string> Snapshots)> Model(
        CallInvoker calls)
    {
        var recommender = new Recommender.RecommenderClient(calls);
        var popular = await recommender.RecommendAsync(
            new RecommendRequest { UserId = "?", OnUnknown = OnUnknownUser.PopularInPool, TopK = 200 });
        var users = new List<string>();
        using var ranked =
            recommender.RankUsers(new RankUsersRequest { ProductId = popular.Products[0].ProductId, TopK = 2_000 });
        while (await ranked.ResponseStream.MoveNext(default))
        {
            users.AddRange(ranked.ResponseStream.Current.Users.Select(user => user.UserId));
        }

        var published =
            (await new Snapshots.SnapshotsClient(calls).ListAsync(
                new ListSnapshotsRequest())).Snapshots.OrderByDescending(
                snapshot => snapshot.Active);
        return (
            users,
            [.. popular.Products.Select(product => product.ProductId)],
            [.. published.Select(snapshot => snapshot.SnapshotId)]);
    }
}

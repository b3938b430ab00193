using System.Diagnostics;
using System.Globalization;
using Grpc.Core;

namespace Bench.Attacks;

/// <summary>
/// Recommend beside an attack and beside none, in turns of one run, so that a busy machine is in both columns alike.
/// The attacker is a process of its own that yields its core to any other (SCHED_IDLE; at nice 19 it keeps it until the
/// next tick, 4 ms): a caller is on another machine, and what is measured is what the engine does to itself.
/// </summary>
internal static class AttackPairs
{
    private const int TurnSeconds = 4;

    /// <summary>
    /// No attack: a thread that computes, with the priority of the engine's heavy calls, in a process of its own. What
    /// Recommend waits beside it is the machine's part of what it waits beside a heavy call.
    /// </summary>
    public static Attack Control { get; } = new("control: a busy thread, nice 5, no call", _ =>
    {
        var end = Stopwatch.GetTimestamp() + (Stopwatch.Frequency / 10);
        while (Stopwatch.GetTimestamp() < end)
        {
        }

        return Task.FromResult<IReadOnlyList<StatusCode>>([]);
    });

    /// <summary>Measures each attack.</summary>
    /// <param name="attacks">What to repeat for the length of a turn.</param>
    /// <param name="target">The gRPC port of the engine.</param>
    /// <param name="pairs">Turns of each kind.</param>
    /// <param name="probe">The storefront.</param>
    public static async Task Measure(IEnumerable<Attack> attacks, Uri target, int pairs, Probe probe)
    {
        Console.WriteLine(
            "| attack | calls idle | p50 ms | p99 ms | calls beside | p50 ms | p99 ms | ratio of p99 | failed |");
        Console.WriteLine("|---|---|---|---|---|---|---|---|---|");
        foreach (var attack in attacks.Prepend(Control))
        {
            var (idle, beside, failed) = (new List<double>(), new List<double>(), 0);
            for (var pair = 0; pair < pairs; pair++)
            {
                using var attacker = Attacker(attack, target);
                while (await attacker.StandardOutput.ReadLineAsync() is { } line && line != "ready")
                {
                }

                await Turn(idle);
                await attacker.StandardInput.WriteLineAsync("go");
                await Turn(beside);
                await attacker.WaitForExitAsync();
                await Task.Delay(1_000);
            }

            idle.Sort();
            beside.Sort();
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"| {attack.Name} | {idle.Count} | {Share(idle, .5):F2} | {Share(idle, .99):F2} | {beside.Count} | "
                + $"{Share(beside, .5):F2} | {Share(beside, .99):F2} | {Share(beside, .99) / Share(idle, .99):F2} | "
                + $"{failed} |"));

            async Task Turn(List<double> times)
            {
                using var stop = new CancellationTokenSource(TimeSpan.FromSeconds(TurnSeconds));
                var (found, lost) = await probe.Run(stop.Token);
                times.AddRange(found);
                failed += lost;
            }
        }
    }

    /// <summary>The attacker: attacks once to have compiled everything, says so, and repeats on a word.</summary>
    public static async Task Repeat(Attack attack, CallInvoker calls)
    {
        await attack.Run(calls);
        Console.WriteLine("ready");
        Console.ReadLine();
        var end = Stopwatch.GetTimestamp() + (TurnSeconds * Stopwatch.Frequency);
        while (Stopwatch.GetTimestamp() < end)
        {
            await attack.Run(calls);
        }
    }

    private static Process Attacker(Attack attack, Uri target)
    {
        var program = typeof(AttackPairs).Assembly.Location;
        string[] arguments = ["dotnet", program, "attack", "--target", target.ToString(), "--repeat", attack.Name];
        var (priority, value) = attack == Control ? ("nice", new[] { "-n", "5" }) : ("chrt", ["--idle", "0"]);
        return Process.Start(new ProcessStartInfo(priority, [.. value, .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
    }

    private static double Share(List<double> sorted, double part) =>
        sorted.Count == 0 ? 0 : sorted[Math.Min(sorted.Count - 1, (int)(sorted.Count * part))];
}

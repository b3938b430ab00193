using System.CommandLine;
using System.Diagnostics.CodeAnalysis;
using System.Text.Encodings.Web;
using System.Text.Json;
using Engine;
using Engine.Client;

namespace Bench.Load;

/// <summary>load: calls of a running engine, at a fixed rate or as fast as it answers, beside the empty call.</summary>
internal static class LoadCommand
{
    /// <summary>What a load with events starts another process with.</summary>
    public const string FeedName = "--feed";

    private const string KeyVariable = "ENGINE_KEY";
    private static readonly JsonSerializerOptions Indented = new()
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private static readonly Option<string> Target = Of("--target", "The server", "http://127.0.0.1:50051");
    private static readonly Option<string[]> Engines = Of<string[]>(
        "--client", "Engines to call through one Engine.Client in place of --target, recommend alone, unencrypted", []);

    private static readonly Option<string> Protocol = Of("--protocol", "grpc or http", "grpc");
    private static readonly Option<double> Rate = Of("--rate", "Calls a second; 0 asks as fast as it is answered", 0.0);
    private static readonly Option<int> Connections = Of("--connections", "Connections", 8);
    private static readonly Option<int> Streams = Of("--streams", "Calls at once on each, without --rate", 16);
    private static readonly Option<int> AtOnce = Of("--at-once", "Calls that may be open at once, with --rate", 10_000);
    private static readonly Option<string> Mix = Of("--mix", "Calls and their weights", "recommend=100");
    private static readonly Option<int> Top = Of("--top", "top_k of the calls", 10);
    private static readonly Option<string> Pool = Of("--pool", "A saved pool", "");
    private static readonly Option<string> Rule = Of("--rule", "A rule over product tags", "");
    private static readonly Option<string> Workspace = Of("--workspace", "The workspace; empty means default", "");
    private static readonly Option<string> Users = Of("--users", "A file of user ids; else the server is asked", "");
    private static readonly Option<int> Seed = Of("--seed", "The order of calls, users and products", 1);
    private static readonly Option<double> WarmUp = Of("--warm-up", "Seconds before the measurement", 5.0);
    private static readonly Option<double> Duration = Of("--duration", "Measured seconds, all slices together", 30.0);
    private static readonly Option<int> Rounds = Of("--rounds", "Slices of each kind", 5);
    private static readonly Option<double> Limit = Of("--timeout", "Seconds until a call is given up", 10.0);
    private static readonly Option<string[]> Swap =
        Of<string[]>("--swap", "Snapshots to activate in turn, one in each round", []);

    private static readonly Option<bool> Task = Of("--task", "Run a task over all users beside the calls", false);
    private static readonly Option<double> Events = Of("--events", "Events a second to send beside the calls", 0.0);
    private static readonly Option<bool> Feed = new(FeedName)
    {
        Description = "Send the events alone, on lines of input: what --events starts",
        Hidden = true,
    };

    private static readonly Option<string> KeyFile = Of(
        "--key-file", $"A file that holds the API key; without it the variable {KeyVariable} is read", "");

    private static readonly Option<string> Authority = Of("--ca", "A PEM file of the authorities to trust", "");
    private static readonly Option<bool> Insecure = Of("--insecure", "Accept every certificate", false);
    private static readonly Option<string> Out = Of("--out", "A file for the result as JSON", "");

    /// <summary>The verb.</summary>
    public static Command Create()
    {
        Swap.AllowMultipleArgumentsPerToken = true;
        Engines.AllowMultipleArgumentsPerToken = true;
        Range(Rate, 0, 1_000_000);
        Range(Connections, 1, 1_000);
        Range(Streams, 1, 1_000);
        Range(AtOnce, 1, 100_000);
        Range(Top, 1, 10_000);
        Range(WarmUp, 0, 600);
        Range(Duration, 0.1, 3_600);
        Range(Rounds, 1, 1_000);
        Range(Limit, 0.01, 600);
        Range(Events, 0, 10_000_000);
        Check(Protocol, protocol => protocol is "grpc" or "http", "grpc or http");
        Check(
            Target,
            text => Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https",
            "an http or https URL");
        Check(Mix, text => CallMix.Parse(text).Parts.Count > 0, "");
        var command = new Command(
            "load",
            "Load a running engine and print rates and latencies beside those of the empty call in the same run.")
        {
            Target, Engines, Protocol, Rate, Connections, Streams, AtOnce, Mix, Top, Pool, Rule, Workspace, Users, Seed,
            WarmUp, Duration, Rounds, Limit, Swap, Task, Events, Feed, KeyFile, Authority, Insecure, Out,
        };
        command.Validators.Add(result =>
        {
            if ((result.GetValue(Task) ? 1 : 0) + (result.GetValue(Swap) is { Length: > 0 } ? 1 : 0)
                + (result.GetValue(Events) > 0 ? 1 : 0) > 1)
            {
                result.AddError("found several of --swap, --task and --events; expected one. Run the load again");
            }
        });
        command.Validators.Add(result =>
        {
            if (result.GetValue(Engines) is { Length: > 0 } && result.GetValue(Mix) is not (null or "recommend=100"))
            {
                result.AddError("found --client and --mix; expected one of them. Run the load again");
            }
        });
        command.SetAction((parsed, stop) => Run(parsed, TimeProvider.System, stop));
        return command;
    }

    private static async Task<int> Run(ParseResult parsed, TimeProvider time, CancellationToken stop)
    {
        var engines = parsed.GetRequiredValue(Engines);
        var plan = new LoadPlan
        {
            Target = new Uri(engines.Length > 0 ? engines[0] : parsed.GetRequiredValue(Target)),
            Protocol = engines.Length > 0 ? LoadPlan.Client : parsed.GetRequiredValue(Protocol),
            Rate = parsed.GetValue(Rate),
            Connections = parsed.GetValue(Connections),
            Streams = parsed.GetValue(Streams),
            AtOnce = parsed.GetValue(AtOnce),
            Mix = CallMix.Parse(parsed.GetRequiredValue(Mix)),
            Top = parsed.GetValue(Top),
            Pool = parsed.GetRequiredValue(Pool),
            Rule = parsed.GetRequiredValue(Rule),
            Workspace = parsed.GetRequiredValue(Workspace),
            Users = parsed.GetRequiredValue(Users),
            Seed = parsed.GetValue(Seed),
            WarmUp = parsed.GetValue(WarmUp),
            Duration = parsed.GetValue(Duration),
            Rounds = parsed.GetValue(Rounds),
            Swap = parsed.GetRequiredValue(Swap),
            Task = parsed.GetValue(Task),
            Events = parsed.GetValue(Events),
            EventsFrom = time.GetUtcNow().UtcDateTime.AddDays(-1),
        };
        var connection = new LoadConnection(
            plan.Target, plan.Connections, TimeSpan.FromSeconds(parsed.GetValue(Limit)))
        {
            Key = parsed.GetValue(KeyFile) is { Length: > 0 } file
                ? (await File.ReadAllTextAsync(file, stop)).Trim()
                : Environment.GetEnvironmentVariable(KeyVariable) ?? "",
            Authority = parsed.GetRequiredValue(Authority),
            Insecure = parsed.GetValue(Insecure),
        };
        var started = time.GetUtcNow();
        using var target = TargetOf(plan, connection, engines, time);
        if (parsed.GetValue(Feed))
        {
            await LoadRun.Feed(target, plan, stop);
            return 0;
        }

        var result = await LoadRun.Run(target, plan, stop);
        Console.Write(result.Table());
        if (parsed.GetValue(Out) is { Length: > 0 } path)
        {
            await File.WriteAllTextAsync(path, result.Json(started).ToJsonString(Indented) + "\n", stop);
        }

        return result.IsClean ? 0 : 1;
    }

    [SuppressMessage("Reliability", "CA2000", Justification = "The target owns what it calls.")]
    private static ILoadTarget TargetOf(
        LoadPlan plan, LoadConnection connection, string[] engines, TimeProvider time) => plan.Protocol switch
        {
            LoadPlan.Client => new ClientTarget(
                new EngineClient(new EngineClientOptions { Addresses = engines, Deadline = connection.Limit }, time),
                new GrpcTarget(connection, time)),
            "grpc" => new GrpcTarget(connection, time),
            _ => new HttpTarget(connection),
        };

    private static Option<T> Of<T>(string name, string description, T value) =>
        new(name) { Description = description, DefaultValueFactory = _ => value };

    private static void Range<T>(Option<T> option, T least, T most)
        where T : struct, IComparable<T> =>
        Check(option, value => value.CompareTo(least) >= 0 && value.CompareTo(most) <= 0, $"{least} to {most}");

    private static void Check<T>(Option<T> option, Func<T, bool> isValid, string expected) =>
        option.Validators.Add(result =>
        {
            try
            {
                if (result.GetValueOrDefault<T>() is { } value && !isValid(value))
                {
                    result.AddError($"{option.Name}: found {value}; expected {expected}");
                }
            }
            catch (Exception e) when (e is InputException or InvalidOperationException)
            {
                result.AddError(e.Message);
            }
        });
}

using System.Diagnostics;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Engine.Snapshots;
using Tests.Shared;

namespace EndToEnd.Tests.Operating;

/// <summary>The server as a process of its own with a JSON log, over a folder with one published snapshot.</summary>
internal sealed partial class ServedProcess : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private readonly TemporaryFolder _folder = new();
    private readonly List<JsonNode> _log = [];
    private readonly Process _process;

    private ServedProcess(string[] options, (string Name, string Value)[] environment, string? root)
    {
        Root = root ?? _folder.Path;
        if (root is null)
        {
            new SnapshotDirectory(Root).Publish(RandomSnapshot.Content(seed: 1));
        }

        _process = ProgramOutput.Start(
            "env",
            [
                .. environment.Select(variable => $"{variable.Name}={variable.Value}"),
                "dotnet",
                ProgramOutput.Built("Engine.Server"),
                "serve",
                "--snapshots",
                Root,
                "--urls",
                "grpc://127.0.0.1:0;http://127.0.0.1:0",
                "--log-format",
                "json",
                .. options,
            ]);
    }

    /// <summary>Where gRPC is.</summary>
    public Uri Grpc { get; private set; } = new("http://invalid");

    /// <summary>Where HTTP/JSON is.</summary>
    public Uri Http { get; private set; } = new("http://invalid");

    /// <summary>The events of its log so far.</summary>
    public IReadOnlyList<JsonNode> Log => _log;

    /// <summary>Starts it and waits until it is ready.</summary>
    public static Task<ServedProcess> Start(params string[] options) => Start(options, []);

    /// <summary>The same over a folder of the caller's, which keeps it; nothing is published there.</summary>
    public static Task<ServedProcess> StartOver(string root, params string[] options) =>
        Start(options, [], root, mustBeReady: false);

    /// <summary>The same over such a folder and in an environment.</summary>
    public static Task<ServedProcess> StartOverIn(
        string root, (string Name, string Value)[] environment, params string[] options) =>
        Start(options, environment, root, mustBeReady: false);

    /// <summary>The same in an environment.</summary>
    public static Task<ServedProcess> StartIn(params (string Name, string Value)[] environment) =>
        Start([], environment);

    private static async Task<ServedProcess> Start(
        string[] options, (string Name, string Value)[] environment, string? root = null, bool mustBeReady = true)
    {
        var served = new ServedProcess(options, environment, root);
        using var limit = new CancellationTokenSource(Patience);
        while (served.Http.Host == "invalid")
        {
            var line = await served._process.StandardOutput.ReadLineAsync(limit.Token)
                ?? throw new InvalidOperationException(await served._process.StandardError.ReadToEndAsync());
            var entry = JsonNode.Parse(line)!;
            served._log.Add(entry);
            if (Address().Match((string)entry["Message"]!) is { Success: true } match)
            {
                var address = new Uri(match.Groups["url"].Value);
                _ = match.Value.StartsWith("gRPC", StringComparison.Ordinal)
                    ? served.Grpc = address
                    : served.Http = address;
            }
        }

        using var client = new HttpClient();
        while (mustBeReady && !await IsReady(client, served.Http, limit.Token))
        {
            await System.Threading.Tasks.Task.Delay(20, limit.Token);
        }

        return served;
    }

    /// <summary>What /readyz says.</summary>
    public static async Task<bool> IsReady(HttpClient client, Uri server, CancellationToken cancellation = default)
    {
        using var answer = await client.GetAsync(new Uri(server, "/readyz"), cancellation);
        return answer.IsSuccessStatusCode;
    }

    /// <summary>The process.</summary>
    public int Id => _process.Id;

    /// <summary>The snapshot root.</summary>
    public string Root { get; }

    /// <summary>Kills it, as kill -9 does, and waits for its end.</summary>
    public async System.Threading.Tasks.Task Kill()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>Asks it to stop, or sends another signal.</summary>
    public Task<ProgramOutput> Signal(string signal = "TERM") =>
        ProgramOutput.Of("kill", $"-{signal}", $"{_process.Id}");

    /// <summary>Waits for its end and reads the rest of its log.</summary>
    /// <returns>The exit code.</returns>
    public async Task<int> End()
    {
        using var limit = new CancellationTokenSource(Patience);
        while (await _process.StandardOutput.ReadLineAsync(limit.Token) is { } line)
        {
            _log.Add(JsonNode.Parse(line)!);
        }

        await _process.WaitForExitAsync(limit.Token);
        return _process.ExitCode;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            _process.WaitForExit();
        }

        _process.Dispose();
        _folder.Dispose();
    }

    [GeneratedRegex(@"^(gRPC|HTTP/JSON) +(?<url>http://\S+)")]
    private static partial Regex Address();
}

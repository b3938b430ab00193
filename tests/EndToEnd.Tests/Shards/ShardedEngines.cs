using System.Diagnostics;
using System.Globalization;
using System.Net;
using Engine.Snapshots;
using Grpc.Net.Client;
using Tests.Shared;

namespace EndToEnd.Tests.Shards;

/// <summary>Four programs that serve three shards of a snapshot: 0, 1, 2, and 1 once more.</summary>
internal sealed class ShardedEngines : IDisposable
{
    private readonly TemporaryFolder _folder;
    private readonly Process[] _engines;
    private readonly int[] _ports;

    private ShardedEngines(TemporaryFolder folder)
    {
        (_folder, _ports) = (folder, [.. Enumerable.Range(0, 8).Select(_ => OwnPorts.Take())]);
        File.WriteAllText(
            folder.File("owners.json"),
            $$"""
            {"engines": [
              {"address": "http://127.0.0.1:{{_ports[0]}}", "buckets": "0-340"},
              {"address": "http://127.0.0.1:{{_ports[1]}}", "buckets": "341-681"},
              {"address": "http://127.0.0.1:{{_ports[2]}}", "buckets": "682-1023"},
              {"address": "http://127.0.0.1:{{_ports[3]}}", "buckets": "341-681"}]}
            """);
        _engines = [.. Enumerable.Range(0, 4).Select(Program)];
    }

    /// <summary>Cuts the snapshot that an engine serves, and starts the programs.</summary>
    public static async Task<ShardedEngines> Start(RunningEngine whole)
    {
        var folder = new TemporaryFolder();
        using (var snapshot = whole.Directory.Open(whole.Directory.ReadCurrent()!))
        {
            var shards = new SnapshotShards(snapshot, 3);
            for (var k = 0; k < 4; k++)
            {
                var shard = k == 3 ? 1 : k;
                new SnapshotDirectory(folder.File($"engine-{k}")).Publish(path => shards.Write(path, shard));
            }
        }

        var engines = new ShardedEngines(folder);
        try
        {
            for (var k = 0; k < 4; k++)
            {
                await UntilReady(engines.Http(k));
            }

            return engines;
        }
        catch
        {
            engines.Dispose();
            throw;
        }
    }

    /// <summary>The gRPC port of a program.</summary>
    public GrpcChannel Channel(int engine) => GrpcChannel.ForAddress($"http://127.0.0.1:{_ports[engine]}");

    /// <summary>The HTTP port of a program.</summary>
    public Uri Http(int engine) => new($"http://127.0.0.1:{_ports[engine + 4]}");

    /// <summary>Kills a program.</summary>
    public void Kill(int engine)
    {
        _engines[engine].Kill();
        _engines[engine].WaitForExit();
    }

    /// <summary>Stops a program where it is: its connections stay, and nobody answers.</summary>
    public Task Freeze(int engine) => ProgramOutput.Freeze(_engines[engine].Id);

    /// <summary>Starts a killed program again.</summary>
    public async Task Restart(int engine)
    {
        _engines[engine].Dispose();
        _engines[engine] = Program(engine);
        await UntilReady(Http(engine));
    }

    public void Dispose()
    {
        foreach (var engine in _engines)
        {
            engine.Kill();
            engine.WaitForExit();
            engine.Dispose();
        }

        _folder.Dispose();
    }

    private Process Program(int engine)
    {
        var process = ProgramOutput.Start(
            "dotnet",
            [
                ProgramOutput.Built("Engine.Server"),
                "serve",
                "--snapshots",
                _folder.File($"engine-{engine}"),
                "--urls",
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"grpc://127.0.0.1:{_ports[engine]};http://127.0.0.1:{_ports[engine + 4]}"),
                "--owners",
                _folder.File("owners.json"),
            ]);
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }

    private static async Task UntilReady(Uri engine)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        using var client = new HttpClient { BaseAddress = engine };
        while (true)
        {
            try
            {
                using var answer = await client.GetAsync("/readyz", limit.Token);
                if (answer.StatusCode == HttpStatusCode.OK)
                {
                    return;
                }
            }
            catch (HttpRequestException)
            {
            }

            await Task.Delay(50, limit.Token);
        }
    }
}

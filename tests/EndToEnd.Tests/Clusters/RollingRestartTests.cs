using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using EndToEnd.Tests.Adb;
using EndToEnd.Tests.Operating;
using Engine.Client;
using Engine.Snapshots;
using Tests.Shared;

namespace EndToEnd.Tests.Clusters;

/// <summary>Nodes that are stopped and started one after the other, as an upgrade does, asked through one client.</summary>
[Collection(nameof(MariaDbServer))]
public sealed class RollingRestartTests(MariaDbServer server)
{
    private const int Nodes = 3;
    private const int Callers = 4;

    [MariaDbFact]
    public async Task A_rolling_restart_fails_no_call()
    {
        using var cluster = await TestCluster.Create(server);
        cluster.Shared = cluster.Path("shared");
        var content = RandomSnapshot.Content(seed: 1);
        var id = new SnapshotDirectory(cluster.Shared).Publish(content);
        var nodes = Enumerable.Range(1, Nodes).Select(i => new Node(cluster, $"node{i}")).ToArray();
        try
        {
            foreach (var node in nodes)
            {
                node.Start();
            }

            foreach (var node in nodes)
            {
                await node.UntilReady(id);
            }

            using var client = new EngineClient(
                new EngineClientOptions { Addresses = [.. nodes.Select(node => node.Grpc)] });
            using var stop = new CancellationTokenSource();
            var (answers, failures) = (new ConcurrentDictionary<string, int>(), new ConcurrentBag<string>());
            var callers = Enumerable.Range(0, Callers).Select(_ => Task.Run(Call)).ToArray();
            foreach (var node in nodes)
            {
                await node.Stop();
                node.Start();
                await node.UntilReady(id);
            }

            await stop.CancelAsync();
            await Task.WhenAll(callers);
            Assert.Empty(failures);
            Assert.Equal([id], answers.Keys);
            Assert.InRange(answers[id], 100, int.MaxValue);

            async Task Call()
            {
                for (var call = 0; !stop.IsCancellationRequested; call++)
                {
                    try
                    {
                        var reply = await client.Recommender.RecommendAsync(
                            new() { UserId = content.UserIds[call % content.UserIds.Count], TopK = 3 });
                        answers.AddOrUpdate(reply.SnapshotId, 1, (_, count) => count + 1);
                    }
                    catch (Grpc.Core.RpcException e)
                    {
                        failures.Add(e.Status.ToString());
                    }

                    await Task.Delay(5);
                }
            }
        }
        finally
        {
            Array.ForEach(nodes, node => node.Dispose());
        }
    }

    /// <summary>A node that keeps its ports over restarts.</summary>
    private sealed class Node(TestCluster cluster, string name) : IDisposable
    {
        private readonly int _grpc = OwnPorts.Take();
        private readonly HttpClient _http =
            new() { BaseAddress = new Uri(InvariantAddress(OwnPorts.Take())) };

        private Process? _process;

        public string Grpc => InvariantAddress(_grpc);

        public void Start()
        {
            _process?.Dispose();
            _process = ProgramOutput.Start(
                "dotnet",
                [
                    ProgramOutput.Built("Engine.Server"), "serve", "--snapshots", cluster.Path(name), "--cluster",
                    cluster.FileOf(name), "--poll-milliseconds", "50", "--drain-seconds", "1", "--urls",
                    $"grpc://{new Uri(Grpc).Authority};http://{_http.BaseAddress!.Authority}",
                ]);
            _process.OutputDataReceived += (_, _) => { };
            _process.ErrorDataReceived += (_, _) => { };
            _process.BeginOutputReadLine();
            _process.BeginErrorReadLine();
        }

        public async Task UntilReady(string snapshot)
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(2));
            while (true)
            {
                try
                {
                    await TestCluster.UntilServed(_http, snapshot);
                    if (await ServedProcess.IsReady(_http, _http.BaseAddress!, limit.Token))
                    {
                        return;
                    }
                }
                catch (HttpRequestException)
                {
                }

                await Task.Delay(20, limit.Token);
            }
        }

        public async Task Stop()
        {
            await ProgramOutput.Of("kill", "-TERM", $"{_process!.Id}");
            await _process.WaitForExitAsync();
            Assert.Equal(0, _process.ExitCode);
        }

        public void Dispose()
        {
            _http.Dispose();
            if (_process is { HasExited: false })
            {
                _process.Kill();
                _process.WaitForExit();
            }

            _process?.Dispose();
        }

        private static string InvariantAddress(int port) =>
            string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}");
    }
}

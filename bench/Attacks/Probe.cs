using System.Diagnostics;
using Engine.Protos.V1;
using Grpc.Core;
using Grpc.Net.Client;
using Task = System.Threading.Tasks.Task;

namespace Bench.Attacks;

/// <summary>What a storefront sees beside an attack: one closed loop of Recommend on a connection of its own.</summary>
internal sealed class Probe(Uri target, IReadOnlyList<string> users) : IDisposable
{
    private readonly GrpcChannel _channel = GrpcChannel.ForAddress(target);

    /// <summary>Asks until the token is canceled.</summary>
    /// <returns>Milliseconds of each call, ascending, and how many failed.</returns>
    public async Task<(double[] Milliseconds, int Failed)> Run(CancellationToken stop)
    {
        var client = new Recommender.RecommenderClient(_channel);
        var times = new List<double>();
        var failed = 0;
        for (var i = 0; !stop.IsCancellationRequested; i++)
        {
            var start = Stopwatch.GetTimestamp();
            try
            {
                await client.RecommendAsync(
                    new RecommendRequest { UserId = users[i % users.Count] },
                    deadline: TimeProvider.System.GetUtcNow().UtcDateTime.AddSeconds(30),
                    cancellationToken: CancellationToken.None);
            }
            catch (RpcException)
            {
                failed++;
            }

            times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            await Task.Delay(1, CancellationToken.None);
        }

        times.Sort();
        return ([.. times], failed);
    }

    /// <inheritdoc/>
    public void Dispose() => _channel.Dispose();
}

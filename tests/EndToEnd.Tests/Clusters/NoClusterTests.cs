using EndToEnd.Tests.Operating;
using Engine.Protos.V1;
using Grpc.Net.Client;

namespace EndToEnd.Tests.Clusters;

/// <summary>A single engine carries nothing of a cluster.</summary>
public sealed class NoClusterTests
{
    [Fact]
    public async System.Threading.Tasks.Task Without_a_cluster_nothing_of_Orleans_is_loaded()
    {
        using var served = await ServedProcess.Start();
        using var channel = GrpcChannel.ForAddress(served.Grpc);
        var reply = await new Recommender.RecommenderClient(channel).RecommendAsync(new() { UserId = "user-1é", TopK = 3 });
        Assert.NotEmpty(reply.Products);
        using var client = new HttpClient { BaseAddress = served.Http };
        _ = await client.GetStringAsync("/metrics");
        var maps = await File.ReadAllTextAsync($"/proc/{served.Id}/maps");
        Assert.Contains("Engine.Server.dll", maps, StringComparison.Ordinal);
        Assert.DoesNotContain("/Orleans.", maps, StringComparison.Ordinal);
    }

    [Fact]
    public void The_engine_ships_no_part_of_the_compiler()
    {
        var folder = Path.GetDirectoryName(ProgramOutput.Built("Engine.Server"))!;
        var files = Directory.EnumerateFiles(folder, "*.dll").Select(path => Path.GetFileName(path)).ToArray();
        Assert.Contains("Orleans.Runtime.dll", files);
        Assert.DoesNotContain(files, name => name.StartsWith("Microsoft.CodeAnalysis", StringComparison.Ordinal));
    }
}

using Engine.Protos.V1;
using Engine.Server.Tasks;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Task = System.Threading.Tasks.Task;

namespace EndToEnd.Tests;

/// <summary>The queue of tasks can end without the engine.</summary>
public sealed class StoppedQueueTests
{
    [Fact]
    public async Task Questions_are_answered_and_health_tells_when_the_queue_has_stopped()
    {
        await using var engine = await RunningEngine.Start();
        var queue = engine.Parts.GetRequiredService<TaskQueue>();
        await queue.StopAsync(CancellationToken.None);
        Assert.True(queue.ExecuteTask!.IsCompletedSuccessfully);
        Assert.Contains(
            "task workers have ended", await engine.Http.GetStringAsync("/health"), StringComparison.Ordinal);
        await engine.Recommender.RecommendAsync(new RecommendRequest { UserId = "user-1é" });
        var lifetime = engine.Parts.GetRequiredService<IHostApplicationLifetime>();
        Assert.False(lifetime.ApplicationStopping.IsCancellationRequested);
    }
}

using Engine.Server.Configuration;
using Engine.Snapshots;
using Engine.Snapshots.Writing;
using Tests.Shared;

namespace EndToEnd.Tests.Shards;

/// <summary>An engine that knows the owners of three shards, and the owners, in this process.</summary>
internal sealed class FrontAndOwners : IAsyncDisposable
{
    private RunningEngine? _stopped;

    private FrontAndOwners(RunningEngine front, RunningEngine[] owners, IReadOnlyList<string> users) =>
        (Front, Owners, Users) = (front, owners, users);

    /// <summary>Serves shard 0, and is no owner itself.</summary>
    public RunningEngine Front { get; }

    /// <summary>By shard.</summary>
    public RunningEngine[] Owners { get; }

    /// <summary>All users.</summary>
    public IReadOnlyList<string> Users { get; }

    /// <summary>Starts them over the shards of a snapshot.</summary>
    public static async Task<FrontAndOwners> Start(
        SnapshotContent content,
        Action<int, ServerOptions>? configureOwner = null,
        Action<ServerOptions>? configureFront = null)
    {
        var owners = new RunningEngine[3];
        for (var shard = 0; shard < owners.Length; shard++)
        {
            var number = shard;
            owners[shard] = await RunningEngine.StartEmpty(
                configure: options => configureOwner?.Invoke(number, options));
        }

        string[] buckets = ["0-340", "341-681", "682-1023"];
        using var folder = new TemporaryFolder();
        var file = folder.Write("owners.json", $$"""
            {"engines": [{{string.Join(',', owners.Select((owner, shard) =>
                $$"""{"address": "{{owner.GrpcAddress}}", "buckets": "{{buckets[shard]}}"}"""))}}]}
            """);
        var front = await RunningEngine.StartEmpty(configure: options =>
        {
            options.Owners = file;
            configureFront?.Invoke(options);
        });
        var engines = new FrontAndOwners(front, owners, content.UserIds);
        await engines.Publish(content);
        return engines;
    }

    /// <summary>Publishes the shards of a snapshot, and waits until they are served.</summary>
    /// <returns>The id of the whole snapshot.</returns>
    public async Task<string> Publish(SnapshotContent content)
    {
        using var folder = new TemporaryFolder();
        using var whole = RandomSnapshot.Open(content, folder);
        var shards = new SnapshotShards(whole, Owners.Length);
        for (var shard = 0; shard < Owners.Length; shard++)
        {
            await Owners[shard].PublishAndWait(path => shards.Write(path, shard));
        }

        await Front.PublishAndWait(path => shards.Write(path, 0));
        return whole.Id;
    }

    /// <summary>Stops one owner.</summary>
    public async Task Stop(int shard)
    {
        _stopped = Owners[shard];
        await _stopped.DisposeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await Front.DisposeAsync();
        foreach (var owner in Owners.Where(owner => owner != _stopped))
        {
            await owner.DisposeAsync();
        }
    }
}

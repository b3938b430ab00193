using Grpc.Core;

namespace Engine.Server.Shards;

/// <summary>A stream of replies from the owner of a shard.</summary>
internal static class OwnerReplies
{
    /// <summary>
    /// The stream at its first message, which is always there: until then another owner can be asked. One that breaks
    /// off later is a <see cref="Engine.Snapshots.MissingBucketsException"/>.
    /// </summary>
    /// <param name="shards">The shards.</param>
    /// <param name="snapshotId">The shard that was asked.</param>
    /// <param name="call">The call.</param>
    /// <exception cref="RpcException">The owner does not answer, or refuses the request.</exception>
    public static async Task<IAsyncEnumerator<T>> Begin<T>(
        ShardSet shards, string snapshotId, AsyncServerStreamingCall<T> call)
    {
        var stream = Read(shards, snapshotId, call).GetAsyncEnumerator(shards.Cancellation);
        try
        {
            return await stream.MoveNextAsync()
                ? stream
                : throw new RpcException(new Status(StatusCode.Unavailable, "the engine sent no answer"));
        }
        catch
        {
            await stream.DisposeAsync();
            throw;
        }
    }

    private static async IAsyncEnumerable<T> Read<T>(
        ShardSet shards, string snapshotId, AsyncServerStreamingCall<T> call)
    {
        using (call)
        {
            for (var hasBegun = false; await Next(hasBegun); hasBegun = true)
            {
                yield return call.ResponseStream.Current;
            }
        }

        async Task<bool> Next(bool hasBegun)
        {
            try
            {
                return await call.ResponseStream.MoveNext(shards.Cancellation);
            }
            catch (RpcException e) when (hasBegun && OwnerFault.IsLost(e))
            {
                throw shards.Broken(shards.ShardOfId(snapshotId), e, "Repeat the call");
            }
        }
    }
}

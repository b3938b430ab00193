using Engine.Snapshots;
using Engine.Snapshots.Ids;
using Engine.Snapshots.Manifest;
using Grpc.Core;

namespace Engine.Server.Shards;

/// <summary>The shards of one snapshot, asked for one request with the rights of its caller.</summary>
internal sealed class ShardSet(
    ShardCalls calls, ShardTerms terms, string? authorization, CancellationToken cancellation)
{
    /// <summary>Ends the request.</summary>
    public CancellationToken Cancellation => cancellation;

    /// <summary>How many shards there are.</summary>
    public int Count => terms.Shards;

    /// <summary>The shard of a user.</summary>
    /// <param name="user">The id, known or not.</param>
    public int ShardOf(string user) => terms.ShardOf(UserBuckets.Of(user));

    /// <summary>The buckets of a shard.</summary>
    public BucketRange BucketsOf(int shard) => BucketRange.OfShard(shard, terms.Shards);

    /// <summary>Asks the owner of a user's bucket.</summary>
    /// <param name="user">The id, known or not.</param>
    /// <param name="call">Asks an engine about the snapshot of an id.</param>
    /// <exception cref="MissingBucketsException">No owner answers.</exception>
    public Task<T> AskOwner<T>(string user, Func<CallInvoker, string, CallOptions, Task<T>> call) =>
        Ask(ShardOf(user), call);

    /// <summary>Asks one owner of every shard, all at once.</summary>
    /// <param name="allowPartial">Whether shards without an owner that answers may be missing.</param>
    /// <param name="call">Asks an engine about the snapshot of an id.</param>
    /// <returns>The answers by shard, and the buckets that are missing.</returns>
    /// <exception cref="MissingBucketsException">A shard is missing that may not be, or all are.</exception>
    public async Task<(IReadOnlyList<T> Answers, IReadOnlyList<BucketRange> Missing)> AskAll<T>(
        bool allowPartial, Func<CallInvoker, string, CallOptions, Task<T>> call)
    {
        var answers = await TryAll(call);
        var missing = answers.Where(answer => answer.Missing is not null)
            .Select(answer => answer.Missing!).ToArray();
        return missing.Length == 0 || (allowPartial && missing.Length < answers.Length)
            ? ([.. answers.Where(answer => answer.Missing is null).Select(answer => answer.Answer!)],
                Joined(missing.SelectMany(one => one.Buckets)))
            : throw new MissingBucketsException(
                string.Join(" ", missing.Select(one => one.Message)), Joined(missing.SelectMany(one => one.Buckets)));
    }

    /// <summary>Asks one owner of every shard, all at once.</summary>
    /// <returns>By shard, the answer, or that no owner answers.</returns>
    /// <exception cref="RpcException">An owner refuses the request.</exception>
    public Task<(T? Answer, MissingBucketsException? Missing)[]> TryAll<T>(
        Func<CallInvoker, string, CallOptions, Task<T>> call) =>
        Task.WhenAll(Enumerable.Range(0, terms.Shards).Select(shard => Try(Ask(shard, call))));

    /// <summary>Asks every owner of one shard.</summary>
    /// <returns>Each owner, with its answer or what it refuses the request with; at least one.</returns>
    /// <exception cref="MissingBucketsException">There is none.</exception>
    public Task<(Uri Owner, T? Answer, RpcException? Refusal)[]> TryOwners<T>(
        int shard, Func<CallInvoker, CallOptions, Task<T>> call) =>
        calls.TryOwners(terms, shard, invoker => call(invoker, Options));

    /// <summary>Asks every owner of every shard.</summary>
    /// <returns>By shard, the answers of its owners.</returns>
    /// <exception cref="RpcException">One of them cannot answer, or refuses the request.</exception>
    public Task<IReadOnlyList<T>[]> AskOwners<T>(Func<CallInvoker, CallOptions, Task<T>> call) => Task.WhenAll(
        Enumerable.Range(0, terms.Shards)
            .Select(shard => calls.AskOwners(terms, shard, invoker => call(invoker, Options))));

    private Task<T> Ask<T>(int shard, Func<CallInvoker, string, CallOptions, Task<T>> call) =>
        calls.Ask(terms, shard, (invoker, id) => call(invoker, id, Options));

    private CallOptions Options
    {
        get
        {
            var headers = new Metadata { { ShardFront.Header, "only" } };
            if (authorization is { Length: > 0 })
            {
                headers.Add("authorization", authorization);
            }

            return new CallOptions(headers, cancellationToken: cancellation);
        }
    }

    private static async Task<(T? Answer, MissingBucketsException? Missing)> Try<T>(Task<T> call)
    {
        try
        {
            return (await call, null);
        }
        catch (MissingBucketsException e)
        {
            return (default, e);
        }
    }

    private static List<BucketRange> Joined(IEnumerable<BucketRange> ranges)
    {
        var joined = new List<BucketRange>();
        foreach (var range in ranges)
        {
            if (joined is [.., var last] && last.Last + 1 == range.First)
            {
                joined[^1] = new BucketRange(last.First, range.Last);
            }
            else
            {
                joined.Add(range);
            }
        }

        return joined;
    }
}

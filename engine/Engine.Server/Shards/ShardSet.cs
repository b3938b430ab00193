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

    /// <summary>The shard whose file has an id.</summary>
    public int ShardOfId(string snapshotId) =>
        Enumerable.Range(0, terms.Shards).First(shard => terms.IdOf(shard) == snapshotId);

    /// <summary>The buckets of a shard.</summary>
    public BucketRange BucketsOf(int shard) => BucketRange.OfShard(shard, terms.Shards);

    /// <summary>Asks the owner of a user's bucket.</summary>
    /// <param name="user">The id, known or not.</param>
    /// <param name="call">Asks an engine about the snapshot of an id.</param>
    /// <exception cref="MissingBucketsException">No owner answers.</exception>
    public Task<T> AskOwner<T>(string user, Func<CallInvoker, string, CallOptions, Task<T>> call) =>
        AskOwner(ShardOf(user), call);

    /// <summary>Asks an owner of a shard.</summary>
    /// <param name="shard">The shard.</param>
    /// <param name="call">Asks an engine about the snapshot of an id.</param>
    /// <exception cref="MissingBucketsException">No owner answers.</exception>
    public Task<T> AskOwner<T>(int shard, Func<CallInvoker, string, CallOptions, Task<T>> call) =>
        calls.Ask(terms, shard, (invoker, id) => call(invoker, id, Options));

    /// <summary>Asks one owner of each shard that holds some of the users, all at once.</summary>
    /// <param name="users">The ids, known or not.</param>
    /// <param name="call">Asks an engine about the snapshot of an id and its users, in their order.</param>
    /// <returns>The answers by shard.</returns>
    /// <exception cref="MissingBucketsException">No owner of a user's bucket answers.</exception>
    public async Task<IReadOnlyDictionary<int, T>> AskAbout<T>(
        IEnumerable<string> users, Func<CallInvoker, string, string[], CallOptions, Task<T>> call)
    {
        var shards = users.GroupBy(ShardOf).ToArray();
        var answers = await Task.WhenAll(shards.Select(shard => Try(
            AskOwner(shard.Key, (owner, id, options) => call(owner, id, [.. shard], options)))));
        Check(answers);
        return shards.Zip(answers).ToDictionary(pair => pair.First.Key, pair => pair.Second.Answer!);
    }

    /// <summary>Asks one owner of every shard, all at once.</summary>
    /// <param name="allowPartial">Whether shards without an owner that answers may be missing.</param>
    /// <param name="call">Asks an engine about the snapshot of an id.</param>
    /// <returns>The answers by shard, and the buckets that are missing.</returns>
    /// <exception cref="MissingBucketsException">A shard is missing that may not be, or all are.</exception>
    public async Task<(IReadOnlyList<T> Answers, IReadOnlyList<BucketRange> Missing)> AskAll<T>(
        bool allowPartial, Func<CallInvoker, string, CallOptions, Task<T>> call)
    {
        var answers = await TryAll(call);
        var found = answers.Where(answer => answer.Missing is null).Select(answer => answer.Answer!).ToArray();
        if (!allowPartial || found.Length == 0)
        {
            try
            {
                Check(answers);
            }
            catch
            {
                await End(found);
                throw;
            }
        }

        return (found, Joined(answers.SelectMany(answer => answer.Missing?.Buckets ?? [])));
    }

    /// <summary>Asks one owner of every shard, all at once.</summary>
    /// <returns>By shard, the answer, or that no owner answers.</returns>
    /// <exception cref="RpcException">An owner refuses the request.</exception>
    public async Task<(T? Answer, MissingBucketsException? Missing)[]> TryAll<T>(
        Func<CallInvoker, string, CallOptions, Task<T>> call)
    {
        var asked = Enumerable.Range(0, terms.Shards).Select(shard => Try(AskOwner(shard, call))).ToArray();
        try
        {
            return await Task.WhenAll(asked);
        }
        catch
        {
            await End(asked.Where(one => one.IsCompletedSuccessfully).Select(one => one.Result.Answer));
            throw;
        }
    }

    /// <summary>Ends the answers that are streams: an owner holds each until then.</summary>
    public static async Task End<T>(IEnumerable<T> answers)
    {
        foreach (var stream in answers.OfType<IAsyncDisposable>())
        {
            await stream.DisposeAsync();
        }
    }

    /// <summary>What the caller is told of an owner whose stream broke off in its middle.</summary>
    /// <param name="shard">Its shard.</param>
    /// <param name="lost">What was seen of it.</param>
    /// <param name="next">What to do.</param>
    public MissingBucketsException Broken(int shard, RpcException lost, string next) => new(
        $"buckets {BucketsOf(shard)} are missing: the stream of their owner broke off "
        + $"({lost.Status.Detail.TrimEnd('.')}). {next}",
        [BucketsOf(shard)]);

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

    private static void Check<T>(IEnumerable<(T? Answer, MissingBucketsException? Missing)> answers)
    {
        var missing = answers.Select(answer => answer.Missing).OfType<MissingBucketsException>().ToArray();
        if (missing.Length > 0)
        {
            throw new MissingBucketsException(
                string.Join(" ", missing.Select(one => one.Message)), Joined(missing.SelectMany(one => one.Buckets)));
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

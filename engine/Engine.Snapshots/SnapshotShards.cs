using Engine.Kernels;
using Engine.Snapshots.Format;
using Engine.Snapshots.Ids;
using Engine.Snapshots.Manifest;
using Engine.Snapshots.Mapping;
using Engine.Snapshots.Writing;

namespace Engine.Snapshots;

/// <summary>
/// Cuts a snapshot into files by the buckets of its users. Each file holds all sections about products as they are, and
/// those of its users, in their order; forgotten people are left out. Equal snapshots give equal bytes. Memory: a few
/// bytes a user of the whole, and the users of one shard at a time.
/// </summary>
public sealed class SnapshotShards
{
    private readonly Snapshot _whole;
    private readonly int _shards;
    private readonly int[] _shardOfUser;
    private readonly int[] _shardOfOther;

    /// <summary>Finds the shard of each user.</summary>
    /// <param name="whole">Open and verified.</param>
    /// <param name="shards">2..1,024.</param>
    /// <exception cref="InputException">The number is out of its range, or the snapshot is a shard itself.</exception>
    public SnapshotShards(Snapshot whole, int shards)
    {
        Check(whole, shards);
        (_whole, _shards) = (whole, shards);
        var users = whole.UserIds;
        var others = whole.OutOfScope?.UserIds;
        var terms = ShardTerms.Of(whole.Id, 0, shards, 0);
        _shardOfUser = ShardsOf(users.Count, user => users.Utf8(user), whole.HiddenUsers, terms);
        _shardOfOther = ShardsOf(others?.Count ?? 0, other => others!.Value.Utf8(other), whole.HiddenOthers, terms);
    }

    private delegate ReadOnlySpan<T> RowOf<T>(int row);

    private delegate HistoryRow BehaviorsOf(int row);

    /// <summary>Refuses a number of shards, or a snapshot, that cannot be cut.</summary>
    /// <exception cref="InputException">The number is out of its range, or the snapshot is a shard itself.</exception>
    public static void Check(Snapshot whole, int shards)
    {
        if (shards is < 2 or > BucketRange.Buckets)
        {
            throw new InputException(InvariantText.Of($"found {shards} shards; expected 2 to {BucketRange.Buckets}"));
        }

        if (whole.Shard is { } shard)
        {
            throw new InputException(
                $"found {whole.Id}, which is a shard; expected a whole snapshot. Give the one that it was made from: "
                + shard.SetId);
        }
    }

    /// <summary>Writes one shard to a path that must not exist, and flushes it to the disk.</summary>
    public void Write(string path, int shard, CancellationToken cancellation = default)
    {
        var users = Members(_shardOfUser, shard);
        var factors = new FactorContent(users.Length, _whole.UserFactors.Columns);
        for (var user = 0; user < users.Length; user++)
        {
            _whole.UserFactors[users[user]][..factors.Columns].CopyTo(factors.Row(user));
        }

        var content = new ShardContent(
            ShardTerms.Of(_whole.Id, shard, _shards, _whole.Manifest.UserCount),
            Array.ConvertAll(users, user => _whole.UserIds.Get(user)),
            users,
            factors,
            _whole.Sections.Any(entry => entry.Kind == SectionKind.ProfileOffsets) ? Profile(users) : null,
            Behaviors(users, user => _whole.History.Row(user)),
            _whole.OutOfScope is { } outside ? Outside(outside, users, Members(_shardOfOther, shard)) : null,
            _whole.Known);
        ShardWriter.Write(path, _whole, content, cancellation);
    }

    private static int[] ShardsOf(int count, RowOf<byte> idOf, HiddenOrdinals hidden, ShardTerms terms)
    {
        var shards = new int[count];
        for (var one = 0; one < count; one++)
        {
            shards[one] = hidden.Contains(one) ? -1 : terms.ShardOf(UserBuckets.Of(idOf(one)));
        }

        return shards;
    }

    private static int[] Members(int[] shardOf, int shard) =>
        [.. Enumerable.Range(0, shardOf.Length).Where(one => shardOf[one] == shard)];

    // Users that the snapshot does not score have their rows behind those of the others.
    private OutOfScopeContent Outside(MappedOutOfScope outside, int[] users, int[] others)
    {
        int[] rows = [.. users, .. others.Select(other => other + _shardOfUser.Length)];
        var behaviors = Behaviors(rows, outside.OfUser);
        return new OutOfScopeContent(
            Array.ConvertAll(others, other => outside.UserIds.Get(other)),
            [.. Enumerable.Range(0, outside.ProductIds.Count).Select(outside.ProductIds.Get)],
            behaviors.Offsets,
            behaviors.Products,
            behaviors.Days,
            behaviors.Types,
            behaviors.Counts);
    }

    private ProfileContent Profile(int[] users)
    {
        var (weights, history, own) =
            (_whole.Derived.Profile, _whole.Derived.ProfileHistory, _whole.Derived.ProfileOwn);
        return new ProfileContent(
            new SparseContent(
                Offsets(users, user => weights.Row(user).Count),
                Gather(users, user => weights.Row(user).Indices),
                Gather(users, user => weights.Row(user).Values)),
            Gather(users, user => history.Row(user).Values),
            Gather(users, user => own.Row(user).Values));
    }

    private static HistoryContent Behaviors(int[] rows, BehaviorsOf rowOf)
    {
        var offsets = Offsets(rows, row => rowOf(row).Count);
        var count = checked((int)offsets[^1]);
        var content = new HistoryContent(
            offsets, new int[count], new ushort[count], new byte[count], new ushort[count]);
        var at = 0;
        foreach (var row in rows)
        {
            var behaviors = rowOf(row);
            for (var i = 0; i < behaviors.Count; i++, at++)
            {
                content.Products[at] = behaviors.Product(i);
                content.Days[at] = (ushort)behaviors.Day(i);
                content.Types[at] = behaviors.Type(i);
                content.Counts[at] = (ushort)behaviors.Units(i);
            }
        }

        return content;
    }

    private static long[] Offsets(int[] rows, Func<int, int> countOf)
    {
        var offsets = new long[rows.Length + 1];
        for (var i = 0; i < rows.Length; i++)
        {
            offsets[i + 1] = offsets[i] + countOf(rows[i]);
        }

        return offsets;
    }

    private static T[] Gather<T>(int[] rows, RowOf<T> rowOf)
    {
        var length = 0L;
        foreach (var row in rows)
        {
            length += rowOf(row).Length;
        }

        var gathered = GC.AllocateUninitializedArray<T>(checked((int)length));
        var at = 0;
        foreach (var row in rows)
        {
            var elements = rowOf(row);
            elements.CopyTo(gathered.AsSpan(at));
            at += elements.Length;
        }

        return gathered;
    }
}

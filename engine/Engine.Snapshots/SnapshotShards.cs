using System.Text;
using Engine.Snapshots.Format;
using Engine.Snapshots.Ids;
using Engine.Snapshots.Manifest;
using Engine.Snapshots.Mapping;
using Engine.Snapshots.Writing;

namespace Engine.Snapshots;

/// <summary>
/// Cuts a snapshot into files by the buckets of its users. Each file holds all sections about products as they are, and
/// those of its users, in their order; forgotten people are left out. Equal snapshots give equal bytes. Memory: a few
/// bytes a user of the whole, and one section of a shard at a time.
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
        if (shards is < 2 or > BucketRange.Buckets)
        {
            throw new InputException($"found {shards} shards; expected 2 to {BucketRange.Buckets}");
        }

        if (whole.Shard is { } shard)
        {
            throw new InputException(
                $"found {whole.Id}, which is a shard; expected a whole snapshot. Give the one that it was made from: "
                + shard.SetId);
        }

        (_whole, _shards) = (whole, shards);
        var users = whole.UserIds;
        var others = whole.OutOfScope?.UserIds;
        var shardOfBucket = new int[BucketRange.Buckets];
        for (var one = 0; one < shards; one++)
        {
            var buckets = BucketRange.OfShard(one, shards);
            shardOfBucket.AsSpan(buckets.First, buckets.Last - buckets.First + 1).Fill(one);
        }

        _shardOfUser = ShardsOf(users.Count, user => users.Utf8(user), whole.HiddenUsers, shardOfBucket);
        _shardOfOther = ShardsOf(
            others?.Count ?? 0, other => others!.Value.Utf8(other), whole.HiddenOthers, shardOfBucket);
    }

    private delegate ReadOnlySpan<T> RowOf<T>(int row);

    /// <summary>Writes one shard to a path that must not exist, and flushes it to the disk.</summary>
    public void Write(string path, int shard, CancellationToken cancellation = default)
    {
        var users = Members(_shardOfUser, shard);
        var manifest = _whole.Manifest with
        {
            UserCount = users.Length,
            Shard = ShardTerms.Of(_whole.Id, shard, _shards, _whole.Manifest.UserCount),
        };
        using var stream = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1 << 16);
        var writer = new SectionWriter(stream, _whole.Sections.Count + 1);
        var others = Members(_shardOfOther, shard);
        foreach (var entry in _whole.Sections)
        {
            cancellation.ThrowIfCancellationRequested();
            if (!WriteUsers(writer, entry.Kind, manifest, users) && !WriteOthers(writer, entry.Kind, users, others))
            {
                _whole.CopySection(entry, writer);
            }
        }

        writer.Finish();
        stream.Flush(flushToDisk: true);
    }

    private static int[] ShardsOf(int count, RowOf<byte> idOf, HiddenOrdinals hidden, int[] shardOfBucket)
    {
        var shards = new int[count];
        for (var one = 0; one < count; one++)
        {
            shards[one] = hidden.Contains(one) ? -1 : shardOfBucket[UserBuckets.Of(idOf(one))];
        }

        return shards;
    }

    private static int[] Members(int[] shardOf, int shard) =>
        [.. Enumerable.Range(0, shardOf.Length).Where(one => shardOf[one] == shard)];

    // False when the section is about products.
    private bool WriteUsers(SectionWriter writer, SectionKind kind, SnapshotManifest manifest, int[] users)
    {
        switch (kind)
        {
            case SectionKind.Manifest:
                writer.Array<byte>(kind, StructuredSection.Write(manifest));
                return true;
            case SectionKind.UserIdRecords:
                writer.Ids(kind, Array.ConvertAll(users, user => _whole.UserIds.Get(user)));
                writer.Array<int>(SectionKind.UserPlaces, users);
                return true;
            case SectionKind.UserFactors:
                var rows = _whole.UserFactors;
                writer.Matrix<float>(
                    kind, Gather(users, user => rows[user]), users.Length, rows.Columns, rows.Stride);
                return true;
            case SectionKind.ProfileOffsets:
                writer.Array<long>(kind, Offsets(users, user => _whole.Profile.Row(user).Count));
                return true;
            case SectionKind.ProfileProducts:
                writer.Array<int>(kind, Gather(users, user => _whole.Profile.Row(user).Indices));
                return true;
            case SectionKind.ProfileWeights:
                writer.Array<float>(kind, Gather(users, user => _whole.Profile.Row(user).Values));
                return true;
            case SectionKind.ProfileHistory:
                writer.Array<float>(kind, Gather(users, user => _whole.ProfileHistory.Row(user).Values));
                return true;
            case SectionKind.ProfileOwn:
                writer.Array<float>(kind, Gather(users, user => _whole.ProfileOwn.Row(user).Values));
                return true;
            case SectionKind.ProfileReverseOffsets:
                writer.Sparse(kind, Columns(_whole.ProfileReverse, users));
                return true;
            case SectionKind.ProfileReverseOwn:
                writer.Array<float>(kind, Columns(_whole.ProfileReverseOwn, users).Values);
                return true;
            case SectionKind.HistoryOffsets:
                writer.Array<long>(kind, Offsets(users, user => _whole.History.Row(user).Count));
                return true;
            case SectionKind.HistoryProducts:
                writer.Array<int>(kind, Gather(users, user => _whole.History.Row(user).Products));
                return true;
            case SectionKind.HistoryDays:
                writer.Array<ushort>(kind, Gather(users, user => _whole.History.Row(user).Days));
                return true;
            case SectionKind.HistoryTypes:
                writer.Array<byte>(kind, Gather(users, user => _whole.History.Row(user).Types));
                return true;
            case SectionKind.HistoryCounts:
                writer.Array<ushort>(kind, Gather(users, user => _whole.History.Row(user).Counts));
                return true;
            default:
                // Written with the first section of their kind.
                return kind is SectionKind.UserIdOffsets or SectionKind.UserIdSlots
                    or SectionKind.ProfileReverseUsers or SectionKind.ProfileReverseHistory;
        }
    }

    private bool WriteOthers(SectionWriter writer, SectionKind kind, int[] users, int[] others)
    {
        if (_whole.OutOfScope is not { } outside)
        {
            return false;
        }

        int[] all = [.. users, .. others.Select(other => other + _shardOfUser.Length)];
        switch (kind)
        {
            case SectionKind.OutOfScopeUserIdBytes:
                writer.Strings(
                    kind,
                    Array.ConvertAll(others, other => Encoding.UTF8.GetString(outside.UserIds.Utf8(other))),
                    required: false);
                return true;
            case SectionKind.OutOfScopeOffsets:
                writer.Array<long>(kind, Offsets(all, row => outside.OfUser(row).Count), required: false);
                return true;
            case SectionKind.OutOfScopeProducts:
                writer.Array<int>(kind, Gather(all, row => outside.OfUser(row).Products), required: false);
                return true;
            case SectionKind.OutOfScopeDays:
                writer.Array<ushort>(kind, Gather(all, row => outside.OfUser(row).Days), required: false);
                return true;
            case SectionKind.OutOfScopeTypes:
                writer.Array<byte>(kind, Gather(all, row => outside.OfUser(row).Types), required: false);
                return true;
            case SectionKind.OutOfScopeCounts:
                writer.Array<ushort>(kind, Gather(all, row => outside.OfUser(row).Counts), required: false);
                return true;
            default:
                return kind is SectionKind.OutOfScopeUserIdOffsets;
        }
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

    // The columns of some users, renumbered: users ascend in a row before and after.
    private SparseContent Columns(MappedSparseMatrix matrix, int[] users)
    {
        var ordinals = new int[_shardOfUser.Length];
        Array.Fill(ordinals, -1);
        for (var i = 0; i < users.Length; i++)
        {
            ordinals[users[i]] = i;
        }

        var offsets = new long[matrix.Rows + 1];
        var (indices, values) = (new List<int>(), new List<float>());
        for (var row = 0; row < matrix.Rows; row++)
        {
            var elements = matrix.Row(row);
            for (var i = 0; i < elements.Count; i++)
            {
                if (ordinals[elements.Indices[i]] is >= 0 and var ordinal)
                {
                    indices.Add(ordinal);
                    values.Add(elements.Values[i]);
                }
            }

            offsets[row + 1] = indices.Count;
        }

        return new SparseContent(offsets, [.. indices], [.. values]);
    }
}

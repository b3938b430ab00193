using System.Collections.Concurrent;
using Engine.Cluster.Database;

namespace Engine.Cluster.Parts;

/// <summary>
/// One result that all nodes work on, part by part. Who works on a part has claimed it for the time of a lease, by an
/// epoch of its own; a part is done by a compare-and-set on that epoch, and so is the result. A node that was taken for
/// dead loses the commit, whatever it does later. Safe for several threads.
/// </summary>
public sealed class SharedResult
{
    private const string Key = "cluster = @0 AND workspace = @1 AND task = @2";
    private const int RowsAtOnce = 500;
    private const int ClaimTries = 8;

    private readonly ClusterDatabase _database;
    private readonly string _cluster;
    private readonly string _workspace;
    private readonly string _task;
    private readonly string _owner;
    private readonly int _leaseSeconds;
    private readonly Func<bool> _isStored;
    private readonly ConcurrentDictionary<PartClaim, bool> _held = new();

    /// <param name="database">Where its rows are.</param>
    /// <param name="cluster">Whose.</param>
    /// <param name="workspace">Whose.</param>
    /// <param name="task">Its name.</param>
    /// <param name="owner">Who claims.</param>
    /// <param name="leaseSeconds">How long a claim holds.</param>
    /// <param name="isStored">Whether the task is on the disk: one that was deleted gets no rows.</param>
    internal SharedResult(
        ClusterDatabase database,
        string cluster,
        string workspace,
        string task,
        string owner,
        int leaseSeconds,
        Func<bool> isStored)
    {
        (_database, _cluster, _workspace, _task) = (database, cluster, workspace, task);
        (_owner, _leaseSeconds, _isStored) = (owner, leaseSeconds, isStored);
    }

    /// <summary>Makes its rows, unless another node has, or its task was deleted: see <see cref="State"/>.</summary>
    /// <param name="fingerprint">64 characters: all that the bytes depend on.</param>
    /// <param name="parts">How many.</param>
    /// <returns>False when another node computes other bytes under this name.</returns>
    public bool Open(string fingerprint, int parts) => _database.Run("opening a task", transaction =>
    {
        var isNew = TryInsert(transaction, fingerprint);
        foreach (var some in isNew ? Enumerable.Range(0, parts + 1).Chunk(RowsAtOnce) : [])
        {
            transaction.Execute(
                "INSERT INTO engine_task_part (cluster, workspace, task, part) VALUES "
                + string.Join(", ", some.Select((_, i) => InvariantRow(i))),
                [_cluster, _workspace, _task, .. some.Cast<object?>()]);
        }

        // Empty where it was given up before anybody opened it.
        var known = transaction.Value($"SELECT fingerprint FROM engine_task WHERE {Key}", Names()) as string;
        return string.IsNullOrEmpty(known) || known == fingerprint;
    });

    /// <summary>How far it is; null when nobody has opened it, or its task was deleted since.</summary>
    public ResultState? State() => _database.Run("reading a task", transaction =>
    {
        var rows = transaction.Rows(
            $"SELECT state, record FROM engine_task WHERE {Key}",
            row => (HasEnded: row.GetInt32(0) != 0, Record: row.IsDBNull(1) ? null : row.GetString(1)),
            Names());
        var parts = transaction.Rows(
            $"SELECT COUNT(*), COALESCE(SUM(row_count), 0) FROM engine_task_part WHERE {Key} AND committed = 1",
            row => (Count: row.GetInt32(0), Rows: Convert.ToInt64(row.GetValue(1))),
            Names())[0];
        return rows is [var (hasEnded, record)]
            ? new ResultState(hasEnded, record, parts.Count, parts.Rows)
            : (ResultState?)null;
    });

    /// <summary>Claims a part that nobody works on; null when there is none now.</summary>
    /// <param name="parts">How many there are; with <paramref name="assembly"/> the assembly's number.</param>
    /// <param name="assembly">Whether the assembly is meant, which comes after all parts.</param>
    public PartClaim? TryClaim(int parts, bool assembly)
    {
        var claim = _database.Run("claiming a part", transaction =>
        {
            while (Free(transaction, parts, assembly) is { Count: > 0 } free)
            {
                if (free.Select(part => Claim(transaction, part)).FirstOrDefault(mine => mine is not null) is { } won)
                {
                    return won;
                }

                // Others have claimed them all: there may be more behind them.
            }

            return null;
        });
        if (claim is not null)
        {
            _held[claim] = true;
        }

        return claim;
    }

    private List<PartClaim> Free(Transaction transaction, int parts, bool assembly) => transaction.Rows(
        $"SELECT part, epoch FROM engine_task_part WHERE {Key} AND committed = 0 "
        + $"AND lease_until < UTC_TIMESTAMP(6) AND part {(assembly ? "=" : "<")} @3 ORDER BY part LIMIT {ClaimTries}",
        row => new PartClaim(row.GetInt32(0), row.GetInt32(1)),
        [.. Names(), parts]);

    // One statement: the epoch that was read is replaced, or another node was faster.
    private PartClaim? Claim(Transaction transaction, PartClaim free) => transaction.Execute(
        "UPDATE engine_task_part SET epoch = epoch + 1, owner = @5, "
        + $"lease_until = UTC_TIMESTAMP(6) + INTERVAL @6 SECOND WHERE {Key} AND part = @3 AND epoch = @4 "
        + "AND committed = 0 AND lease_until < UTC_TIMESTAMP(6)",
        [.. Names(), free.Part, free.Epoch, _owner, _leaseSeconds]) == 1 ? free with { Epoch = free.Epoch + 1 } : null;

    /// <summary>Commits a part whose file is on the disk.</summary>
    /// <returns>False when the lease was lost: the file is nobody's.</returns>
    public bool TryCommit(PartClaim claim, CommittedPart part) => _database.Run(
        "committing a part",
        transaction => transaction.Execute(
            "UPDATE engine_task_part SET committed = 1, row_count = @5, length = @6, crc = @7, detail = @8 "
            + $"WHERE {Key} AND part = @3 AND epoch = @4 AND committed = 0",
            [.. Names(), claim.Part, claim.Epoch, part.Rows, part.Length, part.Crc, part.Detail])) == 1;

    /// <summary>The committed parts, in order.</summary>
    public IReadOnlyList<CommittedPart> Parts() => _database.Run(
        "reading the parts of a task",
        transaction => transaction.Rows(
            $"SELECT part, epoch, row_count, length, crc, detail FROM engine_task_part WHERE {Key} AND committed = 1 "
            + "ORDER BY part",
            row => new CommittedPart(
                row.GetInt32(0),
                row.GetInt32(1),
                row.GetInt32(2),
                row.GetInt64(3),
                Convert.ToUInt32(row.GetValue(4)),
                row.IsDBNull(5) ? [] : (byte[])row.GetValue(5)),
            Names()));

    /// <summary>The last claim of each part and of the assembly; none when it has ended or has no rows.</summary>
    public IReadOnlyList<PartClaim> Claims() => _database.Run(
        "reading the claims of a task",
        transaction => transaction.Rows(
            $"SELECT part, epoch FROM engine_task_part WHERE {Key}",
            row => new PartClaim(row.GetInt32(0), row.GetInt32(1)),
            Names()));

    /// <summary>Whether a claim is this process's still.</summary>
    public bool IsHeld(PartClaim claim) => _database.Run(
        "checking a claim",
        transaction => transaction.Value(
            $"SELECT 1 FROM engine_task_part WHERE {Key} AND part = @3 AND epoch = @4 AND committed = 0",
            [.. Names(), claim.Part, claim.Epoch])) is not null;

    /// <summary>Publishes the result: one compare-and-set of its row, by whoever holds the assembly.</summary>
    /// <param name="claim">Of the assembly.</param>
    /// <param name="record">What is stored with it; null for nothing.</param>
    /// <returns>False when the claim was lost, or the result has ended.</returns>
    public bool TryPublish(PartClaim claim, string? record) => _database.Run("publishing a task", transaction =>
    {
        var isPublished = transaction.Execute(
            $"UPDATE engine_task SET state = 1, record = @5 WHERE {Key} AND state = 0 AND EXISTS (SELECT 1 "
            + "FROM engine_task_part p WHERE p.cluster = @0 AND p.workspace = @1 AND p.task = @2 AND p.part = @3 "
            + "AND p.epoch = @4 AND p.committed = 0)",
            [.. Names(), claim.Part, claim.Epoch, record]) == 1;
        if (isPublished)
        {
            DeleteParts(transaction);
        }

        return isPublished;
    });

    /// <summary>Ends it without a result, for all nodes.</summary>
    /// <returns>False when it has ended already, or was deleted.</returns>
    public bool TryGiveUp(string record) => _database.Run("ending a task", transaction =>
    {
        TryInsert(transaction, "");
        var isEnded = transaction.Execute(
            $"UPDATE engine_task SET state = 2, record = @3 WHERE {Key} AND state = 0", [.. Names(), record]) == 1;
        if (isEnded)
        {
            DeleteParts(transaction);
        }

        return isEnded;
    });

    /// <summary>Gives a claim back, committed or not: another node need not wait for the end of its lease.</summary>
    public void Release(PartClaim claim)
    {
        if (_held.TryRemove(claim, out _))
        {
            _database.Run("giving a part back", transaction => transaction.Execute(
                $"UPDATE engine_task_part SET lease_until = '2000-01-01' WHERE {Key} AND part = @3 AND epoch = @4 "
                + "AND committed = 0",
                [.. Names(), claim.Part, claim.Epoch]));
        }
    }

    /// <summary>Renews the leases that this process holds. One that has ended is not renewed.</summary>
    internal void Renew()
    {
        foreach (var claim in _held.Keys)
        {
            _database.Run("renewing a lease", transaction => transaction.Execute(
                $"UPDATE engine_task_part SET lease_until = UTC_TIMESTAMP(6) + INTERVAL @5 SECOND WHERE {Key} "
                + "AND part = @3 AND epoch = @4 AND committed = 0 AND lease_until >= UTC_TIMESTAMP(6)",
                [.. Names(), claim.Part, claim.Epoch, _leaseSeconds]));
        }
    }

    private void DeleteParts(Transaction transaction)
    {
        transaction.Execute($"DELETE FROM engine_task_part WHERE {Key}", Names());
        transaction.Execute($"DELETE FROM engine_task_refusal WHERE {Key}", Names());
    }

    // A task leaves the disk before its rows are deleted. Whoever sees it on the disk after his INSERT was therefore
    // first: that DELETE waits for the row, and finds it.
    private bool TryInsert(Transaction transaction, string fingerprint)
    {
        var isNew = transaction.Execute(
            "INSERT IGNORE INTO engine_task (cluster, workspace, task, fingerprint) VALUES (@0, @1, @2, @3)",
            [.. Names(), fingerprint]) == 1;
        if (isNew && !_isStored())
        {
            transaction.Execute($"DELETE FROM engine_task WHERE {Key}", Names());
            return false;
        }

        return isNew;
    }

    private static string InvariantRow(int i) =>
        string.Create(System.Globalization.CultureInfo.InvariantCulture, $"(@0, @1, @2, @{i + 3})");

    private object?[] Names() => [_cluster, _workspace, _task];
}

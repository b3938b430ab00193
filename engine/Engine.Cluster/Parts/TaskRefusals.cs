using System.Globalization;
using Engine.Cluster.Database;

namespace Engine.Cluster.Parts;

/// <summary>
/// The nodes that cannot work on a task, by the last try of each: a damaged copy of its snapshot, too little memory.
/// The others go on. The task fails when no living node is left that can.
/// </summary>
public sealed class TaskRefusals
{
    /// <summary>Tries in a row, of all living nodes together, after which no node can.</summary>
    public const int MaximumTries = 5;

    private const string Key = "cluster = @0 AND workspace = @1 AND task = @2";
    private const int MaximumReason = 1_000;

    private readonly ClusterDatabase _database;
    private readonly string _cluster;
    private readonly string _workspace;
    private readonly string _node;

    internal TaskRefusals(ClusterDatabase database, string cluster, string workspace, string node) =>
        (_database, _cluster, _workspace, _node) = (database, cluster, workspace, node);

    /// <summary>This node cannot work on a task now.</summary>
    /// <param name="task">The task.</param>
    /// <param name="reason">Why.</param>
    /// <param name="isTry">Whether it has tried, or waits for what may still come.</param>
    /// <param name="isAlone">Whether no other node may work on it.</param>
    /// <returns>Why no node can, when that is so; else null.</returns>
    public string? Add(string task, string reason, bool isTry, bool isAlone) => _database.Run(
        "giving a task back",
        transaction =>
        {
            var committed = Count(transaction, task, "committed = 1");
            transaction.Execute(
                "INSERT INTO engine_task_refusal "
                + "(cluster, workspace, task, node, tries, committed, reason, refused_at) "
                + "VALUES (@0, @1, @2, @3, @4, @5, @6, UTC_TIMESTAMP(6)) ON DUPLICATE KEY UPDATE "
                + "tries = IF(committed = VALUES(committed), tries, 0) + VALUES(tries), "
                + "committed = VALUES(committed), reason = VALUES(reason), refused_at = VALUES(refused_at)",
                [.. Names(task), _node, isTry ? 1 : 0, committed, Short(reason)]);
            if (Count(transaction, task, "committed = 0 AND lease_until >= UTC_TIMESTAMP(6)") > 0)
            {
                return null;
            }

            // Of a while ago: the node may be able to since, and works on something else.
            var refusals = transaction.Rows(
                $"SELECT node, tries, reason FROM engine_task_refusal WHERE {Key} AND committed = @3 "
                + "AND refused_at > UTC_TIMESTAMP(6) - INTERVAL 10 MINUTE ORDER BY node",
                row => (Node: row.GetString(0), Tries: row.GetInt32(1), Reason: row.GetString(2)),
                [.. Names(task), committed]);
            var living = isAlone ? [_node] : Living(transaction);
            var last = refusals.Where(refusal => living.Contains(refusal.Node)).ToArray();
            return last.Length == living.Count && last.Sum(refusal => refusal.Tries) >= MaximumTries
                ? $"no node can work on it. {string.Join(" ", last.Select(one => $"{one.Node}: {one.Reason}."))}"
                : null;
        });

    /// <summary>This node can work on a task again.</summary>
    public void Remove(string task) => _database.Run(
        "taking up a task",
        transaction => transaction.Execute(
            $"DELETE FROM engine_task_refusal WHERE {Key} AND node = @3", [.. Names(task), _node]));

    // Of all groups of the task.
    private int Count(Transaction transaction, string task, string which) => Convert.ToInt32(
        transaction.Value(
            "SELECT COUNT(*) FROM engine_task_part WHERE cluster = @0 AND workspace = @1 "
            + $"AND (task = @2 OR task LIKE @3) AND {which}",
            [.. Names(task), $"{task}.%"]),
        CultureInfo.InvariantCulture);

    private static string Short(string reason) => reason.Length > MaximumReason ? reason[..MaximumReason] : reason;

    // This node lives, whatever the others say.
    private IReadOnlyList<string> Living(Transaction transaction) =>
    [
        .. transaction.Rows(
            "SELECT DISTINCT SiloName FROM OrleansMembershipTable WHERE DeploymentId = @0 AND Status = 3",
            row => row.GetString(0),
            _cluster).Append(_node).Distinct(StringComparer.Ordinal),
    ];

    private object?[] Names(string task) => [_cluster, _workspace, task];
}

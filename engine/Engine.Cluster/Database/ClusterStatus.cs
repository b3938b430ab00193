namespace Engine.Cluster.Database;

/// <summary>What the database says of a cluster, for people.</summary>
public static class ClusterStatus
{
    // Orleans' own numbers.
    private static readonly string[] States =
        ["none", "created", "joining", "active", "shutting down", "stopping", "dead"];

    /// <summary>
    /// The last start of each node, by name: of those that are not dead, if there are any, for another program may have
    /// used the name and left.
    /// </summary>
    /// <exception cref="Engine.Snapshots.Writing.StorageException">
    /// The database does not answer, or has no tables of a cluster.
    /// </exception>
    public static IReadOnlyList<NodeStatus> Nodes(ClusterDatabase database, string cluster) =>
        [.. database.Run(
            "reading the nodes",
            transaction => transaction.Rows(
                "SELECT SiloName, Address, Port, Status, StartTime FROM OrleansMembershipTable "
                + "WHERE DeploymentId = @0 ORDER BY SiloName, Status = 6, StartTime DESC, Generation DESC",
                row => new NodeStatus(
                    row.GetString(0),
                    $"{row.GetString(1)}:{row.GetInt32(2)}",
                    States[row.GetInt32(3)],
                    DateTime.SpecifyKind(row.GetDateTime(4), DateTimeKind.Utc)),
                cluster)).DistinctBy(node => node.Name)];

    /// <summary>What the nodes serve and what they are to serve next, with what each has to say of it.</summary>
    /// <exception cref="Engine.Snapshots.Writing.StorageException">
    /// The database does not answer, or has no tables of a cluster.
    /// </exception>
    public static IReadOnlyList<SnapshotStatus> Snapshots(ClusterDatabase database, string cluster) => database.Run(
        "reading the snapshots",
        transaction => transaction.Rows(
            "SELECT f.workspace, f.served, f.offered, r.node, r.snapshot, r.problem FROM engine_fleet f "
            + "LEFT JOIN engine_ready r ON r.cluster = f.cluster AND r.workspace = f.workspace "
            + "WHERE f.cluster = @0 ORDER BY f.workspace, r.node",
            row => new SnapshotStatus(
                row.GetString(0), Text(row, 1), Text(row, 2), Text(row, 3), Text(row, 4), Text(row, 5)),
            cluster));

    private static string Text(System.Data.Common.DbDataReader row, int column) =>
        row.IsDBNull(column) ? "" : row.GetString(column);
}

/// <summary>What a node says of the snapshots of a workspace. Empty texts for nothing.</summary>
/// <param name="Workspace">The workspace.</param>
/// <param name="Served">What all nodes serve.</param>
/// <param name="Offered">What they are to serve next.</param>
/// <param name="Node">The node.</param>
/// <param name="Snapshot">What it has verified and warmed, or tries to.</param>
/// <param name="Problem">Why it has not.</param>
public sealed record SnapshotStatus(
    string Workspace, string Served, string Offered, string Node, string Snapshot, string Problem);

/// <summary>A node.</summary>
/// <param name="Name">As its cluster.json says.</param>
/// <param name="Address">Address and port of its membership.</param>
/// <param name="State">active, dead, or on its way.</param>
/// <param name="Since">When it was started, UTC.</param>
public sealed record NodeStatus(string Name, string Address, string State, DateTime Since);

namespace Engine.Cluster.Database;

/// <summary>What the database says of a cluster, for people.</summary>
public static class ClusterStatus
{
    // Orleans' own numbers.
    private static readonly string[] States =
        ["none", "created", "joining", "active", "shutting down", "stopping", "dead"];

    /// <summary>The last start of each node, by name.</summary>
    /// <exception cref="Snapshots.Writing.StorageException">
    /// The database does not answer, or has no tables of a cluster.
    /// </exception>
    public static IReadOnlyList<NodeStatus> Nodes(ClusterDatabase database, string cluster) =>
        [.. database.Run(
            "reading the nodes",
            transaction => transaction.Rows(
                "SELECT SiloName, Address, Port, Status, StartTime FROM OrleansMembershipTable "
                + "WHERE DeploymentId = @0 ORDER BY SiloName, StartTime DESC, Generation DESC",
                row => new NodeStatus(
                    row.GetString(0),
                    $"{row.GetString(1)}:{row.GetInt32(2)}",
                    States[row.GetInt32(3)],
                    row.GetDateTime(4)),
                cluster)).DistinctBy(node => node.Name)];
}

/// <summary>A node.</summary>
/// <param name="Name">As its cluster.json says.</param>
/// <param name="Address">Address and port of its membership.</param>
/// <param name="State">active, dead, or on its way.</param>
/// <param name="Since">When it was started, UTC.</param>
public sealed record NodeStatus(string Name, string Address, string State, DateTime Since);

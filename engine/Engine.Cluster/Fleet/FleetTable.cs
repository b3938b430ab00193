using System.Security.Cryptography;
using Engine.Cluster.Database;
using Engine.Snapshots;

namespace Engine.Cluster.Fleet;

/// <summary>
/// The snapshots of a cluster in the database: what is served, what is offered, and who is ready for it.
/// </summary>
internal sealed class FleetTable(ClusterDatabase database, string cluster)
{
    private const int MaximumProblem = 1000;

    /// <summary>What the cluster serves in each workspace.</summary>
    public IReadOnlyList<FleetRow> Rows() => database.Run(
        "looking for the served snapshots",
        transaction => transaction.Rows(
            "SELECT workspace, version, served, offered, forced, shared FROM engine_fleet WHERE cluster = @0",
            row => new FleetRow(row.GetString(0), row.GetInt64(1))
            {
                Served = row.IsDBNull(2) ? null : row.GetString(2),
                Offered = row.IsDBNull(3) ? null : row.GetString(3),
                IsForced = row.GetInt32(4) != 0,
                Shared = row.IsDBNull(5) ? null : row.GetString(5),
            },
            cluster));

    /// <summary>
    /// Says what a node holds: a snapshot that is verified and warmed, or why the cluster's next one is not; and what
    /// it serves.
    /// </summary>
    public void Report(string workspace, string node, string snapshot, string? problem, string? served) => database.Run(
        "reporting a snapshot",
        transaction => transaction.Execute(
            "REPLACE INTO engine_ready VALUES (@0, @1, @2, @3, @4, @5)",
            cluster,
            workspace,
            node,
            snapshot,
            problem?[..Math.Min(problem.Length, MaximumProblem)],
            served));

    /// <summary>Offers a snapshot to all nodes, unless the row has changed.</summary>
    /// <param name="workspace">Whose.</param>
    /// <param name="known">The row as it was read; null for none.</param>
    /// <param name="id">What is to be served.</param>
    /// <param name="isForced">Whether no policy is asked.</param>
    /// <param name="shared">What CURRENT of the shared folder names, once it was taken from there.</param>
    public bool TryOffer(string workspace, FleetRow? known, string id, bool isForced, string? shared) => database.Run(
        "offering a snapshot",
        transaction => known is null
            ? transaction.Execute(
                "INSERT IGNORE INTO engine_fleet VALUES (@0, @1, 1, NULL, @2, @3, @4)",
                cluster,
                workspace,
                id,
                isForced,
                shared)
            : transaction.Execute(
                "UPDATE engine_fleet SET offered = NULLIF(@3, served), forced = @4, shared = @5, "
                + "version = version + 1 WHERE cluster = @0 AND workspace = @1 AND version = @2",
                cluster,
                workspace,
                known.Version,
                id,
                isForced,
                shared)) == 1;

    /// <summary>
    /// Lets all nodes serve what is offered when more than half of the living ones are ready for it: one
    /// compare-and-set, which one node wins.
    /// </summary>
    public bool TryFlip(FleetRow row) => database.Run("serving the next snapshot", transaction =>
    {
        var living = transaction.Rows(
            "SELECT DISTINCT SiloName FROM OrleansMembershipTable WHERE DeploymentId = @0 AND Status = 3",
            found => found.GetString(0),
            cluster);
        var ready = transaction.Rows(
            "SELECT node FROM engine_ready WHERE cluster = @0 AND workspace = @1 AND snapshot = @2 AND problem IS NULL",
            found => found.GetString(0),
            cluster,
            row.Workspace,
            row.Offered);
        return living.Intersect(ready, StringComparer.Ordinal).Count() * 2 > living.Count && transaction.Execute(
            "UPDATE engine_fleet SET served = offered, offered = NULL, version = version + 1 "
            + "WHERE cluster = @0 AND workspace = @1 AND version = @2 AND offered = @3",
            cluster,
            row.Workspace,
            row.Version,
            row.Offered) == 1;
    });

    /// <summary>The content of a snapshot; null when nobody has offered it.</summary>
    public ChunkHashes? Find(string workspace, string id) => database.Run(
        "reading the chunks of a snapshot",
        transaction => transaction.Rows(
            "SELECT length, chunk_bytes, hashes FROM engine_snapshot "
            + "WHERE cluster = @0 AND workspace = @1 AND id = @2",
            row => new ChunkHashes(row.GetInt64(0), row.GetInt32(1), (byte[])row.GetValue(2)),
            cluster,
            workspace,
            id) is [var one] ? one : null);

    private bool Add(string workspace, string id, ChunkHashes file) => database.Run(
        "storing the chunks of a snapshot",
        transaction =>
        {
            transaction.Execute(
                "INSERT IGNORE INTO engine_snapshot VALUES (@0, @1, @2, @3, @4, @5, @6)",
                cluster,
                workspace,
                id,
                file.Content,
                file.Length,
                file.ChunkBytes,
                file.Hashes);
            return (string?)transaction.Value(
                "SELECT content FROM engine_snapshot WHERE cluster = @0 AND workspace = @1 AND id = @2",
                cluster,
                workspace,
                id) == file.Content;
        });

    /// <summary>Makes the file of a snapshot known by its content.</summary>
    /// <exception cref="InputException">The cluster knows another one under its id.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public void Name(SnapshotDirectory directory, string id, CancellationToken stopping)
    {
        var file = ChunkHashes.Of(directory.FilePath(id), ChunkHashes.StandardChunk, stopping);
        directory.CheckName(id);
        if (!Add(directory.Workspace, id, file))
        {
            throw Other(directory, id);
        }
    }

    /// <summary>Says that a file is not what the cluster knows under its id.</summary>
    public static InputException Other(SnapshotDirectory directory, string id) => new(
        $"{directory.FilePath(id)} holds other bytes than the snapshot that the cluster knows as {id}. Delete it: the "
        + "node fetches it again");

    /// <summary>Tells the others where this node gives its snapshots.</summary>
    public void Announce(string node, string peer) => database.Run(
        "announcing this node",
        transaction => transaction.Execute("REPLACE INTO engine_node VALUES (@0, @1, @2)", cluster, node, peer));

    /// <summary>Where the other nodes give theirs.</summary>
    public IReadOnlyList<string> Peers(string node) => database.Run(
        "looking for peers",
        transaction => transaction.Rows(
            "SELECT peer FROM engine_node WHERE cluster = @0 AND node <> @1 ORDER BY node",
            row => row.GetString(0),
            cluster,
            node));

    /// <summary>What the nodes of this cluster know alone; made by the first one.</summary>
    public string Secret() => database.Run("reading the secret of the cluster", transaction =>
    {
        const string Read = "SELECT secret FROM engine_cluster WHERE cluster = @0";
        if (transaction.Value(Read, cluster) is null)
        {
            transaction.Execute(
                "INSERT IGNORE INTO engine_cluster VALUES (@0, @1)",
                cluster,
                Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32)));
        }

        return (string)transaction.Value(Read, cluster)!;
    });
}

/// <summary>What a cluster serves in a workspace.</summary>
/// <param name="Workspace">The workspace.</param>
/// <param name="Version">Counts the changes.</param>
internal sealed record FleetRow(string Workspace, long Version)
{
    /// <summary>What all nodes serve; null before the first one.</summary>
    public string? Served { get; init; }

    /// <summary>What they are to serve next; null for nothing.</summary>
    public string? Offered { get; init; }

    /// <summary>Whether the offered one is served whatever the policy says.</summary>
    public bool IsForced { get; init; }

    /// <summary>What CURRENT of the shared folder named when it was taken from there last.</summary>
    public string? Shared { get; init; }
}

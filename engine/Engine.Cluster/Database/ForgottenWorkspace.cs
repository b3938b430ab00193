namespace Engine.Cluster.Database;

/// <summary>Takes a workspace out of a cluster: all that its database knows of it.</summary>
public static class ForgottenWorkspace
{
    // The column with the workspace of each table.
    private static readonly (string Table, string Column)[] Tables =
    [
        ("engine_fleet", "workspace"),
        ("engine_ready", "workspace"),
        ("engine_snapshot", "workspace"),
        ("engine_document_part", "workspace"),
        ("engine_document", "workspace"),
        ("engine_workspace", "name"),
        ("engine_task_refusal", "workspace"),
        ("engine_task_part", "workspace"),
        ("engine_task", "workspace"),
    ];

    /// <summary>Deletes its rows. Files stay where they are.</summary>
    /// <returns>Whether the cluster knew it.</returns>
    /// <exception cref="InputException">A living node serves it.</exception>
    /// <exception cref="Engine.Snapshots.Writing.StorageException">The database does not answer.</exception>
    public static bool Forget(ClusterDatabase database, string cluster, string workspace) => database.Run(
        "forgetting a workspace",
        transaction =>
        {
            var serving = transaction.Rows(
                "SELECT DISTINCT r.node FROM engine_ready r JOIN OrleansMembershipTable m "
                + "ON m.DeploymentId = r.cluster AND m.SiloName = r.node AND m.Status = 3 "
                + "WHERE r.cluster = @0 AND r.workspace = @1 AND r.served IS NOT NULL ORDER BY r.node",
                row => row.GetString(0),
                cluster,
                workspace);
            if (serving.Count > 0)
            {
                throw new InputException(
                    $"workspace '{workspace}' is served by {string.Join(", ", serving)}; expected no node. Stop all "
                    + "nodes, delete the workspace's folder there and in the shared folder, and repeat the command");
            }

            return Tables.Sum(table => transaction.Execute(
                $"DELETE FROM {table.Table} WHERE cluster = @0 AND {table.Column} = @1", cluster, workspace)) > 0;
        });
}

using Engine.Snapshots.Writing;

namespace Engine.Cluster.Database;

/// <summary>
/// The tables of a cluster: made once, by the first node or by `engine cluster init`, and known by version.
/// </summary>
public static class ClusterSchema
{
    /// <summary>The release of Orleans whose statements orleans.sql holds.</summary>
    private const string OrleansVersion = "Orleans 10.4.2";

    /// <summary>Counts up with each change of engine.sql.</summary>
    private const string EngineVersion = "engine 4";

    private static readonly (string Script, string Version)[] Scripts =
        [("orleans.sql", OrleansVersion), ("engine.sql", EngineVersion)];

    /// <summary>Makes what is missing. Several nodes may come at once: one makes it, the others wait.</summary>
    /// <exception cref="StorageException">The database does not answer.</exception>
    /// <exception cref="InputException">It holds tables of another version, or that nobody made here.</exception>
    /// <returns>Whether something was made.</returns>
    public static bool Ensure(ClusterDatabase database) => database.Run(
        "making the tables of the cluster", transaction => Ensure(database, transaction));

    private static bool Ensure(ClusterDatabase database, Transaction transaction)
    {
        const string Turn = "engine_cluster_schema";
        transaction.Value("SELECT GET_LOCK(@0, 30)", Turn);
        try
        {
            // An account that may not make tables may use those that another one has made.
            if (!Exists(transaction, "engine_schema"))
            {
                if (Exists(transaction, "OrleansQuery"))
                {
                    throw new InputException(
                        $"{database.Place} holds tables of Orleans that this program did not make (OrleansQuery); "
                        + "expected none. Give the cluster a database of its own");
                }

                transaction.Execute(
                    "CREATE TABLE engine_schema (script VARCHAR(64) NOT NULL PRIMARY KEY, "
                    + "version VARCHAR(64) NOT NULL, complete TINYINT NOT NULL) ENGINE = InnoDB");
            }

            var made = false;
            foreach (var (script, version) in Scripts)
            {
                made |= Apply(database, transaction, script, version);
            }

            return made;
        }
        finally
        {
            transaction.Value("SELECT RELEASE_LOCK(@0)", Turn);
        }
    }

    // A killed program leaves its script incomplete: it is run again from its beginning.
    private static bool Apply(ClusterDatabase database, Transaction transaction, string script, string version)
    {
        var found = transaction.Rows(
            "SELECT version, complete FROM engine_schema WHERE script = @0",
            row => (Version: row.GetString(0), IsComplete: row.GetInt32(1) != 0),
            script);
        if (found is [var known])
        {
            if (known.Version != version)
            {
                throw new InputException(
                    $"{database.Place} holds the tables of {known.Version}; expected {version}. Stop all nodes of the "
                    + "other version and give the cluster a new database, or start the version that made the tables");
            }

            if (known.IsComplete)
            {
                return false;
            }
        }

        transaction.Execute("REPLACE INTO engine_schema VALUES (@0, @1, 0)", script, version);
        transaction.Execute(Text(script));
        transaction.Execute("UPDATE engine_schema SET complete = 1 WHERE script = @0", script);
        return true;
    }

    private static bool Exists(Transaction transaction, string table) => transaction.Value(
        "SELECT 1 FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name = @0",
        table) is not null;

    private static string Text(string script)
    {
        using var reader = new StreamReader(typeof(ClusterSchema).Assembly.GetManifestResourceStream(script)!);
        return reader.ReadToEnd();
    }
}

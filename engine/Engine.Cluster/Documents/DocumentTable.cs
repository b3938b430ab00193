using System.Security.Cryptography;
using System.Text;
using Engine.Cluster.Database;
using Engine.Snapshots.Writing;

namespace Engine.Cluster.Documents;

/// <summary>
/// The documents of a cluster's workspaces in the database: bytes under a path, each with a version that a change must
/// name, and a number that orders the changes of its workspace.
/// </summary>
internal sealed class DocumentTable(ClusterDatabase database, string cluster)
{
    private const int PartBytes = 1 << 20;

    /// <summary>The workspaces and the number of the last change of each.</summary>
    public IReadOnlyList<(string Workspace, long Change)> Changes() => database.Run(
        "looking for changes",
        transaction => transaction.Rows(
            "SELECT name, changes FROM engine_workspace WHERE cluster = @0",
            row => (row.GetString(0), row.GetInt64(1)),
            cluster));

    /// <summary>The documents that changed after a change, oldest change first; deleted ones too.</summary>
    public IReadOnlyList<StoredDocument> Since(string workspace, long change) => database.Run(
        "reading changes",
        transaction => transaction.Rows(
            "SELECT path, version, change_number, deleted, sha256 FROM engine_document "
            + "WHERE cluster = @0 AND workspace = @1 AND change_number > @2 ORDER BY change_number",
            row => new StoredDocument(
                row.GetString(0), row.GetInt64(1), row.GetInt64(2), row.GetInt32(3) != 0, row.GetString(4)),
            cluster,
            workspace,
            change));

    /// <summary>The bytes of a document; null when it has changed since its row was read.</summary>
    public byte[]? Read(string workspace, StoredDocument document) => database.Run(
        "reading a document",
        transaction =>
        {
            var parts = transaction.Rows(
                "SELECT bytes FROM engine_document_part "
                + "WHERE cluster = @0 AND workspace = @1 AND path = @2 ORDER BY part",
                row => (byte[])row.GetValue(0),
                cluster,
                workspace,
                document.Path);
            var bytes = parts is [var one] ? one : MemoryOf(parts);
            return HashOf(bytes) == document.Sha256 ? bytes : null;
        });

    /// <summary>
    /// Runs a change of a workspace while those of other nodes wait, so that none is repeated for ever. A lost
    /// connection loses the turn: what keeps the documents right is the version that each write names.
    /// </summary>
    public T InTurn<T>(string workspace, Func<T> change)
    {
        using var turn = database.TakeTurn(
            "waiting for its turn to save", HashOf(Encoding.UTF8.GetBytes($"{cluster}/{workspace}")))
            ?? throw new StorageException(
                $"other nodes of the cluster save in workspace '{workspace}' all the time. Nothing was changed. Repeat "
                + "the call");
        return change();
    }

    /// <summary>Stores the next version of a document, unless somebody else has.</summary>
    /// <param name="workspace">Whose.</param>
    /// <param name="path">Relative to the workspace's folder, with '/'.</param>
    /// <param name="version">The version that is replaced; 0 for none.</param>
    /// <param name="bytes">What it holds; null deletes it.</param>
    /// <returns>Its row; null when the present version is another one, and nothing was changed.</returns>
    public StoredDocument? TryWrite(string workspace, string path, long version, byte[]? bytes) => database.Run(
        "saving a document",
        transaction =>
        {
            transaction.Execute(
                "INSERT INTO engine_workspace (cluster, name, changes) VALUES (@0, @1, 1) "
                + "ON DUPLICATE KEY UPDATE changes = changes + 1",
                cluster,
                workspace);
            var change = Convert.ToInt64(transaction.Value(
                "SELECT changes FROM engine_workspace WHERE cluster = @0 AND name = @1", cluster, workspace));
            var hash = HashOf(bytes ?? []);
            var changed = version == 0
                ? transaction.Execute(
                    "INSERT IGNORE INTO engine_document VALUES (@0, @1, @2, 1, @3, @4, @5)",
                    cluster,
                    workspace,
                    path,
                    change,
                    bytes is null,
                    hash)
                : transaction.Execute(
                    "UPDATE engine_document SET version = version + 1, change_number = @3, deleted = @4, sha256 = @5 "
                    + "WHERE cluster = @0 AND workspace = @1 AND path = @2 AND version = @6",
                    cluster,
                    workspace,
                    path,
                    change,
                    bytes is null,
                    hash,
                    version);
            if (changed == 0)
            {
                // A workspace that was forgotten meanwhile must not come back by its number.
                transaction.Undo();
                return null;
            }

            transaction.Execute(
                "DELETE FROM engine_document_part WHERE cluster = @0 AND workspace = @1 AND path = @2",
                cluster,
                workspace,
                path);
            foreach (var (part, content) in (bytes ?? []).Chunk(PartBytes).Index())
            {
                transaction.Execute(
                    "INSERT INTO engine_document_part VALUES (@0, @1, @2, @3, @4)",
                    cluster,
                    workspace,
                    path,
                    part,
                    content);
            }

            return new StoredDocument(path, version + 1, change, bytes is null, hash);
        });

    private static byte[] MemoryOf(List<byte[]> parts)
    {
        var bytes = new byte[parts.Sum(part => part.Length)];
        var length = 0;
        foreach (var part in parts)
        {
            part.CopyTo(bytes, length);
            length += part.Length;
        }

        return bytes;
    }

    /// <summary>What two equal documents have in common.</summary>
    public static string HashOf(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));
}

/// <summary>A document in the table, without its bytes.</summary>
/// <param name="Path">Relative to the workspace's folder.</param>
/// <param name="Version">1 for the first.</param>
/// <param name="Change">The change of its workspace that wrote it.</param>
/// <param name="IsDeleted">Whether it is gone.</param>
/// <param name="Sha256">Of its bytes.</param>
internal sealed record StoredDocument(string Path, long Version, long Change, bool IsDeleted, string Sha256);

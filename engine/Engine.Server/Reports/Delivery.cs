using System.Security.Cryptography;
using Engine.Server.Errors;
using Engine.Server.Results;
using Engine.Server.Tasks;
using Engine.Snapshots;
using Engine.Snapshots.Writing;

namespace Engine.Server.Reports;

/// <summary>
/// A folder for the messaging tool: the rows of a task and a manifest with their checksum. The folder appears whole, by
/// a rename. Held-out users are not in it.
/// </summary>
internal static class Delivery
{
    private const string ManifestFile = "manifest.json";
    private const string Unfinished = ".partial";

    /// <summary>Delivers a task that has succeeded; does nothing when the same is there already.</summary>
    /// <param name="store">The tasks.</param>
    /// <param name="id">The task.</param>
    /// <param name="format"><c>csv</c> or <c>parquet</c>.</param>
    /// <param name="folder">Where the folder named for the task appears.</param>
    /// <param name="cancel">Stops; nothing appears.</param>
    /// <returns>The folder, and whether it is new.</returns>
    /// <exception cref="InputException">
    /// The task has no result, or another delivery is in the folder's place.
    /// </exception>
    public static (string Folder, bool IsNew) Write(
        TaskStore store, string id, string format, string folder, CancellationToken cancel)
    {
        using (store.OpenResult(id))
        {
            // It is there, whole.
        }

        var target = Path.GetFullPath(Path.Combine(folder, id));
        var hidden = Path.Combine(Path.GetDirectoryName(target)!, $".{id}{Unfinished}");
        using var writing = Lock(target);
        foreach (var leftover in Leftovers(Path.GetDirectoryName(target)!))
        {
            Directory.Delete(leftover, recursive: true);
        }

        AtomicFile.CreateFolder(hidden);
        try
        {
            var manifest = Manifest(store, id, format, hidden, cancel);
            if (Directory.Exists(target))
            {
                return IsSame(target, manifest) ? (target, false) : throw new StateException(
                    $"{target} holds another delivery of the task; expected none or the same. Move it away, or "
                    + "deliver into another folder");
            }

            AtomicFile.Write(
                Path.Combine(hidden, ManifestFile),
                stream => stream.Write(System.Text.Encoding.UTF8.GetBytes(manifest)));
            AtomicFile.RenameFolder(hidden, target);
            return (target, true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw StorageException.Of(target, e);
        }
        finally
        {
            if (Directory.Exists(hidden))
            {
                Directory.Delete(hidden, recursive: true);
            }
        }
    }

    // Of this task and of others: whoever has the lock knows that their writers were killed.
    private static string[] Leftovers(string folder) =>
    [
        .. Directory.EnumerateDirectories(folder, ".*")
            .Where(path => Path.GetExtension(path) == Unfinished
                && TaskRecord.IsId(Path.GetFileNameWithoutExtension(path)[1..])),
    ];

    private static WriterLock Lock(string target)
    {
        AtomicFile.CreateFolder(Path.GetDirectoryName(target)!);
        return WriterLock.Take(Path.Combine(Path.GetDirectoryName(target)!, ".deliver.lock"));
    }

    private static string Manifest(TaskStore store, string id, string format, string hidden, CancellationToken cancel)
    {
        var record = store.Get(id);
        var name = $"messages.{format}";
        var chunks = format == "csv"
            ? ResultDownload.OfRows(store.OpenResult(id))
            : ResultDownload.OfFile(store.ResultPath(id));
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var bytes = 0L;
        using (var file = new FileStream(Path.Combine(hidden, name), FileMode.CreateNew, FileAccess.Write))
        {
            foreach (var chunk in chunks)
            {
                cancel.ThrowIfCancellationRequested();
                file.Write(chunk.Span);
                hash.AppendData(chunk.Span);
                bytes += chunk.Length;
            }

            file.Flush(flushToDisk: true);
        }

        return JsonText.Of(new
        {
            TaskId = id,
            record.SnapshotId,
            Created = record.Created.UtcDateTime,
            File = name,
            Format = format,
            Columns = TaskStore.ColumnsOf(record).Select(column => column.Name),
            record.Rows,
            Bytes = bytes,
            Sha256 = Convert.ToHexStringLower(hash.GetHashAndReset()),
            HoldoutShare = record.Holdout?.Share ?? 0,
            UsersHeldOut = record.Holdout?.HeldOut ?? 0,
        }) + "\n";
    }

    // The manifest holds the checksum; the file beside it may have been changed since.
    private static bool IsSame(string target, string manifest)
    {
        var path = Path.Combine(target, ManifestFile);
        if (!File.Exists(path) || File.ReadAllText(path) != manifest)
        {
            return false;
        }

        var file = Directory.GetFiles(target, "messages.*").SingleOrDefault();
        if (file is null)
        {
            return false;
        }

        using var stream = File.OpenRead(file);
        return manifest.Contains(Convert.ToHexStringLower(SHA256.HashData(stream)), StringComparison.Ordinal);
    }
}

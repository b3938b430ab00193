using System.Formats.Tar;
using System.Security.Cryptography;
using System.Text.Json;

namespace Engine.Server.Backups;

/// <summary>Reads a backup entry by entry, and compares every byte with the manifest at its end.</summary>
internal static class BackupReader
{
    private static readonly JsonSerializerOptions Json =
        new JsonSerializerOptions(JsonSerializerDefaults.Web).Whole();

    /// <summary>Reads a whole backup.</summary>
    /// <param name="path">The file.</param>
    /// <param name="create">Opens the file that takes the content of an entry; null only checks.</param>
    /// <exception cref="InputException">It is no backup, it was cut, or a byte has changed.</exception>
    public static BackupManifest Read(string path, Func<TarEntry, FileStream?>? create = null)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16);
        var found = new List<BackedUpFile>();
        try
        {
            using var tar = new TarReader(file, leaveOpen: true);
            while (tar.GetNextEntry() is { } entry)
            {
                if (entry.Name == BackupManifest.EntryName)
                {
                    return Check(path, entry, found);
                }

                if (entry.EntryType != TarEntryType.RegularFile || !IsRelative(entry.Name))
                {
                    throw Refusal(path, $"found the entry '{entry.Name}' ({entry.EntryType}) in it");
                }

                found.Add(Copy(entry, create));
            }
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException or JsonException or FormatException)
        {
            throw Refusal(path, e.Message.TrimEnd('.'), e);
        }

        throw Refusal(path, $"it has no {BackupManifest.EntryName} at its end");
    }

    private static BackedUpFile Copy(TarEntry entry, Func<TarEntry, FileStream?>? create)
    {
        using var output = create?.Invoke(entry);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[1 << 18];
        var bytes = 0L;
        while (entry.DataStream?.Read(buffer) is > 0 and var read)
        {
            hash.AppendData(buffer, 0, read);
            output?.Write(buffer, 0, read);
            bytes += read;
        }

        if (output is not null)
        {
            // Snapshots are listed and pruned by the time of their publication.
            output.Flush(flushToDisk: true);
            File.SetLastWriteTimeUtc(output.SafeFileHandle, entry.ModificationTime.UtcDateTime);
        }

        return new BackedUpFile(entry.Name, bytes, Convert.ToHexStringLower(hash.GetHashAndReset()));
    }

    private static BackupManifest Check(string path, TarEntry entry, List<BackedUpFile> found)
    {
        if (entry.DataStream is null || entry.Length > BackupManifest.MaximumBytes)
        {
            throw Refusal(path, $"its {BackupManifest.EntryName} has {entry.Length} bytes");
        }

        var manifest = JsonSerializer.Deserialize<BackupManifest>(entry.DataStream, Json)
            ?? throw new JsonException($"its {BackupManifest.EntryName} is empty");
        if (manifest.Format != BackupManifest.CurrentFormat)
        {
            throw Refusal(path, $"its format is {manifest.Format}, expected {BackupManifest.CurrentFormat}");
        }

        // In their order, so that a file that was added, left out or changed shows up.
        foreach (var (expected, actual) in manifest.Files.Zip(found))
        {
            if (expected != actual)
            {
                throw Refusal(path, $"{actual.Name} is not what was backed up");
            }
        }

        return manifest.Files.Count == found.Count
            ? manifest
            : throw Refusal(path, $"found {found.Count} files in it, expected {manifest.Files.Count}");
    }

    // Nothing is ever written outside the folder that the backup is restored into.
    private static bool IsRelative(string name) =>
        name.Split('/') is { Length: >= 2 } parts && parts.All(part => part is not ("" or "." or ".."));

    private static InputException Refusal(string path, string problem, Exception? cause = null) =>
        new($"{path} is no whole backup: {problem}. Use another backup", cause!);
}

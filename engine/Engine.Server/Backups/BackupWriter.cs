using System.Formats.Tar;
using System.Security.Cryptography;
using System.Text.Json;
using Engine.Snapshots.Files;
using Microsoft.Win32.SafeHandles;

namespace Engine.Server.Backups;

/// <summary>Writes a backup: a tar archive of files, and at its end the manifest with their checksums.</summary>
internal sealed class BackupWriter(Stream output, DateTimeOffset now) : IDisposable
{
    private readonly TarWriter _tar = new(output, TarEntryFormat.Pax, leaveOpen: true);
    private readonly List<BackedUpFile> _files = [];

    /// <summary>Adds a file that other programs may replace or delete, but not write to.</summary>
    /// <param name="name">In the backup.</param>
    /// <param name="path">On the disk.</param>
    /// <returns>Whether it was there.</returns>
    public bool Add(string name, string path)
    {
        try
        {
            using var file = PlainFile.OpenStream(path);
            Add(name, file);
            return true;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return false;
        }
    }

    /// <summary>Adds what an open file holds now, though other programs append to it. It must fit in memory.</summary>
    public void AddGrowing(string name, FileStream file)
    {
        var bytes = new byte[file.Length];
        using var content = new MemoryStream(
            bytes, 0, file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false));
        Add(name, content, file.SafeFileHandle);
    }

    /// <summary>Adds an open file.</summary>
    public void Add(string name, FileStream file) => Add(name, file, file.SafeFileHandle);

    private void Add(string name, Stream content, SafeFileHandle file)
    {
        var hash = Convert.ToHexStringLower(SHA256.HashData(content));
        content.Position = 0;
        _tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, name)
        {
            DataStream = content,
            Mode = OperatingSystem.IsWindows()
                ? UnixFileMode.UserRead | UnixFileMode.UserWrite
                : File.GetUnixFileMode(file),
            ModificationTime = File.GetLastWriteTimeUtc(file),
        });
        _files.Add(new BackedUpFile(name, content.Length, hash));
    }

    /// <summary>Writes the manifest. Nothing can be added after it.</summary>
    public BackupManifest Complete(IReadOnlyList<string> workspaces)
    {
        var manifest = new BackupManifest(BackupManifest.CurrentFormat, now, workspaces, _files);
        using var json = new MemoryStream(JsonSerializer.SerializeToUtf8Bytes(manifest, JsonSerializerOptions.Web));
        _tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, BackupManifest.EntryName)
        {
            DataStream = json,
            ModificationTime = now,
        });
        return manifest;
    }

    /// <summary>Ends the archive; the stream stays open.</summary>
    public void Dispose() => _tar.Dispose();
}

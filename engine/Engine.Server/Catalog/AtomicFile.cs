namespace Engine.Server.Catalog;

/// <summary>Files that are complete or absent: written to a temporary file, fsynced, renamed into place.</summary>
internal static class AtomicFile
{
    /// <summary>Replaces the file at <paramref name="path"/>; a crash at any moment leaves the old one or the new one.</summary>
    public static void Write(string path, Action<Stream> write)
    {
        var folder = Path.GetDirectoryName(path)!;
        Directory.CreateDirectory(folder);
        var temporary = Path.Combine(folder, $".{Guid.NewGuid():N}.partial");
        try
        {
            using (var stream = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1 << 16))
            {
                write(stream);
                stream.Flush(flushToDisk: true);
            }

            File.Move(temporary, path, overwrite: true);
        }
        finally
        {
            File.Delete(temporary);
        }
    }
}

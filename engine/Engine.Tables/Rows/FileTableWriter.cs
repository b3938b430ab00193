using System.Globalization;

namespace Engine.Tables.Rows;

/// <summary>
/// A table that becomes one file: written beside its place under a temporary name, synced, then renamed, and
/// the rename synced with the folder.
/// </summary>
public abstract class FileTableWriter : TableWriter
{
    private readonly string _path;
    private readonly string _temporary;
    private bool _completed;

    private protected FileTableWriter(string path, IReadOnlyList<TableColumn> columns)
        : base(columns)
    {
        _path = Path.GetFullPath(path);
        _temporary = string.Create(CultureInfo.InvariantCulture, $"{_path}.{Environment.ProcessId}.tmp");
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(_path)!);
            File = new FileStream(_temporary, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 16);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new TableException($"{path} cannot be written: {e.Message}", e);
        }
    }

    private protected FileStream File { get; }

    /// <summary>Writes what is buffered, syncs the file and gives it its name.</summary>
    public override void Complete()
    {
        FinishFile();
        File.Flush(flushToDisk: true);
        File.Dispose();
        System.IO.File.Move(_temporary, _path, overwrite: true);
        FolderFlush.Of(Path.GetDirectoryName(_path)!);
        _completed = true;
    }

    /// <summary>Closes the file; one that was not completed disappears.</summary>
    protected override void Dispose(bool disposing)
    {
        if (!_completed)
        {
            File.Dispose();
            System.IO.File.Delete(_temporary);
        }
    }

    private protected abstract void FinishFile();
}

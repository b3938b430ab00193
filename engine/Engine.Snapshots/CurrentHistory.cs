using System.Text;
using Engine.Snapshots.Writing;

namespace Engine.Snapshots;

/// <summary>
/// The ids that CURRENT of a workspace has named, in the file HISTORY beside it, one a line, oldest first: what a rollback
/// goes back to, also after a restart and for every engine of the folder.
/// </summary>
internal sealed class CurrentHistory(string folder)
{
    private const int Kept = 100;

    private readonly string _path = Path.Combine(folder, "HISTORY");

    /// <summary>The ids, oldest first; empty when nothing was written yet.</summary>
    public IReadOnlyList<string> Read()
    {
        try
        {
            return File.ReadAllLines(_path);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return [];
        }
    }

    /// <summary>Adds an id, unless it is the last one already.</summary>
    public void Add(string id)
    {
        var ids = Read();
        if (ids.Count > 0 && ids[^1] == id)
        {
            return;
        }

        AtomicFile.Write(_path, stream => stream.Write(Encoding.UTF8.GetBytes(string.Concat(ids.Append(id).TakeLast(Kept).Select(line => line + "\n")))));
    }
}

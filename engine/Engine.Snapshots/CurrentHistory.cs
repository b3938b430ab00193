using System.Text;
using Engine.Snapshots.Files;
using Engine.Snapshots.Writing;

namespace Engine.Snapshots;

/// <summary>
/// The ids that CURRENT of a workspace has named, in the file HISTORY beside it, one a line, oldest first: what a
/// rollback goes back to, also after a restart and for every engine of the folder.
/// </summary>
internal sealed class CurrentHistory(string folder)
{
    private const int Kept = 100;
    private const int MaximumBytes = 1 << 16;

    private readonly string _path = Path.Combine(folder, "HISTORY");

    /// <summary>The ids, oldest first; empty when nothing was written yet.</summary>
    /// <exception cref="InputException">HISTORY is no regular file, or a very large one.</exception>
    public IReadOnlyList<string> Read() =>
        PlainFile.ReadText(_path, MaximumBytes)?.Split(
            '\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            ?? [];

    /// <summary>Adds an id, unless it is the last one already; for the holder of the folder's lock.</summary>
    public void Add(string id)
    {
        var ids = SoundIds();
        if (ids.Count == 0 || ids[^1] != id)
        {
            AtomicFile.Write(
                _path,
                stream => stream.Write(
                    Encoding.UTF8.GetBytes(string.Concat(ids.Append(id).TakeLast(Kept).Select(line => line + "\n")))));
        }
    }

    // What is no history is replaced by one: a training of hours is not lost for it.
    private IReadOnlyList<string> SoundIds()
    {
        try
        {
            return Read();
        }
        catch (InputException)
        {
            return [];
        }
    }
}

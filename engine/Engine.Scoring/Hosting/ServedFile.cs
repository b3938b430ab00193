using Engine.Kernels;
using Engine.Snapshots;
using Engine.Snapshots.Files;

namespace Engine.Scoring.Hosting;

/// <summary>
/// Whether the published file of a served snapshot is still what was verified. A check costs one look at the file's
/// status; only when that has changed, the content is compared with what answers.
/// </summary>
public sealed class ServedFile
{
    private readonly RefusedFile _changed;
    private FileStamp? _sound;
    private string? _problem;

    /// <summary>Nothing is served yet.</summary>
    public ServedFile(TimeProvider time) => _changed = new RefusedFile(time);

    /// <summary>Another snapshot is served from now on.</summary>
    public void Serve(Snapshot snapshot)
    {
        (_sound, _problem) = (snapshot.Source, null);
        _changed.Clear();
    }

    /// <summary>What has become of the file, for a person; null when it is what answers.</summary>
    /// <param name="snapshot">The served snapshot; its bytes must be intact.</param>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public string? Check(Snapshot snapshot)
    {
        var now = FileStamp.Of(snapshot.Path);
        if (now is not null && now == _sound)
        {
            return null;
        }

        if (_problem is null || _changed.IsDue(snapshot.Id, now))
        {
            _problem = Compare(snapshot, now);
            if (_problem is null)
            {
                _sound = now;
                _changed.Clear();
            }
            else
            {
                _changed.Add(snapshot.Id, now);
            }
        }

        return _problem;
    }

    private static string? Compare(Snapshot snapshot, FileStamp? now) => now switch
    {
        null =>
            $"{snapshot.Path} was deleted. What was loaded of it keeps answering until the engine stops. "
            + "Restore the file, or publish a snapshot again",
        { Kind: not FileKind.Regular } =>
            $"{snapshot.Path} was replaced by {now.Value.KindText}. What was loaded of it keeps answering until the "
            + "engine stops. Restore the file, or publish a snapshot again",
        _ when snapshot.HasContentOf(snapshot.Path) => null,
        _ =>
            InvariantText.Of(
                $"{snapshot.Path} was changed after it was verified: found {now.Value.Length} bytes that are not "
                + $"those of "
                + $"the snapshot, expected {snapshot.FileLength}. What was loaded of it keeps answering until the "
                + $"engine "
                + $"stops. Restore the file, or publish a snapshot again"),
    };
}

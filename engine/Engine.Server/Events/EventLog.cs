using System.Buffers;
using System.Collections.Concurrent;
using Engine.Scoring.Events;
using Engine.Server.Errors;
using Engine.Snapshots.Files;
using Engine.Snapshots.Writing;
using Microsoft.Win32.SafeHandles;

namespace Engine.Server.Events;

/// <summary>
/// The events of a workspace: its files WORKSPACE/events/*.events, and in memory. One thread uses it; other threads
/// only read <see cref="Events"/>. One process at a time has it.
/// </summary>
internal sealed class EventLog : IDisposable
{
    /// <summary>Ids of calls that are remembered, the latest ones.</summary>
    public const int MaximumIds = 100_000;

    // A file that is longer is not continued.
    private const long SegmentBytes = 64 << 20;

    private readonly string _folder;
    private readonly WriterLock _lock;
    private readonly List<(KnownSegment File, long Latest)> _closed = [];
    private readonly ConcurrentDictionary<string, (uint Digest, AcceptedBatch Result)> _ids =
        new(StringComparer.Ordinal);

    private readonly Queue<string> _order = new();
    private readonly ArrayBufferWriter<byte> _records = new();
    private UserEvents _events = new();
    private SafeFileHandle? _file;
    private KnownSegment? _written;
    private bool _isTorn;
    private long _latest = -1;
    private long _next;
    private volatile KnownSegment[] _known = [];

    private EventLog(string folder, WriterLock taken) => (_folder, _lock) = (folder, taken);

    /// <summary>In memory.</summary>
    public UserEvents Events => Volatile.Read(ref _events);

    /// <summary>
    /// Why acknowledged events are no longer on the disk, for a person; null when all is well. Any thread may ask.
    /// </summary>
    public string? Problem => Array.Find(_known, file => !file.IsThere()) is { Path: var path }
        ? $"{path} was deleted, cut or replaced while the engine used it: acknowledged events are in memory alone. Put "
            + "the file back, or start the engine again, which then knows the events that are left. Nothing was changed"
        : null;

    /// <summary>Takes the log of a workspace and reads it; null when another process has it.</summary>
    /// <param name="folder">WORKSPACE/events.</param>
    /// <exception cref="InputException">It is damaged.</exception>
    /// <exception cref="StorageException">It cannot be read or written.</exception>
    public static EventLog? TryOpen(string folder)
    {
        if (WriterLock.TryTake(Path.Combine(folder, ".lock")) is not { } taken)
        {
            return null;
        }

        var log = new EventLog(folder, taken);
        try
        {
            log.Recover();
            return log;
        }
        catch
        {
            log.Dispose();
            throw;
        }
    }

    /// <summary>What became of an earlier batch of an id; null when none is remembered. Any thread may ask.</summary>
    /// <exception cref="FieldException">It had other rows.</exception>
    public AcceptedBatch? Earlier(string id, uint digest) =>
        id.Length == 0 || !_ids.TryGetValue(id, out var known) ? null
        : known.Digest == digest ? known.Result with { IsRepeated = true }
        : throw EventBatch.OfOtherRows(id);

    /// <summary>
    /// Appends batches with one fsync, then shows them in memory. Either all are accepted, or none is.
    /// </summary>
    /// <returns>What became of each; null where its id belongs to other rows.</returns>
    /// <exception cref="StorageException">They cannot be written; nothing has changed.</exception>
    public AcceptedBatch?[] Append(IReadOnlyList<EventBatch> batches)
    {
        var results = new AcceptedBatch?[batches.Count];
        _records.ResetWrittenCount();
        var (next, fresh) = (_next, new List<EventBatch>(batches.Count));
        var ids = new Dictionary<string, (uint Digest, AcceptedBatch Result)>(StringComparer.Ordinal);
        for (var i = 0; i < batches.Count; i++)
        {
            var batch = batches[i];
            if (batch.Id.Length > 0
                && (ids.TryGetValue(batch.Id, out var known) || _ids.TryGetValue(batch.Id, out known)))
            {
                results[i] = known.Digest == batch.Digest ? known.Result with { IsRepeated = true } : null;
                continue;
            }

            EventSegment.Record(_records, next, batch.Digest, batch.Id, batch.Count, batch.Rows);
            fresh.Add(batch);
            next += batch.Count;
            results[i] = new AcceptedBatch(batch.Count, next, false);
            if (batch.Id.Length > 0)
            {
                ids.Add(batch.Id, (batch.Digest, results[i]!.Value));
            }
        }

        if (fresh.Count > 0)
        {
            Write(_records.WrittenSpan);
            foreach (var batch in fresh)
            {
                _latest = Math.Max(_latest, EventRows.AddTo(batch.Rows, _events));
            }

            foreach (var (id, what) in ids)
            {
                Remember(id, what.Digest, what.Result);
            }

            _next = next;
            _events.Publish();
        }

        return results;
    }

    /// <summary>Erases the events of some users, from memory and then from the files.</summary>
    /// <returns>Rows in the files.</returns>
    public int Erase(UserTest isErased)
    {
        _events.Erase(isErased);
        Close();
        return _closed.Sum(file => file.File.Erase(isErased));
    }

    /// <summary>
    /// Deletes the files of which every event is older than a time, and gives the memory of all such events back: the
    /// others are read again.
    /// </summary>
    /// <param name="before">Milliseconds since 1970-01-01.</param>
    /// <returns>Whether there were such files, and all files are what they were.</returns>
    public bool Trim(long before)
    {
        // What is read again would be something else.
        if (Problem is not null)
        {
            return false;
        }

        if (_latest < before)
        {
            Close();
        }

        var old = _closed.FindAll(file => file.Latest < before);
        if (old.Count == 0)
        {
            return false;
        }

        // The name of the last file says how many events there were before it.
        Close();
        if (_file is null)
        {
            Roll();
        }

        _closed.RemoveAll(old.Contains);
        Know();
        foreach (var file in old)
        {
            AtomicFile.Delete(file.File.Path);
        }

        var events = new UserEvents(_closed.Count > 0 ? EventSegment.FirstOf(_closed[0].File.Path) : _next);
        foreach (var file in _closed)
        {
            EventSegment.Read(file.File.Path, (first, _, _, _, rows) => Load(events, first, rows, before - 1));
        }

        events.MoveTo(_next);
        events.Publish();
        Volatile.Write(ref _events, events);
        return true;
    }

    /// <summary>Gives the log to the next process.</summary>
    public void Dispose()
    {
        _file?.Dispose();
        _lock.Dispose();
    }

    private void Recover()
    {
        var paths = EventSegment.Of(_folder);
        if (paths.Length == 0)
        {
            return;
        }

        _next = EventSegment.FirstOf(paths[0]);
        var events = new UserEvents(_next);
        foreach (var path in paths)
        {
            _next = Math.Max(_next, EventSegment.FirstOf(path));
            var latest = -1L;
            var (sound, length, chain) = EventSegment.Read(path, (first, digest, id, count, rows) =>
            {
                latest = Math.Max(latest, Load(events, first, rows, -1));
                _next = first + count;
                if (id.Length > 0)
                {
                    Remember(id, digest, new AcceptedBatch(count, _next, false));
                }
            });
            if (sound < length)
            {
                if (path != paths[^1])
                {
                    throw new InputException(
                        $"{path} is damaged: the record at byte {sound} does not match its checksum, and other files "
                        + "follow it. Restore it from a backup, or remove it: its events are lost then");
                }

                using var file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite);
                RandomAccess.SetLength(file, sound);
                RandomAccess.FlushToDisk(file);
            }

            _closed.Add((new KnownSegment(path, sound, chain), latest));
        }

        events.MoveTo(_next);
        events.Publish();
        _events = events;
        Continue();
        Know();
    }

    private static long Load(UserEvents events, long first, ReadOnlySpan<byte> rows, long after)
    {
        events.MoveTo(first);
        return EventRows.AddTo(rows, events, after);
    }

    // The last file goes on while it is short.
    private void Continue()
    {
        var (last, latest) = _closed[^1];
        if (last.Length < SegmentBytes)
        {
            (_written, _latest) = (last, latest);
            _closed.RemoveAt(_closed.Count - 1);
            _file = File.OpenHandle(last.Path, FileMode.Open, FileAccess.ReadWrite);
        }
    }

    private void Write(ReadOnlySpan<byte> records)
    {
        try
        {
            CheckFiles();
            if (_file is null || _written!.Length >= SegmentBytes)
            {
                Close();
                Roll();
            }

            WriteTo(_file!, _written!, records);
        }
        catch (Exception e) when (e is not StorageException && e is IOException or UnauthorizedAccessException)
        {
            throw StorageException.Of(_written?.Path ?? _folder, e);
        }
    }

    private void WriteTo(SafeFileHandle file, KnownSegment known, ReadOnlySpan<byte> records)
    {
        known.Begin();
        var written = ReadOnlySpan<byte>.Empty;
        try
        {
            RandomAccess.Write(file, records, known.Length);
            RandomAccess.FlushToDisk(file);
            written = records;
        }
        catch
        {
            // What was written of it must not be found behind later records.
            _isTorn = true;
            RandomAccess.SetLength(file, known.Length);
            _isTorn = false;
            throw;
        }
        finally
        {
            known.End(written);
        }
    }

    // A file that somebody deleted, cut or replaced holds what is written next only until this process ends. When it
    // was put back, the one of its name is written on.
    private void CheckFiles()
    {
        CutTorn();
        if (Problem is { } problem)
        {
            throw new StorageException(problem);
        }

        if (_file is not null && FileStamp.Of(_written!.Path)?.Inode != FileStamp.Of(_file, _written.Path).Inode)
        {
            _file.Dispose();
            _file = File.OpenHandle(_written.Path, FileMode.Open, FileAccess.ReadWrite);
        }
    }

    // For other threads.
    private void Know() => _known =
        [.. _closed.Select(file => file.File), .. _file is null ? (KnownSegment[])[] : [_written!]];

    private void Roll()
    {
        var path = EventSegment.PathOf(_folder, _next);
        EventSegment.Create(path);
        _file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite);
        (_written, _latest) = (new KnownSegment(path, EventSegment.HeaderBytes, 0), -1);
        Know();
    }

    // What a failed write has left, and could not be cut off then.
    private void CutTorn()
    {
        if (_isTorn)
        {
            RandomAccess.SetLength(_file!, _written!.Length);
            _isTorn = false;
        }
    }

    // An empty file goes on: its name is the next version.
    private void Close()
    {
        CutTorn();
        if (_file is { } file && _written!.Length > EventSegment.HeaderBytes)
        {
            file.Dispose();
            _file = null;
            _closed.Add((_written, _latest));
        }
    }

    private void Remember(string id, uint digest, AcceptedBatch result)
    {
        if (_ids.TryAdd(id, (digest, result)))
        {
            _order.Enqueue(id);
            if (_order.Count > MaximumIds)
            {
                _ids.TryRemove(_order.Dequeue(), out _);
            }
        }
    }
}

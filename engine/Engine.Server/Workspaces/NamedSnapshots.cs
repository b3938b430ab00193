using System.Diagnostics.CodeAnalysis;
using Engine.Reranking;
using Engine.Scoring.Checking;
using Engine.Scoring.Hosting;
using Engine.Scoring.Models;
using Engine.Server.Errors;
using Engine.Snapshots;
using Engine.Snapshots.Files;
using Engine.Snapshots.Forgetting;
using Engine.Snapshots.Format;
using Engine.Snapshots.Manifest;

namespace Engine.Server.Workspaces;

/// <summary>
/// Published snapshots that requests name although they are not the served one: opened and verified at first use, the
/// least recently used closed when the files together pass the bound. A lease keeps its file mapped until it ends.
/// </summary>
/// <param name="directory">Where they are.</param>
/// <param name="bound">The bytes of all that are open.</param>
/// <param name="retired">Bounds those that streams keep after they were closed.</param>
/// <param name="close">Closes one that nobody uses; null does so on the thread of the last lease.</param>
/// <param name="open">Opens and verifies one; null does so in the directory.</param>
internal sealed class NamedSnapshots(
    SnapshotDirectory directory,
    long bound,
    RetiredModels? retired = null,
    Action<ScoringModel>? close = null,
    Func<string, Snapshot>? open = null)
    : IDisposable
{
    private readonly List<Entry> _entries = [];
    private readonly Lock _lock = new();
    private readonly Lock _hiding = new();
    private bool _closed;

    /// <summary>A lease on a published snapshot.</summary>
    /// <exception cref="NotFoundException">It is not published.</exception>
    /// <exception cref="StateException">It is larger than the bound, or gives other answers here.</exception>
    /// <exception cref="SnapshotFormatException">It is damaged.</exception>
    public ModelLease Acquire(string id)
    {
        while (true)
        {
            var entry = Open(id);

            // False: it was closed between the two calls.
            if (entry.Host.Value.TryAcquire(out var lease))
            {
                CloseEvicted(entry);
                return lease;
            }
        }
    }

    /// <summary>Whether it is open already, or its shard that is here.</summary>
    public bool IsOpen(string id)
    {
        lock (_lock)
        {
            return _entries.Exists(known =>
                (known.Id == id || ShardTerms.IsShardOf(known.Id, id)) && known.Host.IsValueCreated);
        }
    }

    /// <summary>The same for a stream.</summary>
    public ModelPin Pin(string id)
    {
        while (true)
        {
            var entry = Open(id);
            if (entry.Host.Value.TryPin() is { } pin)
            {
                CloseEvicted(entry);
                return pin;
            }
        }
    }

    /// <summary>Makes people unknown in all that are open.</summary>
    public void Hide(ForgottenUsers forgotten)
    {
        Entry[] known;
        lock (_lock)
        {
            known = [.. _entries.Where(entry => entry.Host.IsValueCreated)];
        }

        foreach (var entry in known)
        {
            lock (_hiding)
            {
                Hide(entry, forgotten);
            }
        }
    }

    /// <summary>Closes all.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            _closed = true;
            Shrink(0);
        }
    }

    private Entry Open(string id)
    {
        Entry entry;
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_closed, this);
            entry = Find(id);
        }

        try
        {
            _ = entry.Host.Value;
            HideAtFirstUse(entry);
            return entry;
        }
        catch
        {
            // A failure is not cached: the file may be repaired.
            lock (_lock)
            {
                _entries.Remove(entry);
            }

            if (entry.Host.IsValueCreated)
            {
                entry.Host.Value.Dispose();
            }

            throw;
        }
    }

    // The list may have changed after the file was opened: until the host was there, the change passed it by.
    private void HideAtFirstUse(Entry entry)
    {
        lock (_hiding)
        {
            if (!entry.IsHidden)
            {
                Hide(entry, ForgottenUsers.Read(directory.Path));
                entry.IsHidden = true;
            }
        }
    }

    private static void Hide(Entry entry, ForgottenUsers forgotten)
    {
        if (entry.Host.Value.TryAcquire(out var lease))
        {
            using (lease)
            {
                lease.Model.Snapshot.Hide(forgotten);
            }
        }
    }

    private Entry Find(string id)
    {
        var entry = _entries.Find(known => known.Id == id);
        if (entry is null)
        {
            var length = SnapshotLoader.LengthOf(directory, id);
            if (length > bound)
            {
                throw new StateException(
                    $"snapshot {id} has {length >> 20} MiB and is not the served one; "
                    + $"expected at most {bound >> 20} MiB. Activate it, or raise --named-mebibytes");
            }

            Shrink(bound - length);
            entry = new Entry(id, length, new Lazy<SnapshotHost>(() => Load(id)));
        }

        // The most recently used one is last.
        _entries.Remove(entry);
        _entries.Add(entry);
        return entry;
    }

    private void Shrink(long bytes)
    {
        while (_entries.Count > 0 && _entries.Sum(entry => entry.Length) > bytes)
        {
            var entry = _entries[0];
            _entries.RemoveAt(0);
            entry.IsEvicted = true;
            if (entry.Host.IsValueCreated)
            {
                entry.Host.Value.Dispose();
            }
        }
    }

    // Evicted while it was loaded: nobody but those who wait for it knows it, so they close it. Their leases keep it
    // open.
    private void CloseEvicted(Entry entry)
    {
        lock (_lock)
        {
            if (entry.IsEvicted)
            {
                entry.Host.Value.Dispose();
            }
        }
    }

    [SuppressMessage("Reliability", "CA2000", Justification = "The host owns a model from the exchange on.")]
    private SnapshotHost Load(string id)
    {
        var model = new ScoringModel(
            open?.Invoke(id) ?? directory.Open(id, SnapshotAccess.PrivateCopy), OnnxReranker.Open);
        try
        {
            KnownAnswerCheck.Run(model);
        }
        catch (InputException e)
        {
            // The request names it, and is right: the file or this engine is not.
            model.Dispose();
            throw new StateException(e.Message);
        }
        catch
        {
            model.Dispose();
            throw;
        }

        var host = new SnapshotHost(retired, close);
        host.Swap(model);
        return host;
    }

    private sealed class Entry(string id, long length, Lazy<SnapshotHost> host)
    {
        public string Id { get; } = id;

        public long Length { get; } = length;

        public Lazy<SnapshotHost> Host { get; } = host;

        public bool IsEvicted { get; set; }

        /// <summary>Whether the list of forgotten people was read again after it was opened.</summary>
        public bool IsHidden { get; set; }
    }
}

using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Threading.Channels;
using Engine.Scoring.Events;
using Engine.Snapshots.Files;
using Engine.Snapshots.Forgetting;
using Engine.Snapshots.Writing;

namespace Engine.Server.Experiments;

/// <summary>
/// What experiments showed: WORKSPACE/shown/shown.jsonl, a JSON document a line. A full file is renamed after the time,
/// and the oldest ones are deleted. A reply never waits for it: lines that cannot be written are tried again each
/// second, and lines that find the queue full are dropped and counted. Nothing is fsynced. A forgotten person is not
/// written.
/// </summary>
/// <param name="workspaceFolder">ROOT/WORKSPACE.</param>
/// <param name="mebibytes">Of all files together; 0 writes nothing.</param>
/// <param name="fileBytes">A file is full from this length on.</param>
/// <param name="time">The clock.</param>
internal sealed class ShownLog(
    string workspaceFolder, int mebibytes, long fileBytes = 16 << 20, TimeProvider? time = null) : IDisposable
{
    private const int QueuedLines = 16_384;
    private const int LinesAtOnce = 4_096;
    private const int BytesAtOnce = 1 << 20;
    private const string Extension = ".jsonl";

    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(1);

    private readonly string _folder = Path.Combine(workspaceFolder, "shown");
    private readonly Channel<ShownLine> _queue = Channel.CreateBounded<ShownLine>(
        new BoundedChannelOptions(QueuedLines) { SingleReader = true });

    private readonly Lock _starting = new();
    private readonly ManualResetEventSlim _ending = new();
    private readonly ShownLoss _loss = new(time ?? TimeProvider.System);
    private Task? _writer;

    private string Current => Path.Combine(_folder, "shown" + Extension);

    /// <summary>Why lines wait or were dropped, for a person; null when all is well.</summary>
    public string? Problem => _loss.Problem;

    /// <summary>Lines that were dropped since the start.</summary>
    public long Dropped => _loss.Dropped;

    /// <summary>Queues a line and returns at once.</summary>
    public void Add(ShownLine line)
    {
        if (mebibytes == 0)
        {
            return;
        }

        lock (_starting)
        {
            _writer ??= Task.Factory.StartNew(
                Write, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        }

        if (!_queue.Writer.TryWrite(line))
        {
            _loss.Drop(1, "the disk is slower than the replies");
        }
    }

    /// <summary>All lines, oldest first. What a crash cut off, and lines that cannot be read, are left out.</summary>
    public IEnumerable<ShownLine> Read()
    {
        foreach (var path in Files())
        {
            foreach (var text in LinesOf(path))
            {
                if (Parse(text) is { } line)
                {
                    yield return line;
                }
            }
        }
    }

    /// <summary>Erases the lines of users.</summary>
    /// <returns>How many.</returns>
    public int Erase(UserTest isGone)
    {
        if (!Directory.Exists(_folder))
        {
            return 0;
        }

        Check(_folder, FileKind.Folder);
        using var taken = WriterLock.Take(Path.Combine(_folder, ".lock"));
        var erased = 0;
        foreach (var path in Files())
        {
            // A line that cannot be read may name the person: it goes too.
            var all = LinesOf(path).Select(text => (Text: text, User: UserOf(text))).ToList();
            var kept = all.FindAll(line => line.User is { } user && !isGone(user));
            if (all.Exists(line => line.User is { } user && isGone(user)))
            {
                AtomicFile.Write(path, stream => stream.Write(
                    Encoding.UTF8.GetBytes(string.Concat(kept.Select(line => line.Text + "\n")))));
                erased += all.Count - kept.Count;
            }
        }

        return erased;
    }

    /// <summary>Writes what is queued. What cannot be written now is dropped.</summary>
    public void Dispose()
    {
        if (!_queue.Writer.TryComplete())
        {
            return;
        }

        _ending.Set();
        _writer?.Wait();
        _ending.Dispose();
    }

    // Whatever happens, the next lines are tried.
    [SuppressMessage("Design", "CA1031", Justification = "A writer that ends would lose all later lines.")]
    private void Write()
    {
        var lines = new List<ShownLine>();
        while (lines.Count > 0 || _queue.Reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
        {
            while (lines.Count < LinesAtOnce && _queue.Reader.TryRead(out var line))
            {
                lines.Add(line);
            }

            try
            {
                Append(lines);
                lines.Clear();
                _loss.Work();
            }
            catch (Exception e) when (!_ending.IsSet && (e is InputException || MachineFault.Of(e) is not null))
            {
                _loss.Fail(MachineFault.Sentence(e).TrimEnd('.'));
                _ending.Wait(Retry);
            }
            catch (Exception e)
            {
                _loss.Drop(lines.Count, MachineFault.Sentence(e).TrimEnd('.'));
                lines.Clear();
            }
        }
    }

    // All lines or none: what is tried again is not in the file twice.
    private void Append(List<ShownLine> lines)
    {
        Check(_folder, FileKind.Folder);
        using var taken = WriterLock.Take(Path.Combine(_folder, ".lock"));
        var forgotten = ForgottenUsers.Read(workspaceFolder);
        Check(Current, FileKind.Regular);
        Rotate(lines[^1].Time);
        using var file = File.OpenHandle(Current, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite);
        var start = RandomAccess.GetLength(file);
        try
        {
            var (at, bytes) = (start, new MemoryStream());
            if (!PlainFile.EndsWithLine(file, start))
            {
                bytes.WriteByte((byte)'\n');
            }

            foreach (var line in lines)
            {
                if (forgotten.Count == 0 || !forgotten.Contains(Encoding.UTF8.GetBytes(line.User)))
                {
                    JsonSerializer.Serialize(bytes, line, JsonSerializerOptions.Web);
                    bytes.WriteByte((byte)'\n');
                }

                if (bytes.Length >= BytesAtOnce)
                {
                    at += Flush(bytes, at);
                }
            }

            Flush(bytes, at);
        }
        catch (IOException)
        {
            RandomAccess.SetLength(file, start);
            throw;
        }

        long Flush(MemoryStream bytes, long at)
        {
            RandomAccess.Write(file, bytes.GetBuffer().AsSpan(0, (int)bytes.Length), at);
            var written = bytes.Length;
            bytes.SetLength(0);
            return written;
        }
    }

    private void Rotate(DateTimeOffset now)
    {
        if (new FileInfo(Current) is not { Exists: true } file || file.Length < fileBytes)
        {
            return;
        }

        var time = now.UtcDateTime.ToString("yyyyMMddTHHmmssfffffff", CultureInfo.InvariantCulture);
        var number = Enumerable.Range(0, int.MaxValue).First(number => !File.Exists(FullPath(time, number)));
        File.Move(Current, FullPath(time, number));
        // Room for the file that is begun.
        var bytes = fileBytes;
        foreach (var full in Files().Reverse())
        {
            bytes += new FileInfo(full).Length;
            if (bytes > (long)mebibytes << 20)
            {
                File.Delete(full);
            }
        }
    }

    private string FullPath(string time, int number) => Path.Combine(_folder, $"shown-{time}-{number:D4}{Extension}");

    // The full ones by their times, then the one that is written.
    private string[] Files() => Directory.Exists(_folder)
        ? [
            .. Directory.EnumerateFiles(_folder, "shown-*" + Extension).Order(StringComparer.Ordinal),
            .. File.Exists(Current) ? [Current] : (string[])[],
        ]
        : [];

    private static IEnumerable<string> LinesOf(string path)
    {
        using var file = PlainFile.OpenStream(path);
        using var text = new StreamReader(file, Encoding.UTF8);
        while (text.ReadLine() is { } line)
        {
            yield return line;
        }
    }

    // Opening a pipe would wait for its other end, and a link leads out of the folder.
    private static void Check(string path, FileKind kind)
    {
        if (FileStamp.Of(path) is { } found && found.Kind != kind)
        {
            throw new InputException($"{path} is {found.KindText}, which the engine did not make. Remove it");
        }
    }

    private static byte[]? UserOf(string text) => Parse(text) is { } line ? Encoding.UTF8.GetBytes(line.User) : null;

    private static ShownLine? Parse(string text)
    {
        try
        {
            var line = JsonSerializer.Deserialize<ShownLine>(text, JsonSerializerOptions.Web);
            return line is { User: not null, Arm: not null, Experiment: not null, Products: not null } ? line : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

using System.Globalization;
using System.Text;
using System.Text.Json;
using Engine.Server.Access;
using Engine.Server.Errors;
using Engine.Snapshots.Files;

namespace Engine.Server.Audit;

/// <summary>
/// The audit log of a snapshot root: .access/audit/audit.jsonl, one JSON document a line, appended and fsynced. A file
/// that is full is renamed after the time, and the oldest ones are deleted. Several programs may write.
/// </summary>
/// <param name="root">The snapshot root.</param>
/// <param name="fileBytes">A file is full from this length on.</param>
/// <param name="files">Full files that are kept.</param>
internal sealed class AuditLog(string root, long fileBytes, int files)
{
    private const string Extension = ".jsonl";

    private readonly string _folder = Path.Combine(root, AccessFolder.Name, "audit");

    private string Current => Path.Combine(_folder, "audit" + Extension);

    /// <summary>Appends a line.</summary>
    /// <exception cref="AuditException">It is not on the disk.</exception>
    public void Append(AuditLine line)
    {
        try
        {
            using var turn = AccessFolder.Lock(Path.Combine(_folder, "audit.lock"));
            Rotate(line.Time);
            if (FileStamp.Of(Current) is { Kind: not FileKind.Regular } found)
            {
                // Opening a pipe would wait for a reader, and with it every later change.
                throw new InputException($"it is {found.KindText}, expected a regular file");
            }

            using var file = File.OpenHandle(
                Current, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite);
            AccessFolder.Restrict(Current);
            var length = RandomAccess.GetLength(file);
            ReadOnlySpan<byte> before = PlainFile.EndsWithLine(file, length) ? [] : "\n"u8;
            var text = JsonSerializer.SerializeToUtf8Bytes(line, JsonSerializerOptions.Web);
            RandomAccess.Write(file, [.. before, .. text, (byte)'\n'], length);
            RandomAccess.FlushToDisk(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InputException)
        {
            throw new AuditException(
                $"nothing was changed: the audit log {Current} cannot be written ({e.Message}). "
                + "Free some space or restore the right to write, and try again",
                e);
        }
    }

    /// <summary>All lines, oldest first. A line that a crash cut off is left out.</summary>
    public IEnumerable<AuditLine> Read()
    {
        string[] paths = Directory.Exists(_folder) ? [.. Full(), Current] : [];
        foreach (var path in paths.Where(path => FileStamp.Of(path) is { Kind: FileKind.Regular }))
        {
            using var file =
                new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            using var text = new StreamReader(file, Encoding.UTF8);
            while (text.ReadLine() is { } line)
            {
                if (Parse(line) is { } found)
                {
                    yield return found;
                }
            }
        }
    }

    /// <summary>
    /// The newest changes, newest first: both lines of each as one, without a result when there is no end.
    /// </summary>
    /// <param name="count">At most so many.</param>
    /// <param name="before">Only those before the change of this token; empty for all.</param>
    /// <returns>The changes, and the last one's token if there are older ones; null for an unknown token.</returns>
    public (IReadOnlyList<AuditLine> Changes, string Next)? Newest(int count, string before)
    {
        // The log may be long: only the asked ones are held. An id may come again after a restart.
        var changes = new Queue<string>();
        var lines = new Dictionary<string, AuditLine>(StringComparer.Ordinal);
        var tokens = new Dictionary<string, string>(StringComparer.Ordinal);
        var (isOver, hasMore) = (false, false);
        foreach (var line in Read())
        {
            if (line.Call is null)
            {
                if (tokens.GetValueOrDefault(line.Id) is { } begun && lines.TryGetValue(begun, out var open))
                {
                    lines[begun] = open with { Result = line.Result, After = line.After };
                }

                continue;
            }

            var token = TokenOf(line);
            isOver |= token == before;
            tokens[line.Id] = token;
            if (isOver)
            {
                continue;
            }

            lines[token] = line;
            changes.Enqueue(token);
            if (changes.Count > count)
            {
                hasMore = true;
                var gone = changes.Dequeue();
                tokens.Remove(lines[gone].Id);
                lines.Remove(gone);
            }
        }

        AuditLine[] found = [.. changes.Reverse().Select(token => lines[token])];
        return isOver || before.Length == 0 ? (found, hasMore ? TokenOf(found[^1]) : "") : null;
    }

    private static string TokenOf(AuditLine line) =>
        string.Create(CultureInfo.InvariantCulture, $"{line.Time.UtcTicks}.{line.Id}");

    private static AuditLine? Parse(string line)
    {
        try
        {
            return JsonSerializer.Deserialize<AuditLine>(line, JsonSerializerOptions.Web);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private void Rotate(DateTimeOffset now)
    {
        if (new FileInfo(Current) is not { Exists: true } file || file.Length < fileBytes)
        {
            return;
        }

        // Named after the time; a second file of the same time gets a number behind it.
        var time = now.UtcDateTime.ToString("yyyyMMddTHHmmssfffffff", CultureInfo.InvariantCulture);
        var number = Enumerable.Range(0, int.MaxValue).First(number => !File.Exists(FullPath(time, number)));
        File.Move(Current, FullPath(time, number));
        foreach (var old in Full().SkipLast(files))
        {
            File.Delete(old);
        }
    }

    private string FullPath(string time, int number) => Path.Combine(_folder, $"audit-{time}-{number:D4}{Extension}");

    private string[] Full() =>
        [.. Directory.EnumerateFiles(_folder, "audit-*" + Extension).Order(StringComparer.Ordinal)];
}

using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Engine.Snapshots.Files;
using Engine.Snapshots.Writing;

namespace Engine.Snapshots.Forgetting;

/// <summary>
/// The people who must stay unknown in a workspace: WORKSPACE/forgotten/users, a line each, with the first 16 bytes of
/// HMAC-SHA256(key, UTF-8 id) in hexadecimal digits. The key lies beside it, readable by its owner alone. The list
/// without the key names nobody, and a guess cannot be checked against it.
/// </summary>
public sealed class ForgottenUsers
{
    private const int KeyBytes = 32;
    private const int HashBytes = 16;
    private const int MaximumBytes = 1 << 30;

    private readonly byte[] _key;
    private readonly HashSet<UInt128> _hashes;

    private ForgottenUsers(byte[] key, HashSet<UInt128> hashes, (long Length, DateTime Written)? stamp) =>
        (_key, _hashes, Stamp) = (key, hashes, stamp);

    /// <summary>Nobody.</summary>
    public static ForgottenUsers None { get; } = new([], [], null);

    /// <summary><see cref="StampOf"/> before the list was read; null for nobody.</summary>
    public (long Length, DateTime Written)? Stamp { get; }

    /// <summary>How many.</summary>
    public int Count => _hashes.Count;

    /// <summary>The list of a workspace; nobody when there is none.</summary>
    /// <param name="workspaceFolder">ROOT/WORKSPACE.</param>
    /// <exception cref="InputException">
    /// The list or its key is damaged or lost: nobody could say who must stay unknown.
    /// </exception>
    public static ForgottenUsers Read(string workspaceFolder)
    {
        var list = ListPath(workspaceFolder);
        var stamp = StampOf(workspaceFolder);
        if (PlainFile.ReadText(list, MaximumBytes) is not { } text)
        {
            return None;
        }

        var lines = text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var hashes = new HashSet<UInt128>(lines.Length);
        foreach (var line in lines)
        {
            hashes.Add(UInt128.TryParse(
                line, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var hash)
                ? hash
                : throw new InputException(
                    $"{list} is damaged: found the line '{(line.Length > 40 ? line[..40] : line)}', "
                    + $"expected {2 * HashBytes} hexadecimal digits. Restore it from a backup"));
        }

        return hashes.Count == 0 ? None : new ForgottenUsers(ReadKey(workspaceFolder), hashes, stamp);
    }

    /// <summary>Length and time of the list, to detect changes; null when there is none.</summary>
    public static (long Length, DateTime Written)? StampOf(string workspaceFolder)
    {
        var file = new FileInfo(ListPath(workspaceFolder));
        return file.Exists ? (file.Length, file.LastWriteTimeUtc) : null;
    }

    /// <summary>Adds a person. Adding one again changes nothing. Several programs may add.</summary>
    /// <param name="workspaceFolder">ROOT/WORKSPACE.</param>
    /// <param name="id">The person.</param>
    /// <param name="write">Replaces a file; null replaces it on this machine alone.</param>
    /// <returns>The hash of the id, as the list has it.</returns>
    /// <exception cref="IOException">It is not on the disk.</exception>
    public static string Add(string workspaceFolder, string id, Action<string, Action<Stream>>? write = null)
    {
        write ??= AtomicFile.Write;
        CreateFolder(Path.GetDirectoryName(ListPath(workspaceFolder))!);
        using var turn = WriterLock.Take(ListPath(workspaceFolder) + ".lock");
        var known = Read(workspaceFolder);
        var key = known.Count > 0 ? known._key : CreateKey(workspaceFolder, write);
        var hashes = new HashSet<UInt128>(known._hashes) { Hash(key, Encoding.UTF8.GetBytes(id)) };
        if (hashes.Count > known.Count)
        {
            WriteList(workspaceFolder, hashes, write);
        }

        return Text(Hash(key, Encoding.UTF8.GetBytes(id)));
    }

    /// <summary>Adds everybody who is in the list of another folder of the same workspace.</summary>
    /// <param name="workspaceFolder">Receives them.</param>
    /// <param name="other">An earlier or later state of the workspace.</param>
    /// <exception cref="InputException">The two lists have different keys: they cannot be put together.</exception>
    public static void TakeOver(string workspaceFolder, string other)
    {
        var (added, known) = (Read(other), Read(workspaceFolder));
        if (added.Count == 0)
        {
            return;
        }

        if (known.Count > 0 && !known._key.AsSpan().SequenceEqual(added._key))
        {
            throw new InputException(
                $"{ListPath(other)} and {ListPath(workspaceFolder)} have different keys, so they are of different "
                + "workspaces; expected the same key. Restore into another folder, and forget these people there");
        }

        CreateFolder(Path.GetDirectoryName(ListPath(workspaceFolder))!);
        WriteKey(workspaceFolder, added._key, AtomicFile.Write);
        WriteList(workspaceFolder, [.. known._hashes, .. added._hashes], AtomicFile.Write);
    }

    /// <summary>Whether a person is in the list.</summary>
    /// <param name="id">UTF-8.</param>
    public bool Contains(ReadOnlySpan<byte> id) => _hashes.Count > 0 && _hashes.Contains(Hash(_key, id));

    /// <summary>Whether a person is in the list.</summary>
    public bool Contains(ReadOnlySpan<char> id)
    {
        if (_hashes.Count == 0)
        {
            return false;
        }

        const int StackBytes = 1024;
        var length = Encoding.UTF8.GetMaxByteCount(id.Length);
        var buffer = length <= StackBytes ? stackalloc byte[StackBytes] : new byte[length];
        return Contains(buffer[..Encoding.UTF8.GetBytes(id, buffer)]);
    }

    private static UInt128 Hash(byte[] key, ReadOnlySpan<byte> id)
    {
        Span<byte> hash = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(key, id, hash);
        return BinaryPrimitives.ReadUInt128BigEndian(hash);
    }

    private static string Text(UInt128 hash) => hash.ToString("x32", CultureInfo.InvariantCulture);

    private static byte[] ReadKey(string workspaceFolder)
    {
        var path = KeyPath(workspaceFolder);
        return PlainFile.ReadBytes(path, KeyBytes) is { Length: KeyBytes } key
            ? key
            : throw new InputException(
                $"{path}, the key of the list of forgotten people, is missing or damaged. Restore it from a backup: "
                + "without it nobody can say who must stay unknown");
    }

    // Kept when it is there: a list that was emptied keeps its key.
    private static byte[] CreateKey(string workspaceFolder, Action<string, Action<Stream>> write)
    {
        var path = KeyPath(workspaceFolder);
        if (!File.Exists(path))
        {
            WriteKey(workspaceFolder, RandomNumberGenerator.GetBytes(KeyBytes), write);
        }

        return ReadKey(workspaceFolder);
    }

    private static void WriteKey(string workspaceFolder, byte[] key, Action<string, Action<Stream>> write)
    {
        var path = KeyPath(workspaceFolder);
        write(path, stream => stream.Write(key));
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }
    }

    private static void WriteList(
        string workspaceFolder, HashSet<UInt128> hashes, Action<string, Action<Stream>> write) => write(
        ListPath(workspaceFolder),
        stream => stream.Write(Encoding.ASCII.GetBytes(string.Concat(hashes.Select(hash => Text(hash) + "\n")))));

    // The folder is closed to others, so the key is at no moment open to them.
    private static void CreateFolder(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
        }
        else
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    private static string ListPath(string workspaceFolder) => Path.Combine(workspaceFolder, "forgotten", "users");

    private static string KeyPath(string workspaceFolder) => Path.Combine(workspaceFolder, "forgotten", "key");
}

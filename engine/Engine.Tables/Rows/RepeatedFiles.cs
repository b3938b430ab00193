using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Engine.Tables.Rows;

/// <summary>
/// Refuses a table that holds a file twice: a part and its gzip, a copy under another name. Its rows would count twice.
/// </summary>
internal static class RepeatedFiles
{
    private const int HeadLength = 1 << 16;

    /// <summary>Throws when a file repeats another.</summary>
    /// <exception cref="TableException">Names both files.</exception>
    public static void Refuse(IReadOnlyList<string> files)
    {
        if (files.Count < 2)
        {
            return;
        }

        Refuse(files.GroupBy(Path.GetFullPath, StringComparer.Ordinal), "is given twice");
        Refuse(
            files.GroupBy(file => TableFiles.Stem(Path.GetFullPath(file)), StringComparer.Ordinal),
            "have the same name before the ending");
        var copies = files.Where(file => !TableFiles.IsParquet(file)).GroupBy(Length)
            .SelectMany(Many).GroupBy(file => Digest(file, HeadLength))
            .SelectMany(group => group.Key is null ? [] : Many(group)).GroupBy(file => Digest(file, long.MaxValue));
        Refuse(copies, "hold the same rows");
    }

    private static IEnumerable<string> Many<T>(IGrouping<T, string> group) => group.Skip(1).Any() ? group : [];

    private static void Refuse<T>(IEnumerable<IGrouping<T, string>> groups, string how)
    {
        if (groups.FirstOrDefault(group => group.Skip(1).Any()) is { } group)
        {
            var names = group.Distinct(StringComparer.Ordinal).Take(2);
            throw new TableException(
                $"{string.Join(" and ", names)} {how}: its rows would count twice. Keep one of them in the table, "
                + "or give them different names if their rows differ.");
        }
    }

    /// <summary>The length of the text; of a compressed file what its last eight bytes say, modulo 2^32.</summary>
    private static long Length(string file)
    {
        using var bytes = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.Read, 1);
        if (!TableFiles.IsCompressed(file) || bytes.Length < 18)
        {
            return bytes.Length & uint.MaxValue;
        }

        Span<byte> trailer = stackalloc byte[sizeof(uint)];
        bytes.Seek(-trailer.Length, SeekOrigin.End);
        bytes.ReadExactly(trailer);
        return BinaryPrimitives.ReadUInt32LittleEndian(trailer);
    }

    /// <summary>
    /// A digest of the text's beginning; null for a text of one line, because parts without rows are all alike.
    /// </summary>
    private static string? Digest(string file, long most)
    {
        try
        {
            using var bytes = File.OpenRead(file);
            using var text = GzipFile.Open(bytes, file);
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            var buffer = new byte[HeadLength];
            var (done, lines) = (0L, 0L);
            int read;
            while (done < most && (read = text.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false)) > 0)
            {
                hash.AppendData(buffer, 0, read);
                lines += buffer.AsSpan(0, read).Count((byte)'\n') + buffer.AsSpan(0, read).Count((byte)'\r');
                done += read;
            }

            return lines > 2 ? Convert.ToHexString(hash.GetHashAndReset()) : null;
        }
        catch (TableException)
        {
            return null; // the reader says what is wrong with it
        }
    }
}

using System.Buffers;
using System.Security.Cryptography;
using Engine.Snapshots.Files;

namespace Engine.Cluster.Fleet;

/// <summary>A snapshot file by its content: its length and the SHA-256 of each chunk.</summary>
/// <param name="Length">Bytes of the file.</param>
/// <param name="ChunkBytes">Bytes of a chunk; the last one may have fewer.</param>
/// <param name="Hashes">32 bytes a chunk.</param>
internal sealed record ChunkHashes(long Length, int ChunkBytes, byte[] Hashes)
{
    /// <summary>Bytes of a chunk of a new file.</summary>
    public const int StandardChunk = 4 << 20;

    /// <summary>The name of the content: equal for equal files.</summary>
    public string Content { get; } = Convert.ToHexStringLower(SHA256.HashData(Hashes));

    /// <summary>Chunks.</summary>
    public int Count => Hashes.Length / SHA256.HashSizeInBytes;

    /// <summary>Reads a file.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static ChunkHashes Of(string path, int chunkBytes, CancellationToken cancellation)
    {
        using var file = PlainFile.Open(path);
        var length = RandomAccess.GetLength(file);
        var hashes = new byte[checked((int)((length + chunkBytes - 1) / chunkBytes) * SHA256.HashSizeInBytes)];
        var buffer = ArrayPool<byte>.Shared.Rent(chunkBytes);
        for (var chunk = 0; chunk * (long)chunkBytes < length; chunk++)
        {
            cancellation.ThrowIfCancellationRequested();
            var read = Read(file, chunk * (long)chunkBytes, buffer.AsSpan(0, chunkBytes));
            SHA256.HashData(buffer.AsSpan(0, read), hashes.AsSpan(chunk * SHA256.HashSizeInBytes));
        }

        ArrayPool<byte>.Shared.Return(buffer);
        return new ChunkHashes(length, chunkBytes, hashes);
    }

    /// <summary>Bytes of a chunk.</summary>
    public int LengthOf(int chunk) => (int)Math.Min(ChunkBytes, Length - ((long)chunk * ChunkBytes));

    /// <summary>Whether bytes are those of a chunk.</summary>
    public bool IsChunk(int chunk, ReadOnlySpan<byte> bytes)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(bytes, hash);
        return bytes.Length == LengthOf(chunk)
            && hash.SequenceEqual(Hashes.AsSpan(chunk * SHA256.HashSizeInBytes, SHA256.HashSizeInBytes));
    }

    /// <summary>Reads from a place of a file until a buffer is full or the file ends.</summary>
    public static int Read(Microsoft.Win32.SafeHandles.SafeFileHandle file, long place, Span<byte> buffer)
    {
        var total = 0;
        while (total < buffer.Length && RandomAccess.Read(file, buffer[total..], place + total) is > 0 and var read)
        {
            total += read;
        }

        return total;
    }
}

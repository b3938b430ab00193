using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Engine.Campaigns.Holdouts;

/// <summary>
/// A number for each user that looks random and never changes: the same seed and user give the same number on every
/// machine, in every run, whoever else there is.
/// </summary>
/// <param name="seed">Any text. Draws of different seeds have nothing to do with each other.</param>
public sealed class UserDraw(string seed)
{
    private readonly byte[] _seed = [.. Encoding.UTF8.GetBytes(seed), 0];

    /// <summary>The first 8 bytes of SHA-256 of seed, a zero byte and id; evenly over all values.</summary>
    /// <param name="userId">The user's id, UTF-8.</param>
    public ulong Of(ReadOnlySpan<byte> userId)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(_seed);
        hash.AppendData(userId);
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        hash.GetHashAndReset(digest);
        return BinaryPrimitives.ReadUInt64LittleEndian(digest);
    }
}

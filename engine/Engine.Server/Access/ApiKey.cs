using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Engine.Server.Access;

/// <summary>
/// A key as its holder has it: engine_ID_SECRET, with 8 characters of id and 43 of secret. The secret is 32 random
/// bytes. The file of keys holds its SHA-256. A slow hash guards passwords that can be guessed; nobody guesses 256
/// random bits, so a fast hash is as safe, and costs each request less than a microsecond.
/// </summary>
internal static class ApiKey
{
    /// <summary>What every key begins with.</summary>
    public const string Prefix = "engine_";

    private const int IdLength = 8;
    private const int SecretBytes = 32;

    /// <summary>A new key.</summary>
    /// <returns>The key, its id, and the hash of its secret.</returns>
    public static (string Key, string Id, string Hash) Create()
    {
        var secret = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(SecretBytes));
        var id = RandomNumberGenerator.GetHexString(IdLength, lowercase: true);
        return (
            $"{Prefix}{id}_{secret}", id, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(secret))));
    }

    /// <summary>Splits a presented key. False when it has not the form of one.</summary>
    public static bool TrySplit(ReadOnlySpan<char> key, out ReadOnlySpan<char> id, out ReadOnlySpan<char> secret)
    {
        var length = Base64Url.GetEncodedLength(SecretBytes);
        var isKey = key.Length == Prefix.Length + IdLength + 1 + length && key.StartsWith(Prefix)
            && key[Prefix.Length + IdLength] == '_';
        id = isKey ? key.Slice(Prefix.Length, IdLength) : default;
        secret = isKey ? key[^length..] : default;
        return isKey;
    }

    /// <summary>Whether a secret has this hash, in a time that does not depend on where they differ.</summary>
    public static bool Matches(ReadOnlySpan<char> secret, ReadOnlySpan<byte> hash)
    {
        Span<byte> bytes = stackalloc byte[Encoding.UTF8.GetMaxByteCount(secret.Length)];
        Span<byte> found = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(bytes[..Encoding.UTF8.GetBytes(secret, bytes)], found);
        return CryptographicOperations.FixedTimeEquals(found, hash);
    }
}

using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Engine.Client.Balancing;

/// <summary>
/// Rendezvous hashing: each user has an order of all engines. When one is lost, only its own users move, each to the
/// next engine of that order. The clients in Python and Node compute the same.
/// </summary>
internal static class RendezvousOrder
{
    /// <summary>A user of a workspace as 16 hex digits: no id of a person travels in a header.</summary>
    public static string UserHash(string workspace, string user) =>
        Convert.ToHexStringLower(Hash($"{workspace}\0{user}").AsSpan(0, 8));

    /// <summary>The same form for a call about nobody: a number of its own, so that its attempts differ.</summary>
    public static string CallHash() => RandomNumberGenerator.GetHexString(16, lowercase: true);

    /// <summary>The engine of a user is the one with the largest weight.</summary>
    /// <param name="userHash">As <see cref="UserHash"/> gives it.</param>
    /// <param name="node">HOST:PORT.</param>
    public static ulong Weight(string userHash, string node) =>
        BinaryPrimitives.ReadUInt64BigEndian(Hash($"{userHash} {node}"));

    private static byte[] Hash(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));
}

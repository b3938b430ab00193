using System.Buffers;
using Engine.Snapshots.Format;
using MessagePack;

namespace Engine.Snapshots.Manifest;

/// <summary>The small structured sections: MessagePack maps, read as untrusted data, capped in size.</summary>
internal static class StructuredSection
{
    /// <summary>No structured section is larger.</summary>
    public const int MaximumBytes = 16 << 20;

    private static readonly MessagePackSerializerOptions Options =
        MessagePackSerializerOptions.Standard.WithSecurity(MessagePackSecurity.UntrustedData);

    /// <summary>The bytes of <paramref name="value"/>; equal values give equal bytes.</summary>
    public static byte[] Write<T>(T value)
    {
        var bytes = MessagePackSerializer.Serialize(value, Options);
        return bytes.Length <= MaximumBytes
            ? bytes
            : throw new InputException(
                $"{typeof(T).Name} takes {bytes.Length} bytes, expected at most {MaximumBytes}: shorten it");
    }

    /// <summary>Reads what <see cref="Write{T}"/> wrote.</summary>
    /// <exception cref="SnapshotFormatException">The bytes are not such a value.</exception>
    public static T Read<T>(string path, ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > MaximumBytes)
        {
            throw new SnapshotFormatException(
                path, $"found {typeof(T).Name} of {bytes.Length} bytes, expected at most {MaximumBytes}");
        }

        try
        {
            return MessagePackSerializer.Deserialize<T>(new ReadOnlySequence<byte>(bytes.ToArray()), Options)
                ?? throw new SnapshotFormatException(
                    path, $"found an empty {typeof(T).Name}, expected a MessagePack map");
        }
        catch (MessagePackSerializationException e)
        {
            throw new SnapshotFormatException(
                path, $"found an unreadable {typeof(T).Name} ({e.Message}), expected a MessagePack map");
        }
    }
}

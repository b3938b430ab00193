using System.Text;
using Engine.Scoring.Events;
using Engine.Server.Errors;
using Engine.Snapshots.Files;

namespace Engine.Server.Catalog;

/// <summary>
/// The file of one audience: "AUDIENCE1", name, identity type, source, count (64-bit), then that many ids, then "END".
/// Texts are UTF-8 behind their length in seven-bit groups, so ids may hold any character. Read in a stream, never as a
/// whole.
/// </summary>
internal static class AudienceFile
{
    private const string Magic = "AUDIENCE1";
    private const string End = "END";

    /// <summary>Writes an audience; its count must be that of the ids.</summary>
    public static void Write(Stream stream, SavedAudience audience, IEnumerable<string> ids)
    {
        using var writer = new BinaryWriter(stream, Encoding.UTF8, leaveOpen: true);
        writer.Write(Magic);
        writer.Write(audience.Name);
        writer.Write(audience.IdentityType);
        writer.Write(audience.Source);
        writer.Write(audience.UserCount);
        foreach (var id in ids)
        {
            writer.Write(id);
        }

        writer.Write(End);
    }

    /// <summary>The header before the ids.</summary>
    /// <exception cref="InputException">The file is not an audience.</exception>
    public static SavedAudience ReadHeader(string path)
    {
        using var reader = Open(path);
        return Guard(path, () => Header(path, reader));
    }

    /// <summary>The ids, in the order in which they were written.</summary>
    /// <exception cref="InputException">The file is not an audience, or is incomplete.</exception>
    public static IEnumerable<string> ReadIds(string path)
    {
        using var reader = Open(path);
        var audience = Guard(path, () => Header(path, reader));
        for (var i = 0L; i < audience.UserCount; i++)
        {
            yield return Guard(path, reader.ReadString);
        }

        if (Guard(path, reader.ReadString) != End)
        {
            throw Damaged(path, "its end is missing");
        }
    }

    /// <summary>Takes users out of the file; false when it holds none of them.</summary>
    /// <param name="path">The file.</param>
    /// <param name="isGone">Which.</param>
    /// <param name="replace">Replaces the file.</param>
    public static bool Erase(string path, UserTest isGone, Action<string, Action<Stream>> replace)
    {
        var ids = ReadIds(path).ToArray();
        var left = Array.FindAll(ids, id => !isGone(Encoding.UTF8.GetBytes(id)));
        if (left.Length == ids.Length)
        {
            return false;
        }

        var audience = ReadHeader(path) with { UserCount = left.Length };
        replace(path, stream => Write(stream, audience, left));
        return true;
    }

    private static BinaryReader Open(string path) => new(PlainFile.OpenStream(path), Encoding.UTF8);

    private static SavedAudience Header(string path, BinaryReader reader) => reader.ReadString() == Magic
        ? new SavedAudience(reader.ReadString(), reader.ReadString(), reader.ReadString(), reader.ReadInt64())
        : throw Damaged(path, "it begins with something else");

    private static T Guard<T>(string path, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is EndOfStreamException or FormatException or ArgumentException)
        {
            throw Damaged(path, e.Message);
        }
    }

    private static StateException Damaged(string path, string found) =>
        new($"{path} is not a complete audience file ({found}). Delete it and save the audience again");
}

using System.Security.Cryptography;
using System.Text;

namespace Engine.Server.Catalog;

/// <summary>
/// Files by the names that people give: any text, so a file is called after the name's SHA-256 and carries the name within.
/// </summary>
/// <param name="folder">Where the files are; it need not exist yet.</param>
/// <param name="extension">With its dot.</param>
/// <param name="what">What a file holds, for messages.</param>
internal sealed class NamedFiles(string folder, string extension, string what)
{
    private const int MaximumName = 128;

    /// <summary>All files, in no order that means anything.</summary>
    public IEnumerable<string> All => Directory.Exists(folder)
        ? Directory.EnumerateFiles(folder, "*" + extension).Where(path => !Path.GetFileName(path).StartsWith('.'))
        : [];

    /// <summary>Where the file of that name lies or would lie.</summary>
    public string PathOf(string name) =>
        Path.Combine(folder, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name))) + extension);

    /// <summary>Refuses what is no name.</summary>
    /// <exception cref="InputException">It is empty, too long or has control characters.</exception>
    public void Check(string name)
    {
        if (name.Length is 0 or > MaximumName || name.Any(char.IsControl))
        {
            throw new InputException($"found the {what} name '{(name.Length > MaximumName ? name[..MaximumName] + "..." : name)}', expected 1..{MaximumName} characters without control characters");
        }
    }

    /// <summary>Length and time of a file, to see whether it is still the one that was read; null when there is none.</summary>
    public static (long Length, DateTime Written)? StampOf(string path)
    {
        var file = new FileInfo(path);
        return file.Exists ? (file.Length, file.LastWriteTimeUtc) : null;
    }
}

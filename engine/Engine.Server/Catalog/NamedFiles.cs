using System.Security.Cryptography;
using System.Text;
using Engine.Server.Errors;

namespace Engine.Server.Catalog;

/// <summary>
/// Files for names that people choose. Names hold characters that file systems do not, so a file is named after the SHA-256 of
/// its name and stores the name inside.
/// </summary>
/// <param name="folder">The folder of the files; it need not exist yet.</param>
/// <param name="extension">With its dot.</param>
internal sealed class NamedFiles(string folder, string extension)
{
    private const int MaximumName = 128;

    /// <summary>All files, in no particular order.</summary>
    public IEnumerable<string> All => Directory.Exists(folder)
        ? Directory.EnumerateFiles(folder, "*" + extension).Where(path => !Path.GetFileName(path).StartsWith('.'))
        : [];

    /// <summary>The path for a name.</summary>
    public string PathOf(string name) =>
        Path.Combine(folder, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name))) + extension);

    /// <summary>Rejects a name that some door could not find again: names are segments of URLs.</summary>
    /// <param name="what">What has the name, for messages.</param>
    /// <param name="name">The name.</param>
    /// <exception cref="FieldException">It does not follow the rule.</exception>
    public static void Check(string what, string name)
    {
        if (name.Length is 0 or > MaximumName || name is "." or ".." || name != name.Trim() || name.Any(letter => char.IsControl(letter) || letter is '/' or '\\' or '%'))
        {
            throw new FieldException(
                "name",
                $"found the {what} name '{(name.Length > MaximumName ? name[..MaximumName] + "..." : name)}', expected 1..{MaximumName} characters, not '.' or '..', without '/', '\\', '%' and control characters, and without spaces at the ends");
        }
    }

    /// <summary>Length and time of a file, to detect changes; null when it does not exist.</summary>
    public static (long Length, DateTime Written)? StampOf(string path)
    {
        var file = new FileInfo(path);
        return file.Exists ? (file.Length, file.LastWriteTimeUtc) : null;
    }
}

using System.Security.Cryptography;
using System.Text;
using Engine.Server.Errors;
using Engine.Snapshots.Files;
using Engine.Snapshots.Writing;

namespace Engine.Server.Catalog;

/// <summary>
/// Files for names that people choose. Names hold characters that file systems do not, so a file is named after the
/// SHA-256 of its name and stores the name inside.
/// </summary>
/// <param name="folder">The folder of the files; it need not exist yet.</param>
/// <param name="extension">With its dot.</param>
internal sealed class NamedFiles(string folder, string extension)
{
    private const int MaximumName = 128;

    /// <summary>All files, in no particular order.</summary>
    public IEnumerable<string> All => FileStamp.Of(folder) is { Kind: FileKind.Folder }
        ? Directory.EnumerateFiles(folder, "*" + extension)
            .Where(path => !Path.GetFileName(path).StartsWith('.') && FileStamp.Of(path) is { Kind: FileKind.Regular })
        : [];

    /// <summary>
    /// Waits for the right to change the files: one writer at a time, of all programs that share the folder.
    /// </summary>
    /// <exception cref="InputException">The folder is a link or no folder.</exception>
    /// <exception cref="StorageException">The folder cannot be written.</exception>
    public WriterLock TakeLock() => FileStamp.Of(folder) is null or { Kind: FileKind.Folder }
        ? WriterLock.Take(Path.Combine(folder, ".lock"))
        : throw new StateException(
            $"{folder} is no folder of its own; expected one. Remove the link or file, and save again");

    /// <summary>Reads every file; one that cannot be read is left out.</summary>
    /// <param name="read">Reads one; null when it has gone.</param>
    /// <param name="problems">Receives a sentence for each that cannot be read.</param>
    public IEnumerable<T> ReadAll<T>(Func<string, T?> read, ICollection<string> problems)
        where T : class
    {
        var found = new List<T>();
        foreach (var path in All)
        {
            try
            {
                if (read(path) is { } one)
                {
                    found.Add(one);
                }
            }
            catch (Exception e) when (e is InputException || MachineFault.Of(e) is not null)
            {
                problems.Add(MachineFault.Sentence(e));
            }
        }

        return found;
    }

    /// <exception cref="ExhaustedException">
    /// There are as many files as there may be, and a new one is to come.
    /// </exception>
    public void CheckRoom(string what, string path, int most)
    {
        if (!File.Exists(path) && All.Skip(most - 1).Any())
        {
            throw new ExhaustedException(
                $"found {most:N0} saved {what}; expected fewer. Delete those that are no longer used");
        }
    }

    /// <summary>Refuses a file that is to be written when the others are as long as all may be together.</summary>
    /// <exception cref="ExhaustedException">They are.</exception>
    public void CheckBytes(string what, string path, long most)
    {
        var others = All.Where(other => other != path).Sum(other => FileStamp.Of(other)?.Length ?? 0);
        if (others >= most)
        {
            throw new ExhaustedException(
                $"found other saved {what} of {others:N0} bytes; expected fewer than {most:N0}. "
                + "Delete those that are no longer used, or describe them by rules in place of lists");
        }
    }

    /// <summary>The path for a name.</summary>
    public string PathOf(string name) =>
        Path.Combine(folder, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name))) + extension);

    /// <summary>Rejects a name that some protocol could not find again: names are segments of URLs.</summary>
    /// <param name="what">What has the name, for messages.</param>
    /// <param name="name">The name.</param>
    /// <exception cref="FieldException">It does not follow the rule.</exception>
    public static void Check(string what, string name)
    {
        if (name.Length is 0 or > MaximumName || name is "." or ".." || name != name.Trim()
            || name.Any(letter => char.IsControl(letter) || letter is '/' or '\\' or '%' || IsMark(letter))
            || Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(name)) != name)
        {
            throw new FieldException(
                "name",
                $"found the {what} name "
                + $"'{Printable.Of(name.Length > MaximumName ? name[..MaximumName] + "..." : name)}', "
                + $"expected 1..{MaximumName} characters, not '.' or '..', without '/', '\\', "
                + "'%', control characters and direction marks, and without spaces at the ends");
        }
    }

    // Separators of lines, and what shows the letters after it in another order.
    private static bool IsMark(char letter) => letter is '\u2028' or '\u2029' or '\u061C' or '\u200E' or '\u200F'
        or (>= '\u202A' and <= '\u202E') or (>= '\u2066' and <= '\u2069');
}

namespace Engine.Snapshots.Files;

/// <summary>Names of temporary files: hidden, and known when their writer was killed.</summary>
public static class TemporaryFile
{
    private const string Extension = ".partial";

    /// <summary>The path of a new temporary file.</summary>
    public static string In(string folder) => Path.Combine(folder, $".{Guid.NewGuid():N}{Extension}");

    /// <summary>Whether a name is one that <see cref="In"/> gives.</summary>
    public static bool IsName(string name) =>
        name.Length == 1 + 32 + Extension.Length && name[0] == '.' && name.EndsWith(Extension, StringComparison.Ordinal)
        && Guid.TryParseExact(name.AsSpan(1, 32), "N", out _);

    /// <summary>Deletes one; a failure leaves it to the next sweep.</summary>
    public static void TryDelete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The error that led here counts, not this one.
        }
    }
}

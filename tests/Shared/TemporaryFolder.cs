namespace Tests.Shared;

/// <summary>A folder of its own for one test, gone with it.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("engine-tests-").FullName;

    public string File(string name) => System.IO.Path.Combine(Path, name);

    /// <summary>The words of a command line with the folder <c>/nowhere</c> in here, where nothing is.</summary>
    public string[] Within(params string[] words) =>
        [.. words.Select(word => word.Replace("/nowhere", File("nowhere"), StringComparison.Ordinal))];

    public string Write(string name, string text)
    {
        System.IO.File.WriteAllText(File(name), text);
        return File(name);
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}

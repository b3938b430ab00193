using Tests.Shared;

namespace EndToEnd.Tests.Installing;

/// <summary>
/// Both programs in one folder, as Packaging/publish.sh leaves them, but as they were built for these tests: publishing
/// compiles for minutes. They use the runtime of the machine.
/// </summary>
internal sealed class ProgramsFolder : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public ProgramsFolder()
    {
        foreach (var project in new[] { "Trainer", "Engine.Server" })
        {
            var built = Path.GetDirectoryName(ProgramOutput.Built(project))!;
            foreach (var file in Directory.EnumerateFiles(built, "*", SearchOption.AllDirectories)
                .Where(file => Path.GetExtension(file) is not (".pdb" or ".xml")))
            {
                var copy = Path.Combine(Programs, Path.GetRelativePath(built, file));
                Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
                File.Copy(file, copy, overwrite: true);
            }
        }
    }

    /// <summary>Where they are.</summary>
    public string Programs => _folder.File("programs");

    /// <summary>For what is made of them.</summary>
    public string Output => _folder.File("output");

    /// <summary>A script or folder of Packaging.</summary>
    public static string Packaging(string name) => Path.Combine(TestData.Root, "engine", "Packaging", name);

    /// <inheritdoc/>
    public void Dispose() => _folder.Dispose();
}

using System.Globalization;
using System.Security.Cryptography;
using Engine.Kernels;
using Engine.Tables.Rows;
using Engine.Datasets.Mapping;

namespace Engine.Datasets.Extracts;

/// <summary>
/// The layout of an extract: plan.json, <c>behavior/00000.parquet</c> with <c>00000.json</c> beside it when it is
/// finished, <c>product/00000.parquet</c> likewise, and manifest.json when everything is.
/// </summary>
internal sealed class ExtractFolder(string path)
{
    /// <summary>The version of the layout.</summary>
    public const int Format = 1;

    /// <summary>The behavior table's folder.</summary>
    public const string Behavior = "behavior";

    /// <summary>The product table's folder.</summary>
    public const string Product = "product";

    /// <summary>The folder.</summary>
    public string Path { get; } = System.IO.Path.GetFullPath(path);

    /// <summary>Where manifest.json is.</summary>
    public string ManifestPath => System.IO.Path.Combine(Path, "manifest.json");

    private string PlanPath => System.IO.Path.Combine(Path, "plan.json");

    /// <summary>The plan of an extract that was begun here, or null.</summary>
    public ExtractPlan? ReadPlan() => ExtractJson.Read<ExtractPlan>(PlanPath);

    /// <summary>The manifest of a whole extract, or null.</summary>
    public ExtractManifest? ReadManifest() => ExtractJson.Read<ExtractManifest>(ManifestPath);

    /// <summary>Stores a plan in a folder that must be new or empty.</summary>
    public void Begin(ExtractPlan plan)
    {
        if (Directory.Exists(Path) && Directory.EnumerateFileSystemEntries(Path).Any())
        {
            throw new InputException(
                $"{Path} holds something else than a begun extract: choose a new or empty folder.");
        }

        Directory.CreateDirectory(System.IO.Path.Combine(Path, Behavior));
        Directory.CreateDirectory(System.IO.Path.Combine(Path, Product));
        ExtractJson.Write(PlanPath, plan);
    }

    /// <summary>
    /// Keeps other programs out of the folder until it is disposed, and removes half-written files of a killed one.
    /// Errors: <see cref="InputException"/> when another program is at work.
    /// </summary>
    public IDisposable Hold()
    {
        try
        {
            var held = new FileStream(
                System.IO.Path.Combine(Path, ".lock"),
                FileMode.OpenOrCreate,
                FileAccess.ReadWrite,
                FileShare.None,
                bufferSize: 1,
                FileOptions.DeleteOnClose);
            foreach (var file in Directory.GetFiles(Path, "*", SearchOption.AllDirectories)
                .Where(
                    file => file.EndsWith(".tmp", StringComparison.Ordinal)
                        || file.EndsWith(".partial", StringComparison.Ordinal)))
            {
                File.Delete(file);
            }

            return held;
        }
        catch (IOException e)
        {
            throw new InputException(
                $"{Path} is being written by another program: wait for its end, or choose another folder.", e);
        }
    }

    /// <summary>The path of a slice's file.</summary>
    public string FileOf(string table, int slice) =>
        System.IO.Path.Combine(Path, table, slice.ToString("D5", CultureInfo.InvariantCulture) + ".parquet");

    /// <summary>
    /// What was noted of a finished file, when it still has its length and checksum; null when it must be read again.
    /// </summary>
    public ExtractFile? FindFinished(string table, int slice)
    {
        var file = FileOf(table, slice);
        return ExtractJson.Read<ExtractFile>(NoteOf(file)) is { } noted && File.Exists(file)
            && Describe(table, file, noted.Rows) == noted ? noted : null;
    }

    /// <summary>Notes a finished file.</summary>
    public ExtractFile Finish(string table, int slice, long rows)
    {
        var file = FileOf(table, slice);
        var noted = Describe(table, file, rows);
        ExtractJson.Write(NoteOf(file), noted);
        return noted;
    }

    /// <summary>Takes back a finished file, which is then read again.</summary>
    public void Reopen(string table, int slice) => File.Delete(NoteOf(FileOf(table, slice)));

    /// <summary>Makes the extract whole.</summary>
    public void Complete(ExtractManifest manifest)
    {
        ExtractJson.Write(ManifestPath, manifest);
        File.Delete(PlanPath);
        foreach (var file in manifest.Behavior.Concat(manifest.Product))
        {
            File.Delete(NoteOf(System.IO.Path.Combine(Path, file.Path)));
        }
    }

    /// <summary>
    /// The mapping of a whole extract, with its files. Errors: <see cref="InputException"/> when a file is not what the
    /// manifest says.
    /// </summary>
    public DatasetDefinition Open()
    {
        var manifest = ReadManifest() ?? throw new InputException(
            $"{Path} is no whole extract: it has no manifest.json. "
            + (File.Exists(PlanPath)
                ? "Run the same `trainer extract` again, it goes on where it was."
                : "Give it a folder that `trainer extract` wrote."));
        if (manifest.Format != Format)
        {
            throw new InputException(
                InvariantText.Of(
                    $"{ManifestPath} has the format {manifest.Format}, {Format} was expected: extract again."));
        }

        foreach (var file in manifest.Behavior.Concat(manifest.Product))
        {
            var full = System.IO.Path.Combine(Path, file.Path);
            if (!File.Exists(full) || Describe(System.IO.Path.GetDirectoryName(file.Path)!, full, file.Rows) != file)
            {
                throw new InputException(
                    InvariantText.Of(
                        $"{full} is missing or not the file that was extracted ({file.Bytes} bytes, "
                        + $"SHA-256 {file.Sha256}): extract again into a new folder."));
            }
        }

        var dataset = manifest.Plan.Dataset;
        return dataset with
        {
            Source = null,
            Behavior = dataset.Behavior with
            {
                Table = null,
                Files = Full(manifest.Behavior),
                Count = dataset.Behavior.Count
                    ?? (manifest.Plan.CountsRows ? MappedColumns.CountOfRows(dataset.Behavior) : null),
                // A time column is stored as times, whatever text format the mapping names.
                TimeFormat = manifest.Plan.Key.Type == ColumnType.Time ? TimeParser.Auto : dataset.Behavior.TimeFormat,
            },
            Product = dataset.Product with { Table = null, Files = Full(manifest.Product) },
        };
    }

    private string[] Full(IReadOnlyList<ExtractFile> files) =>
        [.. files.Select(file => System.IO.Path.Combine(Path, file.Path))];

    private static string NoteOf(string file) => System.IO.Path.ChangeExtension(file, ".json");

    private static ExtractFile Describe(string table, string file, long rows)
    {
        using var bytes = File.OpenRead(file);
        return new ExtractFile(
            $"{table}/{System.IO.Path.GetFileName(file)}",
            rows,
            bytes.Length,
            Convert.ToHexStringLower(SHA256.HashData(bytes)));
    }
}

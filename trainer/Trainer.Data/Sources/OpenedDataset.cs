using Engine.Datasets.Extracts;
using Engine.Datasets.Mapping;
using Trainer.Data.Progress;

namespace Trainer.Data.Sources;

/// <summary>
/// A dataset whose tables are files: given as files, as an extract, or extracted for as long as it is open.
/// </summary>
public sealed class OpenedDataset : IDisposable
{
    private readonly string? _temporary;

    private OpenedDataset(DatasetDefinition definition, string? temporary) =>
        (Definition, _temporary) = (definition, temporary);

    /// <summary>The mapping, with absolute paths of files.</summary>
    public DatasetDefinition Definition { get; }

    /// <summary>
    /// Opens dataset.json, or the folder of an extract; a dataset with a source is extracted into the temporary folder.
    /// </summary>
    /// <exception cref="Engine.InputException">The path or the mapping cannot be used.</exception>
    public static OpenedDataset Open(string path, IProgressReporter progress, CancellationToken cancel)
    {
        if (Directory.Exists(path))
        {
            return new OpenedDataset(new ExtractFolder(path).Open(), null);
        }

        var definition = DatasetFile.Read(path);
        if (definition.Source is null)
        {
            return new OpenedDataset(definition, null);
        }

        var temporary = Directory.CreateTempSubdirectory("extract-").FullName;
        try
        {
            Extraction.Run(path, temporary, new ExtractOptions(), progress, cancel);
            return new OpenedDataset(new ExtractFolder(temporary).Open(), temporary);
        }
        catch
        {
            Directory.Delete(temporary, recursive: true);
            throw;
        }
    }

    /// <summary>Removes what was extracted only for this opening.</summary>
    public void Dispose()
    {
        if (_temporary is not null)
        {
            Directory.Delete(_temporary, recursive: true);
        }
    }
}

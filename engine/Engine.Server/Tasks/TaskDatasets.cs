using Engine.Server.Configuration;
using Engine.Server.Errors;

namespace Engine.Server.Tasks;

/// <summary>The datasets that lift is measured on: mapping files and extracts of one folder, by name.</summary>
internal sealed class TaskDatasets(ServerOptions options)
{
    /// <summary>The mapping file or the folder of a dataset.</summary>
    /// <exception cref="InputException">None is named, or there is none of that name.</exception>
    public string PathOf(string name)
    {
        if (options.Datasets.Length == 0)
        {
            throw new InputException(
                "this engine was started without --datasets. Restart it with a folder of mapping files or extracts, "
                + "or measure with `engine lift`");
        }

        // A name, never a path: the dataset must lie in the folder itself.
        var path = Path.Combine(options.Datasets, name);
        return name.Length == 0 || Path.GetFileName(name) != name || name is "." or ".." ? throw Missing(name)
            : File.Exists(path + ".json") ? path + ".json"
            : Directory.Exists(path) ? path
            : throw Missing(name);
    }

    private InputException Missing(string name)
    {
        // The folder may be made when the first dataset is.
        var paths = Directory.Exists(options.Datasets)
            ? Directory.EnumerateFiles(options.Datasets, "*.json")
                .Concat(Directory.EnumerateDirectories(options.Datasets))
            : [];
        var names = paths.Select(path => Path.GetFileNameWithoutExtension(path)!).Order(StringComparer.Ordinal);
        return name.Length == 0
            ? new FieldException("dataset", $"dataset is missing. Give one of these: {Names.List(names)}")
            : new NotFoundException($"dataset '{name}' does not exist; datasets: {Names.List(names)}");
    }
}

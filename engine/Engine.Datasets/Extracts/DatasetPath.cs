using Engine.Datasets.Mapping;

namespace Engine.Datasets.Extracts;

/// <summary>A dataset as people name it: dataset.json, or the folder of an extract.</summary>
public static class DatasetPath
{
    /// <summary>The mapping, with absolute paths of files.</summary>
    /// <exception cref="InputException">
    /// It is neither, the mapping cannot be used, or its tables are in a database.
    /// </exception>
    public static DatasetDefinition Open(string path)
    {
        if (Directory.Exists(path))
        {
            return new ExtractFolder(path).Open();
        }

        var definition = DatasetFile.Read(path);
        return definition.Source is null ? definition
            : throw new InputException(
                $"the tables of {path} are in the database of {definition.Source}; expected files. "
                + "Run `trainer extract` and give the folder that it writes");
    }
}

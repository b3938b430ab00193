namespace Engine.Tables.Rows;

/// <summary>Which files make up a table, told by their names.</summary>
internal static class TableFiles
{
    private static readonly string[] Endings = [".csv", ".csv.gz", ".tsv", ".tsv.gz", ".parquet"];
    private static readonly string[] NamedOnly = [".txt", ".txt.gz"];
    private static readonly string[] OtherCompressions =
        [".zst", ".bz2", ".xz", ".zip", ".lz4", ".snappy", ".br", ".7z", ".gz"];
    private static readonly string[] OtherTables =
        [".txt", ".txt.gz", ".json", ".jsonl", ".ndjson", ".orc", ".avro", ".xls", ".xlsx", ".dat"];

    /// <summary>
    /// The files of all paths in order; a folder stands for its table files in the ordinal order of their names.
    /// </summary>
    /// <exception cref="TableException">
    /// A path is no table, or a folder has parts that would not be read.
    /// </exception>
    public static List<string> Resolve(IReadOnlyList<string> paths)
    {
        var files = new List<string>();
        foreach (var path in paths)
        {
            if (Directory.Exists(path))
            {
                RefuseLeftOut(path);
                var inside = Directory.GetFiles(path).Where(IsTable).Order(StringComparer.Ordinal).ToList();
                if (inside.Count == 0)
                {
                    throw new TableException($"the folder {path} holds no .csv, .csv.gz, .tsv or .parquet file.");
                }

                files.AddRange(inside);
            }
            else if (!File.Exists(path))
            {
                throw new TableException($"there is no file or folder {path}: check the path.");
            }
            else if (!IsTable(path) && !HasEnding(path, NamedOnly))
            {
                throw new TableException(
                    $"{path} does not end in .csv, .csv.gz, .tsv, .txt or .parquet: rename or convert it.");
            }
            else
            {
                files.Add(path);
            }
        }

        if (files.FirstOrDefault(IsPipe) is { } pipe)
        {
            throw new TableException(
                $"{pipe} is a pipe or a device, expected a regular file: write the rows to a file first.");
        }

        return files.Count > 0 ? files : throw new TableException("the table names no file: give it at least one.");
    }

    /// <summary>Whether the name is that of a Parquet file.</summary>
    public static bool IsParquet(string path) => path.EndsWith(".parquet", StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether the name is that of a compressed file.</summary>
    public static bool IsCompressed(string path) => path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase);

    /// <summary>The path without the ending that says the format: <c>part-0</c> of <c>part-0.csv.gz</c>.</summary>
    public static string Stem(string path)
    {
        var ending = Endings.Concat(NamedOnly).OrderByDescending(ending => ending.Length)
            .FirstOrDefault(ending => path.EndsWith(ending, StringComparison.OrdinalIgnoreCase));
        return path[..^(ending?.Length ?? 0)];
    }

    /// <summary>Refuses a folder with parts that would not be read: nobody would miss their rows.</summary>
    private static void RefuseLeftOut(string folder)
    {
        var tables = Directory.GetFiles(folder).Where(IsTable).Select(file => Stem(Path.GetFileName(file))).ToHashSet();
        var numbered = tables.Where(stem => stem.Any(char.IsAsciiDigit)).Select(WithoutDigits).ToHashSet();
        foreach (var entry in Directory.EnumerateFileSystemEntries(folder).Order(StringComparer.Ordinal))
        {
            var name = Path.GetFileName(entry);
            if (name[0] is '.' or '_')
            {
                continue; // of a writer or a system: _SUCCESS, ._part-0.csv.gz
            }

            if (Directory.Exists(entry))
            {
                if (name.Contains('=') || (IsDated(name) && Directory.EnumerateFiles(entry).Any(IsTable)))
                {
                    throw new TableException(
                        $"the folder {folder} is cut into partitions such as {name}; only the files directly in a "
                        + "folder are read. Name each of these folders in 'files', or write the table without them.");
                }
            }
            else if (StemOfOther(name) is { } stem && !tables.Contains(stem) && numbered.Contains(WithoutDigits(stem)))
            {
                throw new TableException(
                    $"{entry} would be left out, though it is named like a part of the table: a folder's .csv, "
                    + ".csv.gz, .tsv, .tsv.gz and .parquet files are read. Give it the ending of what it holds, or "
                    + "move it out of the folder.");
            }
            else if (!IsTable(name) && HasEnding(name, OtherCompressions)
                && IsTable(Path.GetFileNameWithoutExtension(name)))
            {
                throw new TableException(
                    $"{entry} would be left out: a folder's .csv, .csv.gz, .tsv, .tsv.gz and .parquet files are read, "
                    + $"none that ends in {Path.GetExtension(name)}. Unpack it, compress it with gzip, or move it out "
                    + "of the folder.");
            }
        }
    }

    /// <summary>The name without its ending, if it may be that of a table which is not read; else null.</summary>
    private static string? StemOfOther(string name) => !name.Contains('.') ? name
        : Array.Find(OtherTables, ending => name.EndsWith(ending, StringComparison.OrdinalIgnoreCase)) is { } ending
            ? name[..^ending.Length]
        : null;

    private static string WithoutDigits(string stem) => string.Concat(stem.Where(c => !char.IsAsciiDigit(c)));

    /// <summary>2025, 2025-06, 20250630.</summary>
    private static bool IsDated(string name) =>
        char.IsAsciiDigit(name[0]) && name.All(c => char.IsAsciiDigit(c) || c is '-' or '_');

    /// <summary>Opened for reading and writing, a pipe does not wait for its other end. It has no length.</summary>
    private static bool IsPipe(string path)
    {
        if (new FileInfo(path).Length > 0)
        {
            return false;
        }

        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
            return !file.CanSeek;
        }
        catch (UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static bool IsTable(string path) => HasEnding(path, Endings);

    private static bool HasEnding(string path, string[] endings) =>
        endings.Any(ending => path.EndsWith(ending, StringComparison.OrdinalIgnoreCase));
}

using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Engine.Kernels;

namespace Engine.Datasets.Mapping;

/// <summary>
/// Reads and writes dataset.json: snake_case keys, comments allowed, unknown and repeated keys refused.
/// </summary>
public static class DatasetFile
{
    /// <summary>How a value begins that `init` could not decide; a person replaces it.</summary>
    public const string Open = "FILL IN";

    private static readonly JsonSerializerOptions Options = new JsonSerializerOptions()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        ReadCommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true,
        WriteIndented = true,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false) },
    }.Whole();

    /// <summary>
    /// Reads a definition and makes its file paths absolute. Errors: <see cref="InputException"/> with the key and
    /// line.
    /// </summary>
    public static DatasetDefinition Read(string path)
    {
        DatasetDefinition? definition;
        try
        {
            definition = JsonSerializer.Deserialize<DatasetDefinition>(File.ReadAllText(path), Options);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException(
                $"{path} cannot be read: {e.Message} Make one with `trainer init BEHAVIOR PRODUCT`.", e);
        }
        catch (JsonException e)
        {
            throw new InputException($"{path}: {Explain(e)}", e);
        }

        CheckOpen(path, definition);
        Check(path, definition);
        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        return definition! with
        {
            Source = definition.Source is null ? null : Path.GetFullPath(Path.Combine(folder, definition.Source)),
            Behavior = definition.Behavior with { Files = Rebase(folder, definition.Behavior.Files) },
            Product = definition.Product with { Files = Rebase(folder, definition.Product.Files) },
        };
    }

    /// <summary>The text of a definition.</summary>
    public static string Text(DatasetDefinition definition) => JsonSerializer.Serialize(definition, Options) + "\n";

    private static string[] Rebase(string folder, IReadOnlyList<string> files) =>
        files.Select(file => Path.GetFullPath(Path.Combine(folder, file))).ToArray();

    private static void CheckOpen(string path, DatasetDefinition? definition)
    {
        if (definition is not null
            && JsonSerializer.Serialize(definition, Options).Split('"')
                .FirstOrDefault(text => text.StartsWith(Open, StringComparison.Ordinal)) is { } open)
        {
            throw new InputException(
                $"{path} is not filled in yet: it says '{open}'. Replace every value that begins with '{Open}'.");
        }
    }

    private static void Check(string path, DatasetDefinition? definition)
    {
        if (definition?.Behavior is null || definition.Product is null)
        {
            throw new InputException($"{path}: 'behavior' and 'product' were expected; make one with `trainer init`.");
        }

        foreach (var tag in definition.Product.Tags.Where(
            tag => tag.Type != TagType.Multi && tag.Separator is not null))
        {
            throw new InputException($"{path}: the tag '{tag.Column}' has a separator but is not of the type multi.");
        }

        CheckPlaces(path, definition);
        var aliases = definition.Product.Tags
            .GroupBy(tag => tag.Alias ?? tag.Column)
            .FirstOrDefault(g => g.Count() > 1);
        if (aliases is not null)
        {
            throw new InputException($"{path}: two tags are called '{aliases.Key}': give each an alias of its own.");
        }

        MappingCheck.Check(path, definition);
    }

    /// <summary>Both tables are files, or both are tables of the one source.</summary>
    private static void CheckPlaces(string path, DatasetDefinition definition)
    {
        foreach (var (key, files, table) in new[]
        {
            ("behavior", definition.Behavior.Files, definition.Behavior.Table),
            ("product", definition.Product.Files, definition.Product.Table),
        })
        {
            if (definition.Source is null && (files.Count == 0 || table is not null))
            {
                throw new InputException(
                    $"{path}: '{key}' needs files, because the dataset names no source; "
                    + $"for a database table name 'source' and '{key}.table'.");
            }

            if (definition.Source is not null && (files.Count > 0 || string.IsNullOrWhiteSpace(table)))
            {
                throw new InputException(
                    $"{path}: the dataset names a source, so '{key}' needs a table and no files: "
                    + "both tables live in the same source.");
            }
        }
    }

    private static string Explain(JsonException e)
    {
        var key = e.Message.Split('\'') is { Length: > 2 } parts
            && e.Message.Contains("could not be mapped", StringComparison.Ordinal)
            ? parts[1]
            : null;
        var place = InvariantText.Of($"line {(e.LineNumber ?? 0) + 1}, at {e.Path ?? "$"}");
        var words = typeof(DatasetFile).Assembly.GetTypes().FirstOrDefault(
            type => type.IsEnum && (e.Message.Contains($"converted to {type.FullName}.", StringComparison.Ordinal)
                || e.Message.Contains($"[{type.FullName}].", StringComparison.Ordinal)));
        return words is not null
            ? $"{place}: expected one of {string.Join(", ", Enum.GetNames(words).Select(Snake))}."
            : key is null ? $"{WholeDocuments.Reason(e)}."
            : $"unknown key '{key}' ({place}). Known keys here: {KnownKeys(e.Path)}. "
                + "Correct its spelling or remove it.";
    }

    private static string KnownKeys(string? path)
    {
        var type = path switch
        {
            not null when path.StartsWith("$.product.tags[", StringComparison.Ordinal) => typeof(TagDefinition),
            not null when path.StartsWith("$.product.", StringComparison.Ordinal) => typeof(ProductTable),
            not null when path.StartsWith("$.behavior.", StringComparison.Ordinal) => typeof(BehaviorTable),
            _ => typeof(DatasetDefinition),
        };
        return string.Join(", ", type.GetProperties().Select(p => Snake(p.Name)));
    }

    private static string Snake(string name) => JsonNamingPolicy.SnakeCaseLower.ConvertName(name);
}

using System.Text.Json;
using System.Text.Json.Serialization;
using Engine.Snapshots.Writing;
using Engine.Tables.Sql;
using Engine.Datasets.Mapping;

namespace Engine.Datasets.Extracts;

/// <summary>
/// What an extract will hold, decided once and stored first, so that a killed extract goes on with the same slices and
/// ends with the same rows. Holds no secret.
/// </summary>
internal sealed record ExtractPlan
{
    /// <summary>When the plan was made, UTC.</summary>
    public required DateTimeOffset Started { get; init; }

    /// <summary>Kind, host, port, database and user of the source; never its password or where that is found.</summary>
    public required ExtractOrigin Origin { get; init; }

    /// <summary>The mapping, as dataset.json has it, with tables instead of files.</summary>
    public required DatasetDefinition Dataset { get; init; }

    /// <summary>The time column's key.</summary>
    public required TimeKey Key { get; init; }

    /// <summary>The latest time: later rows are not in the extract.</summary>
    public required string Bound { get; init; }

    /// <summary>The behavior table's slices.</summary>
    public required IReadOnlyList<Slice> Slices { get; init; }

    /// <summary>Whether the server adds up behaviors by day.</summary>
    public bool Aggregated { get; init; }

    /// <summary>
    /// Whether sums say how many rows they add up, in a column of their own; plans of older versions do not.
    /// </summary>
    public bool CountsRows { get; init; }

    /// <summary>Whether another plan reads the same tables of the same source by the same mapping.</summary>
    public bool IsFor(DataSource source, DatasetDefinition dataset, bool aggregated) =>
        Aggregated == aggregated && Origin == ExtractOrigin.Of(source)
            && DatasetFile.Text(Dataset with { Source = null }) == DatasetFile.Text(dataset with { Source = null });
}

/// <summary>Where rows came from.</summary>
internal sealed record ExtractOrigin(SourceKind Kind, string Host, int Port, string Database, string User)
{
    public static ExtractOrigin Of(DataSource source) =>
        new(source.Kind, source.Host, source.Port, source.Database, source.User);
}

/// <summary>One finished file of an extract.</summary>
/// <param name="Path">Its path inside the extract, with forward slashes.</param>
/// <param name="Rows">Its rows.</param>
/// <param name="Bytes">Its length.</param>
/// <param name="Sha256">Its checksum, hexadecimal.</param>
internal sealed record ExtractFile(string Path, long Rows, long Bytes, string Sha256);

/// <summary>manifest.json: there only when the extract is whole.</summary>
internal sealed record ExtractManifest
{
    /// <summary>The version of this layout.</summary>
    public required int Format { get; init; }

    /// <summary>What was planned.</summary>
    public required ExtractPlan Plan { get; init; }

    /// <summary>When it was whole, UTC.</summary>
    public required DateTimeOffset Finished { get; init; }

    /// <summary>
    /// Rows of the behavior table up to the bound, as the source counted them at the end (sums, if it added them up);
    /// equal to the files' rows.
    /// </summary>
    public required long BehaviorRows { get; init; }

    /// <summary>Rows of the product table, likewise.</summary>
    public required long ProductRows { get; init; }

    /// <summary>The files of the behavior table, in slice order.</summary>
    public required IReadOnlyList<ExtractFile> Behavior { get; init; }

    /// <summary>The file of the product table.</summary>
    public required IReadOnlyList<ExtractFile> Product { get; init; }
}

/// <summary>How an extract's documents are written.</summary>
internal static class ExtractJson
{
    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        WriteIndented = true,
        NewLine = "\n",
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false) },
    };

    /// <summary>Writes a document: it is whole or absent.</summary>
    public static void Write<T>(string path, T document) =>
        AtomicFile.Write(path, stream => JsonSerializer.Serialize(stream, document, Options));

    /// <summary>Reads a document; null when there is none.</summary>
    public static T? Read<T>(string path)
        where T : class
    {
        try
        {
            return File.Exists(path) ? JsonSerializer.Deserialize<T>(File.ReadAllBytes(path), Options) : null;
        }
        catch (JsonException e)
        {
            throw new InputException(
                $"{path} is not what an extract writes: {e.Message} Remove the folder and extract again.", e);
        }
    }
}

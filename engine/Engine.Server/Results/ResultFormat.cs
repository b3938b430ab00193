using Engine.Scoring.Batch;
using Engine.Tables.Parquet.Writing;

namespace Engine.Server.Results;

/// <summary>
/// How result rows become bytes, part by part: header, parts, footer. Parts do not depend on what was written before,
/// so that threads encode them in parallel and a resumed run produces identical files.
/// </summary>
internal abstract class ResultFormat
{
    /// <summary>The first bytes of the file.</summary>
    public abstract ReadOnlyMemory<byte> Header { get; }

    /// <summary>The format that a file's name ends in.</summary>
    /// <exception cref="InputException">It ends in another one.</exception>
    public static ResultFormat Of(string path, BatchPlan plan) =>
        path.EndsWith(".csv", StringComparison.OrdinalIgnoreCase) ? new CsvResultFormat(plan)
        : path.EndsWith(".parquet", StringComparison.OrdinalIgnoreCase) ? new ParquetResultFormat(plan)
        : throw new InputException($"found --out '{path}'; expected a name that ends in .csv or .parquet");

    /// <summary>An encoder for one thread.</summary>
    public abstract PartEncoder NewEncoder();

    /// <summary>The last bytes of the file.</summary>
    public abstract byte[] Footer(IReadOnlyList<JournalEntry> parts);
}

/// <summary>
/// Encodes one part after the other: <see cref="Begin"/>, any number of <see cref="Add"/>, <see cref="End"/>.
/// </summary>
internal abstract class PartEncoder
{
    /// <summary>Starts a part.</summary>
    /// <param name="target">Receives its bytes.</param>
    public abstract void Begin(EncodedPart target);

    /// <summary>Adds the next users of the part.</summary>
    public abstract void Add(BatchRows rows);

    /// <summary>Ends the part: bytes, rows and detail of the target are whole.</summary>
    public abstract void End();

    /// <summary>Gives working memory back after the last part.</summary>
    public virtual void Release()
    {
    }
}

/// <summary>The bytes of one part, from the thread that encodes to the one that writes; used again and again.</summary>
internal sealed class EncodedPart
{
    /// <summary>As they stand in the file.</summary>
    public ByteBuffer Bytes { get; } = new();

    /// <summary>Result rows.</summary>
    public int Rows { get; set; }

    /// <summary>What the footer and readers must know of it.</summary>
    public byte[] Detail { get; set; } = [];
}

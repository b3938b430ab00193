using Engine.Scoring.Batch;
using Engine.Model;

namespace Engine.Server.Batch;

/// <summary>
/// How result rows become bytes, part by part: header, parts, footer. Parts do not depend on what was written before, so that
/// a stopped run goes on with the same bytes.
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
        : throw new InputException($"found --out '{path}', expected a name that ends in .csv or .parquet");

    /// <summary>Encodes a part, writes it and says what the footer must know of it.</summary>
    /// <param name="rows">The answers.</param>
    /// <param name="threads">Threads to use; the bytes do not depend on them.</param>
    /// <param name="output">Receives the bytes.</param>
    public abstract byte[] Encode(BatchRows rows, int threads, Stream output);

    /// <summary>The last bytes of the file.</summary>
    public abstract byte[] Footer(IReadOnlyList<JournalEntry> parts);
}

using Engine.Scoring.Batch;
using Engine.Tables.Parquet.Writing;

namespace Engine.Server.Results;

/// <summary>
/// Parquet with the columns of <see cref="ResultColumns"/>, a part a row group. Users stand in runs and ranks and
/// products as few bits, so a row of a top 100 takes about seven bytes, and twelve more for probability and percentile.
/// </summary>
internal sealed class ParquetResultFormat(BatchPlan plan) : ResultFormat
{
    private readonly IReadOnlyList<ResultColumn> _columns = ResultColumns.Of(plan);

    /// <inheritdoc/>
    public override ReadOnlyMemory<byte> Header { get; } = "PAR1"u8.ToArray();

    /// <inheritdoc/>
    public override PartEncoder NewEncoder() => new ParquetPartEncoder(plan, _columns);

    /// <inheritdoc/>
    public override byte[] Footer(IReadOnlyList<JournalEntry> parts) => FooterOf(_columns, parts, Header.Length);

    /// <summary>The last bytes of a file with these columns and parts.</summary>
    public static byte[] FooterOf(IReadOnlyList<ResultColumn> columns, IReadOnlyList<JournalEntry> parts, int header) =>
        ParquetFooter.Write(
            [.. columns.Select(column => new ParquetField(column.Name, column.Type, column.Optional))],
            [.. parts.Where(part => part.Rows > 0)
                .Select(
                    part => new ParquetRowGroup(
                        part.Rows, [.. columns.Select((_, column) => ChunkPlace.Read(part.Detail, column).Extent)]))],
            header);
}

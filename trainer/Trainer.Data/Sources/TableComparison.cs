using Engine.Tables.Rows;
using Trainer.Data.Progress;

namespace Trainer.Data.Sources;

/// <summary>
/// Compares two tables row for row whatever the order of their rows, with constant memory: sums of row checksums in
/// <see cref="Buckets"/> buckets. Where buckets differ, some of them are read once more to show rows that one side
/// lacks.
/// </summary>
/// <param name="open">Opens one side: the file (<c>false</c>) or the table (<c>true</c>).</param>
/// <param name="columns">The columns of both, with the types by which values are compared.</param>
/// <param name="progress">Told how far each reading is.</param>
/// <param name="cancel">Ends the comparison.</param>
internal sealed class TableComparison(
    Func<bool, TableReader> open,
    IReadOnlyList<TableColumn> columns,
    IProgressReporter progress,
    CancellationToken cancel)
{
    private const int Buckets = 1 << 16;
    private const int BucketsShown = 16;
    private const int RowsShown = 3;

    /// <summary>Reads both sides. Sums of 128-bit checksums do not agree by chance when the rows differ.</summary>
    public ComparisonResult Run()
    {
        var (file, fileRows) = Sum(table: false);
        var (table, tableRows) = Sum(table: true);
        var differing = Enumerable.Range(0, Buckets).Where(i => file[i] != table[i]).ToList();
        var shown = differing.Take(BucketsShown).ToHashSet();
        return differing.Count == 0 && fileRows == tableRows
            ? new ComparisonResult(true, fileRows, tableRows, [], [])
            : new ComparisonResult(
                false, fileRows, tableRows, FindOnly(shown, table: false), FindOnly(shown, table: true));
    }

    private (UInt128[] Sums, long Rows) Sum(bool table)
    {
        var sums = new UInt128[Buckets];
        return (sums, Each(table, (_, digest) => sums[Bucket(digest)] += digest));
    }

    /// <summary>The first rows of a side that the other has not, or not as often, among some buckets.</summary>
    private List<string> FindOnly(HashSet<int> buckets, bool table)
    {
        var other = new Dictionary<UInt128, int>();
        var only = new List<string>();
        Each(!table, (_, digest) =>
        {
            if (buckets.Contains(Bucket(digest)))
            {
                other[digest] = other.GetValueOrDefault(digest) + 1;
            }
        });
        Each(table, (rows, digest) =>
        {
            if (only.Count < RowsShown && buckets.Contains(Bucket(digest))
                && (other[digest] = other.GetValueOrDefault(digest) - 1) < 0)
            {
                only.Add(rows.RowText(300));
            }
        });
        return only;
    }

    private long Each(bool table, Action<TableReader, UInt128> visit)
    {
        using var rows = open(table);
        var digest = new RowDigest(columns);
        long read = 0;
        while (rows.Read())
        {
            if ((read++ & 0xFFFF) == 0)
            {
                cancel.ThrowIfCancellationRequested();
                progress.Report(table ? "read the table" : "read the files", rows.Bytes.Done, rows.Bytes.Total + 1);
            }

            visit(rows, digest.Of(rows));
        }

        progress.Report(table ? "read the table" : "read the files", 1, 1);
        return read;
    }

    private static int Bucket(UInt128 digest) => (int)(digest & (Buckets - 1));
}

/// <summary>What a comparison found.</summary>
/// <param name="Equal">Whether every row of one side is in the other, as often.</param>
/// <param name="FileRows">Rows of the files.</param>
/// <param name="TableRows">Rows of the table.</param>
/// <param name="OnlyInFile">Some rows that only the files have.</param>
/// <param name="OnlyInTable">Some rows that only the table has.</param>
internal sealed record ComparisonResult(
    bool Equal, long FileRows, long TableRows, IReadOnlyList<string> OnlyInFile, IReadOnlyList<string> OnlyInTable);

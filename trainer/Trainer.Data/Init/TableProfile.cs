using Engine.Datasets.Behaviors;
using Engine;
using Engine.Tables;
using Engine.Tables.Csv;
using Engine.Tables.Rows;
using Engine.Tables.Sql;
using Engine.Datasets.Mapping;
using Trainer.Data.Reading;

namespace Trainer.Data.Init;

/// <summary>The columns of a table as its first rows show them.</summary>
/// <param name="Path">The file or folder, or the name of a table in a source.</param>
/// <param name="Rows">Whole rows looked at.</param>
/// <param name="ReachedEnd">Whether these were all.</param>
/// <param name="Columns">The columns in the order of the header; those whose names repeat are left out.</param>
internal sealed record TableProfile(string Path, long Rows, bool ReachedEnd, IReadOnlyList<ColumnProfile> Columns)
{
    /// <summary>The most rows that are looked at.</summary>
    public const long MaxRows = 1_000_000;

    /// <summary>The most rows of a table of a source that are looked at.</summary>
    public const long MaxSourceRows = 200_000;

    /// <summary>How its CSV files are written.</summary>
    public CsvFormat Csv { get; private init; } = CsvFormat.Default;

    /// <summary>Names that two or more columns have: they cannot be mapped.</summary>
    public IReadOnlyList<string> Repeated { get; private init; } = [];

    /// <summary>Columns that cannot be read and were left out, each with the reason.</summary>
    public IReadOnlyList<TableColumnException> Unreadable { get; private init; } = [];

    /// <summary>
    /// Rows that were not looked at: they have more or fewer cells than the header, or broken quotes.
    /// </summary>
    public long Broken { get; private init; }

    /// <summary>Reads the first rows of files. Errors: <see cref="InputException"/> for a table without rows.</summary>
    public static TableProfile Read(string path, CancellationToken cancel)
    {
        var csv = CsvSniffer.InspectTable(path);
        var profile = ReadReadable(path, csv, cancel);
        return LooksLikeRow(profile.Columns) ? ReadReadable(path, csv with { Header = false }, cancel) : profile;
    }

    /// <summary>
    /// Reads the first rows of a table of a source. Errors: <see cref="InputException"/> for a table without rows.
    /// </summary>
    public static TableProfile Read(SqlSource source, string table, CancellationToken cancel)
    {
        var columns = source.Describe(table).Select(column => column.Name).ToArray();
        return Read(
            table,
            source.Read(table, columns, $"1 = 1 LIMIT {MaxSourceRows}"),
            CsvFormat.Default,
            MaxSourceRows,
            cancel);
    }

    /// <summary>
    /// The columns whose names are among the given words, the earlier word first; letters and digits count.
    /// </summary>
    public IEnumerable<ColumnProfile> AllNamed(IEnumerable<string> words, ICollection<ColumnProfile> taken) =>
        words.SelectMany(word => Columns.Where(c => !taken.Contains(c) && Words.Plain(c.Name) == word));

    /// <summary>The first of <see cref="AllNamed"/>.</summary>
    public ColumnProfile? Named(IEnumerable<string> words, ICollection<ColumnProfile> taken) =>
        AllNamed(words, taken).FirstOrDefault();

    /// <summary>Reads the columns that can be read: the mapping may not need the others.</summary>
    private static TableProfile ReadReadable(string path, CsvFormat csv, CancellationToken cancel)
    {
        var unreadable = new List<TableColumnException>();
        IReadOnlyList<string>? names = null;
        while (true)
        {
            try
            {
                var reader = TableFile.Open(path, names, csv);
                if (names is null)
                {
                    unreadable.AddRange(reader.Unreadable);
                }

                return Read(path, reader, csv, MaxRows, cancel) with { Unreadable = unreadable };
            }
            catch (TableColumnException e)
            {
                unreadable.Add(e);
                using var header = TableFile.Open(path, csv: csv);
                names = [.. header.Columns.Where(name => unreadable.All(column => column.Column != name))];
                if (names.Count == 0 || unreadable.Count > header.Columns.Count + header.Unreadable.Count)
                {
                    throw;
                }
            }
        }
    }

    private static TableProfile Read(
        string path, TableReader opened, CsvFormat csv, long most, CancellationToken cancel)
    {
        using var reader = opened;
        var columns = reader.Columns
            .Select((name, i) => new ColumnProfile(name) { IsText = reader.IsText(i) }).ToArray();
        var (rows, broken) = (0L, 0L);
        var more = true;
        while (rows < most && (more = reader.Read()))
        {
            if (reader.Fault != RowFault.None)
            {
                broken++;
                continue;
            }

            if ((rows++ & 0xFFFF) == 0)
            {
                cancel.ThrowIfCancellationRequested();
            }

            for (var i = 0; i < columns.Length; i++)
            {
                columns[i].Add(reader.Text(i));
            }
        }

        var repeated = columns.GroupBy(column => column.Name).Where(group => group.Count() > 1)
            .Select(group => group.Key).ToArray();
        return rows > 0
            ? new TableProfile(
                path, rows, !more || rows < most, [.. columns.Where(column => !repeated.Contains(column.Name))])
            {
                Csv = csv,
                Repeated = repeated,
                Broken = broken,
            }
            : throw new InputException(
                $"{path} has no whole row below its header ({broken} rows have more or fewer cells); "
                + "nothing can be guessed from it. Check its separator and quotes.");
    }

    /// <summary>Whether the names are values: a number over numbers, a time over times, a type among types.</summary>
    private static bool LooksLikeRow(IReadOnlyList<ColumnProfile> columns) =>
        columns.Count(column => Words.IsRole(column.Name)) < 2 && columns.Any(column =>
            column.Values.ContainsKey(column.Name)
            || (NumberText.IsNumber(column.Name) && column.Share(NumberText.IsNumber) > 0.5)
            || (column.Name.Length >= 6
                && TimeFormatGuesser.Find([.. column.Values.Keys.Take(1000)]).Format is { } format
                && TimeParser.For(format).TryParse(column.Name, out _)));
}

using Engine;
using Engine.Tables;
using Engine.Tables.Rows;

namespace Trainer.Data.Init;

/// <summary>The columns of a table as its first rows show them.</summary>
/// <param name="Path">The file or folder.</param>
/// <param name="Rows">Whole rows looked at.</param>
/// <param name="ReachedEnd">Whether these were all.</param>
/// <param name="Columns">The columns in the order of the header.</param>
/// <param name="Unreadable">The columns that were left out, each with the reason.</param>
internal sealed record TableProfile(
    string Path, long Rows, bool ReachedEnd, IReadOnlyList<ColumnProfile> Columns, IReadOnlyList<TableColumnException> Unreadable)
{
    /// <summary>The most rows that are looked at.</summary>
    public const long MaxRows = 1_000_000;

    /// <summary>
    /// Reads the first rows. A column that cannot be read is left out: the mapping may not need it. Errors:
    /// <see cref="InputException"/> for a table without rows.
    /// </summary>
    public static TableProfile Read(string path, CancellationToken cancel)
    {
        var unreadable = new List<TableColumnException>();
        IReadOnlyList<string> names;
        using (var header = TableFile.Open(path))
        {
            unreadable.AddRange(header.Unreadable);
            names = header.Columns;
        }

        while (true)
        {
            try
            {
                return Read(path, names, unreadable, cancel);
            }
            catch (TableColumnException e) when (names.Count > 1 && names.Contains(e.Column))
            {
                unreadable.Add(e);
                names = [.. names.Where(name => name != e.Column)];
            }
        }
    }

    /// <summary>The first column whose name is one of the given words, the earlier word first; letters and digits count.</summary>
    public ColumnProfile? Named(IEnumerable<string> words, ICollection<ColumnProfile> taken) =>
        words.SelectMany(word => Columns.Where(c => !taken.Contains(c) && Words.Plain(c.Name) == word)).FirstOrDefault();

    private static TableProfile Read(
        string path, IReadOnlyList<string> names, List<TableColumnException> unreadable, CancellationToken cancel)
    {
        using var reader = TableFile.Open(path, names);
        var columns = names.Select(name => new ColumnProfile(name)).ToArray();
        long rows = 0;
        var more = true;
        while (rows < MaxRows && (more = reader.Read()))
        {
            if (reader.Fault != RowFault.None)
            {
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

        return rows > 0 ? new TableProfile(path, rows, !more, columns, unreadable) : throw new InputException(
            $"{path} has no whole row below its header; nothing can be guessed from it.");
    }
}

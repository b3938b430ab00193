namespace Engine.Tables.Rows;

/// <summary>
/// Reads the rows of a table in a stream, with constant memory: a CSV file (.csv, .csv.gz), a Parquet file (.parquet)
/// or a folder of such files, read in the ordinal order of their names. Cells are text in invariant form: numbers as
/// <c>-12.5</c>, decimals with all digits, times as <c>yyyy-MM-ddTHH:mm:ss.fffffff</c>, dates as <c>yyyy-MM-dd</c>,
/// times of day as <c>HH:mm:ss.fffffff</c> (without a fraction that is zero), lists as JSON arrays; null, the empty
/// list and the empty text are the same, an empty span.
/// </summary>
public abstract class TableReader : IDisposable
{
    /// <summary>The file of the current row, as its path was given.</summary>
    public abstract string File { get; }

    /// <summary>
    /// The current row's place in its file, 1-based: the line of its first character (CSV) or its number (Parquet).
    /// </summary>
    public abstract long Line { get; }

    /// <summary>The columns that <see cref="Text"/> counts, in the order that was asked for.</summary>
    public abstract IReadOnlyList<string> Columns { get; }

    /// <summary>
    /// The columns of the (first) file that are of no type a cell can hold, each with the reason. They are not among
    /// <see cref="Columns"/> when all columns are read, and stop the opening when they are asked for.
    /// </summary>
    public virtual IReadOnlyList<TableColumnException> Unreadable => [];

    /// <summary>
    /// Whether the current row has cells at all; when it has none, <see cref="Text"/> must not be called.
    /// </summary>
    public abstract RowFault Fault { get; }

    /// <summary>
    /// Bytes of the files that are behind the reader, and the size of them all: for progress, not exact.
    /// </summary>
    public abstract (long Done, long Total) Bytes { get; }

    /// <summary>
    /// Steps to the next row. Returns false after the last one. Errors: <see cref="TableException"/> when a file is
    /// damaged (<see cref="TableColumnException"/> when this concerns one column).
    /// </summary>
    public abstract bool Read();

    /// <summary>One cell of the current row; the span is valid until the next <see cref="Read"/>.</summary>
    /// <param name="column">An index into <see cref="Columns"/>.</param>
    public abstract ReadOnlySpan<char> Text(int column);

    /// <summary>
    /// Whether the cells of a column are texts as somebody wrote them: numbers of other columns are in invariant form.
    /// </summary>
    /// <param name="column">An index into <see cref="Columns"/>.</param>
    public virtual bool IsText(int column) => true;

    /// <summary>The current row as a person would look for it, cut to <paramref name="limit"/> characters.</summary>
    public abstract string RowText(int limit);

    /// <summary>
    /// A hash of the current row, the same on every machine: of its whole text (CSV), or of the columns that are read.
    /// </summary>
    public virtual ulong RowHash()
    {
        var hash = 0UL;
        for (var i = 0; i < Columns.Count; i++)
        {
            hash = (hash * 31) + TextHash.Compute(Text(i));
        }

        return hash;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Finds every wanted column in a file's header.</summary>
    /// <param name="file">The file, for messages.</param>
    /// <param name="header">Its columns.</param>
    /// <param name="wanted">The columns to find.</param>
    /// <param name="hint">What to do when one is absent, a sentence; null to say: name one of these.</param>
    /// <returns>For each wanted column its index in the file.</returns>
    internal static int[] Locate(
        string file, IReadOnlyList<string> header, IReadOnlyList<string> wanted, Func<string>? hint = null)
    {
        var found = new int[wanted.Count];
        for (var i = 0; i < found.Length; i++)
        {
            found[i] = -1;
            for (var j = 0; j < header.Count; j++)
            {
                if (header[j] == wanted[i])
                {
                    found[i] = found[i] < 0 ? j : throw new TableException(
                        $"{file} has two columns named '{wanted[i]}': rename one of them.");
                }
            }

            if (found[i] < 0)
            {
                throw new TableException(
                    $"{file} has no column '{ColumnNames.Visible(wanted[i])}'; its columns are: "
                    + $"{ColumnNames.List(header)}. "
                    + (ColumnNames.Meant(header, wanted[i]) is { } meant && !meant.Contains('\0')
                        ? $"Was '{ColumnNames.Visible(meant)}' meant? Names must agree in every letter: "
                            + "rename the column, or name it so in the mapping."
                        : hint?.Invoke() ?? "Name one of these in the mapping."));
            }
        }

        return found;
    }

    /// <summary>Closes the files.</summary>
    protected abstract void Dispose(bool disposing);
}

using System.Globalization;
using Engine;
using Engine.Tables.Rows;
using Trainer.Data.Progress;

namespace Trainer.Data.Sources;

/// <summary>Copies the rows of files into a writer, cell by cell in the writer's types.</summary>
internal static class TableLoad
{
    /// <summary>
    /// Copies every row; an empty cell is null. Errors: <see cref="InputException"/> with file, line and cell for a row
    /// that cannot be cut or a cell that is not of its column's type.
    /// </summary>
    public static void Copy(TableReader rows, TableWriter writer, IProgressReporter progress, CancellationToken cancel)
    {
        while (rows.Read())
        {
            if ((writer.Rows & 0x3FFF) == 0)
            {
                cancel.ThrowIfCancellationRequested();
                progress.Report("write rows", rows.Bytes.Done, rows.Bytes.Total + 1);
            }

            if (rows.Fault != RowFault.None)
            {
                throw new InputException(
                    $"{rows.File}, line {rows.Line}: {rows.Fault} in '{rows.RowText(200)}': every row must be whole. "
                    + "Correct the file; nothing was published.");
            }

            for (var i = 0; i < writer.Columns.Count; i++)
            {
                Copy(rows, i, writer);
            }

            writer.EndRow();
        }

        writer.Complete();
        progress.Report("write rows", 1, 1);
    }

    private static void Copy(TableReader rows, int i, TableWriter writer)
    {
        var text = rows.Text(i);
        if (text.IsEmpty)
        {
            writer.WriteNull();
            return;
        }

        switch (writer.Columns[i].Type)
        {
            case ColumnType.Text:
                writer.Write(text);
                return;
            case ColumnType.WholeNumber when long.TryParse(
                text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole):
                writer.Write(whole);
                return;
            case ColumnType.Number when double.TryParse(
                text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
                && double.IsFinite(number):
                writer.Write(number);
                return;
            case ColumnType.Time when ColumnTypes.TryTime(text, out var time):
                writer.Write(time);
                return;
            default:
                throw new InputException(
                    $"{rows.File}, line {rows.Line}: {writer.Columns[i].Name} is '{text}', a {writer.Columns[i].Type} "
                    + "was expected by the rows before it. " +
                    $"Name its type: --type {writer.Columns[i].Name}=text. Nothing was published.");
        }
    }
}

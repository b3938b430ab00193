using System.Globalization;
using Engine.Tables;
using Engine.Tables.Rows;
using Engine.Datasets.Mapping;

namespace Trainer.Data.Sources;

/// <summary>
/// Which types the columns of a file have, told by its first rows: a whole number, a number or a time only where every
/// cell is one in its plain form. Ids are opaque: a column whose name ends in <c>id</c> is text whatever it holds.
/// </summary>
internal static class ColumnTypes
{
    private const int SampleRows = 10_000;

    /// <summary>The columns of the files with their types; given types go before guessed ones.</summary>
    public static TableColumn[] Find(IReadOnlyList<string> files, IReadOnlyDictionary<string, ColumnType> given)
    {
        using var rows = TableFile.Open(files);
        var possible = rows.Columns
            .Select(_ => new List<ColumnType> { ColumnType.WholeNumber, ColumnType.Number, ColumnType.Time })
            .ToArray();
        var seen = new bool[possible.Length];
        for (var read = 0; read < SampleRows && rows.Read(); read++)
        {
            for (var i = 0; i < possible.Length && rows.Fault == RowFault.None; i++)
            {
                if (rows.Text(i) is { IsEmpty: false } text)
                {
                    seen[i] = true;
                    Narrow(possible[i], text);
                }
            }
        }

        return [.. rows.Columns.Select((name, i) => new TableColumn(name, Choose(name, possible[i], seen[i])))];

        ColumnType Choose(string name, List<ColumnType> left, bool any) => given.TryGetValue(name, out var type) ? type
            : !any || left.Count == 0 || name.EndsWith("id", StringComparison.OrdinalIgnoreCase) ? ColumnType.Text
            : left[0];
    }

    /// <summary>Reads a time as the tables write it.</summary>
    public static bool TryTime(ReadOnlySpan<char> text, out DateTime time)
    {
        time = default;
        return text.Length >= 10 && text[4] == '-' && TimeParser.For(TimeParser.Auto).TryParse(text, out time);
    }

    private static void Narrow(List<ColumnType> possible, ReadOnlySpan<char> text)
    {
        // 007 and +7 are not what a number column gives back: they are text.
        var plain = text[0] is '-' or (>= '0' and <= '9')
            && !(text.Length > 1 && text[0] == '0' && char.IsAsciiDigit(text[1]));
        if (!plain || !long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _))
        {
            possible.Remove(ColumnType.WholeNumber);
        }

        if (!plain || !double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            || !double.IsFinite(number))
        {
            possible.Remove(ColumnType.Number);
        }

        if (possible.Contains(ColumnType.Time) && !TryTime(text, out _))
        {
            possible.Remove(ColumnType.Time);
        }
    }
}

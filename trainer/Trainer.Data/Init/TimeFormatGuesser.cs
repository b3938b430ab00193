using Trainer.Data.Mapping;

namespace Trainer.Data.Init;

/// <summary>Finds the format in which a column writes times.</summary>
internal static class TimeFormatGuesser
{
    /// <summary>The share of distinct values that must be readable; the rest may be the bad rows that every table has.</summary>
    private const double Enough = 0.9;

    private static readonly string[] Candidates =
    [
        TimeParser.Auto, "yyyy-MM-dd HH", "dd/MM/yyyy HH:mm", "MM/dd/yyyy HH:mm", "dd/MM/yyyy HH:mm:ss", "MM/dd/yyyy HH:mm:ss",
        "d/M/yyyy H:mm", "M/d/yyyy H:mm", "dd/MM/yyyy", "MM/dd/yyyy", "dd.MM.yyyy HH:mm:ss", "dd.MM.yyyy HH:mm", "dd.MM.yyyy",
    ];

    /// <summary>The format that reads the most values, the earlier of equals; null when none reads nearly all.</summary>
    public static string? Find(ColumnProfile column)
    {
        if (column.Share(value => value.All(char.IsAsciiDigit) && value.Length is 10 or 13) >= Enough)
        {
            return column.Share(value => value.Length == 13) >= Enough ? TimeParser.UnixMilliseconds
                : column.Share(value => value.Length == 10) >= Enough ? TimeParser.UnixSeconds
                : null;
        }

        var best = Candidates
            .Select(format => (Format: format, Share: Readable(column, format)))
            .MaxBy(candidate => candidate.Share);
        return best.Share >= Enough ? best.Format : null;
    }

    private static double Readable(ColumnProfile column, string format)
    {
        var parser = TimeParser.For(format);
        return column.Share(value => parser.TryParse(value, out _));
    }
}

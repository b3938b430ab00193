using System.Globalization;
using System.Security.Cryptography;
using Engine.Tables.Rows;

namespace Engine.Tables.Sql;

/// <summary>
/// Names of the tables that live only while results are written: of one run alone, so that two runs never write into
/// the same one, and with the time in them, so that what a killed run left behind is recognized.
/// </summary>
internal static class StagingNames
{
    /// <summary>
    /// The longest name of a final table: MySQL takes 64 characters with the mark and the run behind it.
    /// </summary>
    public const int LongestFinal = 43;

    private const string StagingMark = "__new_";
    private const string RetiredMark = "__old_";
    private const string TimeFormat = "yyMMddHHmm";

    /// <summary>Leftovers of runs that began longer ago than this belong to nobody.</summary>
    private static readonly TimeSpan Age = TimeSpan.FromDays(2);

    /// <summary>New names for a run.</summary>
    public static (string Staging, string Retired) Make(string final, DateTimeOffset now)
    {
        if (final.Length > LongestFinal)
        {
            throw new TableException(
                $"the table name '{final}' has {final.Length} characters, at most {LongestFinal} were expected: "
                + "choose a shorter one.");
        }

        var run = now.UtcDateTime.ToString(TimeFormat, CultureInfo.InvariantCulture)
            + RandomNumberGenerator.GetHexString(4, lowercase: true);
        return (final + StagingMark + run, final + RetiredMark + run);
    }

    /// <summary>
    /// The staging table of the run that made a table beside <paramref name="final"/>, and the minute in which it
    /// began; null for other tables.
    /// </summary>
    public static (string Staging, DateTimeOffset Began)? RunOf(string table, string final)
    {
        var mark = new[] { StagingMark, RetiredMark }.FirstOrDefault(
            mark => table.StartsWith(final + mark, StringComparison.Ordinal));
        var run = mark is null ? "" : table[(final.Length + mark.Length)..];
        return run.Length == TimeFormat.Length + 4
            && DateTimeOffset.TryParseExact(
                run[..TimeFormat.Length],
                TimeFormat,
                CultureInfo.InvariantCulture,
                DateTimeStyles.AssumeUniversal,
                out var began)
            ? (final + StagingMark + run, began)
            : null;
    }

    /// <summary>Whether a run that began then is over, whatever else is known of it.</summary>
    public static bool IsOld(DateTimeOffset began, DateTimeOffset now) => now - began > Age;
}

using System.Globalization;
using System.Security.Cryptography;
using Engine.Tables.Rows;

namespace Engine.Tables.Sql;

/// <summary>
/// Names of the tables that live only while results are written: of one run alone, so that two runs never write into
/// the same one, and with the time in them, so that what a killed run left behind is recognised.
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
    /// Whether a table was left behind by a run that wrote into <paramref name="final"/> and is long over.
    /// </summary>
    public static bool IsLeftover(string table, string final, DateTimeOffset now)
    {
        var mark = new[] { StagingMark, RetiredMark }.FirstOrDefault(
            mark => table.StartsWith(final + mark, StringComparison.Ordinal));
        var run = mark is null ? "" : table[(final.Length + mark.Length)..];
        return run.Length == TimeFormat.Length + 4
            && DateTime.TryParseExact(
                run[..TimeFormat.Length],
                TimeFormat,
                CultureInfo.InvariantCulture,
                DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal,
                out var began)
            && now.UtcDateTime - began > Age;
    }
}

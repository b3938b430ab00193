using System.Globalization;
using Engine.Datasets.Behaviors;
using Trainer.Data.Rows;

namespace Trainer.Data.Reading;

/// <summary>
/// Warns of values that stand for nothing or for nobody: words for nothing as ids and tags, and one user id for all who
/// are not signed in.
/// </summary>
internal static class StandIns
{
    private const int Share = 20;
    private const int Sample = 1 << 16;

    // What programs write into a cell that holds nothing.
    private static readonly string[] Nothing =
    [
        "NULL", "null", "Null", "(null)", "nil", "NaN", "nan", "N/A", "n/a", "<NA>", "\\N", "undefined",
        "None", "none", "NA", // these three are words of tags, too
    ];

    /// <summary>
    /// Says which user id is a word for nothing, or has a twentieth of the behaviors and far more than its share,
    /// though its rows were read as those of one person.
    /// </summary>
    public static IEnumerable<string> Users(BehaviorLog log, IdTable users)
    {
        var words = Nothing.Select(word => users.Find(word)).Where(user => user >= 0).ToList();
        foreach (var user in words.Concat(FindLarge(log, users.Count).Except(words)))
        {
            long rows = 0;
            for (long i = 0; i < log.Count; i++)
            {
                rows += log[i].User == user ? 1 : 0;
            }

            if (words.Contains(user) || rows * Share >= log.Count)
            {
                yield return string.Create(
                    CultureInfo.InvariantCulture,
                    $"{rows:N0} of {log.Count:N0} behaviors are of the user id '{users[user]}', which counts as one "
                    + $"person. If it stands for no person, such as a shopper who is not signed in, leave these rows "
                    + $"out and train again.");
            }
        }
    }

    /// <summary>Says which tags have a word for nothing as a value.</summary>
    public static IEnumerable<string> Tags(IReadOnlyList<TagColumn> tags)
    {
        foreach (var tag in tags)
        {
            var (values, codes) = tag switch
            {
                TextTag text => (text.Values, text.Codes),
                MultiTag multi => (multi.Values, multi.Codes),
                _ => ([], []),
            };
            var code = Array.FindIndex(values, value => Array.IndexOf(Nothing[..^3], value) >= 0);
            if (code >= 0)
            {
                yield return string.Create(
                    CultureInfo.InvariantCulture,
                    $"The tag '{tag.Column}' of {codes.Count(one => one == code):N0} products is the text "
                    + $"'{values[code]}', which counts as a value that they share. If it stands for none, leave the "
                    + $"cells empty and train again.");
            }
        }
    }

    // Users who may have so many rows, by rows that lie evenly in the log: their number of rows is counted after this.
    private static IEnumerable<int> FindLarge(BehaviorLog log, int users)
    {
        var step = Math.Max(1, log.Count / Sample);
        var seen = new Dictionary<int, long>();
        for (long i = 0; i < log.Count; i += step)
        {
            seen[log[i].User] = seen.GetValueOrDefault(log[i].User) + 1;
        }

        var all = seen.Values.Sum();
        return seen.Where(pair => pair.Value * Share * 5 >= all * 4 && pair.Value * users >= all * Share)
            .OrderByDescending(pair => pair.Value).ThenBy(pair => pair.Key).Select(pair => pair.Key);
    }
}

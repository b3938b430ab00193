using System.Globalization;
using Engine;
using Trainer.Evaluation.Metrics;

namespace Trainer.Leaderboard.Splits;

/// <summary>Writes ranked lists as CSV <c>user,rank,item,score</c> with the ids of the split's own files.</summary>
public static class RecommendationFile
{
    /// <summary>
    /// Writes all lists; ranks start at 1, scores have nine significant digits (every fp32 value reads back).
    /// </summary>
    /// <exception cref="InputException">The file cannot be written.</exception>
    public static void Write(string path, Ranking ranking, BenchmarkSplit split)
    {
        try
        {
            using var writer = new StreamWriter(path);
            writer.Write("user,rank,item,score\n");
            foreach (var n in Enumerable.Range(0, ranking.Users.Length).OrderBy(n => split.UserIds[ranking.Users[n]]))
            {
                var list = ranking.List(n);
                for (var place = 0; place < list.Length && list[place] >= 0; place++)
                {
                    writer.Write(string.Create(
                        CultureInfo.InvariantCulture,
                        $"{split.UserIds[ranking.Users[n]]},{place + 1},{split.ItemIds[list[place]]},"
                        + $"{ranking.Scores[(n * ranking.K) + place]:G9}\n"));
                }
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException(
                $"cannot write {path}: {e.Message} Name a file in a folder that exists and can be written.", e);
        }
    }
}

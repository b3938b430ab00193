using System.Globalization;
using System.IO.Compression;
using Engine;
using Trainer.Data.Running;
using Trainer.Models.Matrices;

namespace Trainer.Leaderboard.Splits;

/// <summary>
/// A public collaborative-filtering split in the text form of LightGCN and BARS: one user per line, <c>user item item
/// ...</c>, whole numbers of at least 0; <c>.gz</c> files are decompressed while they are read. Numbers are names, and
/// a user's lines are one set: ordinals follow <see cref="StructuralOrder"/> of the train part, so neither numbers nor
/// the order of lines and items decide anything.
/// </summary>
/// <param name="UserIds">The file's number of every user.</param>
/// <param name="ItemIds">The file's number of every item of train or test.</param>
/// <param name="Train">Users by items, weights 1.</param>
/// <param name="Test">The same shape.</param>
public sealed record BenchmarkSplit(int[] UserIds, int[] ItemIds, InteractionMatrix Train, InteractionMatrix Test)
{
    /// <summary>Reads both files.</summary>
    /// <exception cref="InputException">
    /// A file cannot be read, a line is not of that form (the message has file and line), a file has no item, or the
    /// test file has nothing that can be recommended.
    /// </exception>
    public static BenchmarkSplit Read(string trainPath, string testPath, RunContext run)
    {
        var (train, test) = (ReadLines(trainPath), ReadLines(testPath));
        Refuse("user", train.Select(line => line.User), test.Select(line => line.User), trainPath, testPath);
        Refuse("item", train.SelectMany(line => line.Items), test.SelectMany(line => line.Items), trainPath, testPath);
        var split = Of(train, test, run);
        return split.HasNews()
            ? split
            : throw new InputException(
                $"every item of {testPath} is a train item of its user in {trainPath}; rankings leave those out, so "
                + "every metric would be 0. Give the two files of one split.");
    }

    /// <summary>Reads the train file alone, for code that must not see the test file.</summary>
    /// <exception cref="InputException">As <see cref="Read"/>.</exception>
    public static InteractionMatrix ReadTrain(string path, RunContext run) => Of(ReadLines(path), [], run).Train;

    private static void Refuse(
        string what, IEnumerable<int> train, IEnumerable<int> test, string trainPath, string testPath)
    {
        if (!test.Any(train.ToHashSet().Contains))
        {
            throw new InputException(
                $"found no {what} of {testPath} in {trainPath}; expected the same numbers in both. Give the two files "
                + "of one split.");
        }
    }

    // What train does not have comes last: what is in train has the same ordinals with and without the test part.
    private static BenchmarkSplit Of(
        List<(int User, int[] Items)> train, List<(int User, int[] Items)> test, RunContext run)
    {
        var users = Ids(train.Concat(test).Select(line => line.User));
        var items = Ids(train.Concat(test).SelectMany(line => line.Items));
        var numbered = Build(train, users, items);
        var (userOrder, itemOrder) = StructuralOrder.Of(numbered, run);
        return new BenchmarkSplit(
            Array.ConvertAll(userOrder, user => users[user]),
            Array.ConvertAll(itemOrder, item => items[item]),
            StructuralOrder.Apply(numbered, userOrder, itemOrder, run),
            StructuralOrder.Apply(Build(test, users, items), userOrder, itemOrder, run));
    }

    // Whether a user has a test item that is no train item.
    private bool HasNews()
    {
        for (var user = 0; user < Test.RowCount; user++)
        {
            foreach (var item in Test.RowColumns(user))
            {
                if (!Train.RowColumns(user).Contains(item))
                {
                    return true;
                }
            }
        }

        return false;
    }

    private static int[] Ids(IEnumerable<int> ids)
    {
        var sorted = new HashSet<int>(ids).ToArray();
        Array.Sort(sorted);
        return sorted;
    }

    private static InteractionMatrix Build(List<(int User, int[] Items)> lines, int[] users, int[] items)
    {
        var rows = new List<int>?[users.Length];
        foreach (var (user, list) in lines)
        {
            var row = rows[Array.BinarySearch(users, user)] ??= [];
            row.AddRange(list.Select(item => Array.BinarySearch(items, item)));
        }

        var matrix = new MatrixBuilder(items.Length);
        foreach (var row in rows)
        {
            foreach (var item in row?.Distinct() ?? [])
            {
                matrix.Add(item);
            }

            matrix.EndRow();
        }

        return matrix.Build();
    }

    private static List<(int User, int[] Items)> ReadLines(string path)
    {
        try
        {
            using var file = File.OpenRead(path);
            using Stream stream = path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase)
                ? new GZipStream(file, CompressionMode.Decompress)
                : file;
            using var reader = new StreamReader(stream);
            var lines = new List<(int, int[])>();
            for (var number = 1; reader.ReadLine() is { } line; number++)
            {
                var values = Parse(line, path, number);
                if (values.Length > 0)
                {
                    lines.Add((values[0], values[1..]));
                }
            }

            // It reads its file once more when nothing is left behind its data.
            file.Position = 0;
            _ = stream.ReadByte();
            if (stream != file && file.Position == 0 && file.Length > 0)
            {
                throw new InputException(
                    $"cannot read {path}: found other bytes behind its gzip data; expected its end. Write it again.");
            }

            RefuseRatings(path, lines);
            return lines.Exists(line => line.Item2.Length > 0)
                ? lines
                : throw new InputException(
                    $"{path} has no item of any user; expected lines 'user item item ...'. Check the file.");
        }
        catch (InvalidDataException e)
        {
            throw new InputException(
                $"cannot read {path}: found no gzip data, or data that is cut off or damaged; expected a file that "
                + "passes `gzip -t`. If it is plain text, take .gz off its name.",
                e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException(
                $"cannot read {path}: {e.Message} Give a text file 'user item item ...', plain or .gz.", e);
        }
    }

    // A rating and a time behind each item would be read as two more items.
    private static void RefuseRatings(string path, List<(int User, int[] Items)> lines)
    {
        if (lines.Count > 0 && lines[0].Items.Length is (2 or 3) and var columns
            && lines.TrueForAll(line => line.Items.Length == columns)
            && lines.DistinctBy(line => line.User).Count() < lines.Count)
        {
            throw new InputException(
                $"{path}: found {columns + 1} numbers in every line and users in several lines, as in 'user item "
                + "rating time'; expected a line for each user, 'user item item ...'. Leave ratings and times out.");
        }
    }

    private static int[] Parse(string line, string path, int number)
    {
        var parts = line.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
        var values = new int[parts.Length];
        for (var n = 0; n < parts.Length; n++)
        {
            if (!int.TryParse(parts[n], NumberStyles.None, CultureInfo.InvariantCulture, out values[n]))
            {
                throw new InputException(
                    $"{path}, line {number}: found '{parts[n]}', expected whole numbers 'user item item "
                    + "...' separated by spaces");
            }
        }

        return values;
    }
}

using Trainer.Models.Matrices;

namespace Trainer.Tests.Leaderboard;

/// <summary>
/// A made split: items in groups of uneven popularity, users who like a few groups, and a random fifth of each user's
/// items as test part. With sessions, a user picks short runs of adjacent items of a group, as trips and orders do.
/// </summary>
internal sealed record MadeSplit(InteractionMatrix Train, InteractionMatrix Test)
{
    private const int Groups = 12;

    public static MadeSplit Of(int users, int items, int length, bool sessions, int seed)
    {
        var random = new Random(seed);
        var (train, test) = (new List<int[]>(), new List<int[]>());
        for (var user = 0; user < users; user++)
        {
            var likes = Enumerable.Range(0, 3).Select(_ => random.Next(Groups)).ToArray();
            var chosen = new HashSet<int>();
            var most = Math.Min(items / 2, Math.Max(6, (int)(length * (0.4 + (1.2 * random.NextDouble())))));
            while (chosen.Count < most)
            {
                // The square favors the first items of a group.
                var group = random.NextDouble() < 0.75 ? likes[random.Next(likes.Length)] : random.Next(Groups);
                var size = items / Groups;
                var place = (int)(Math.Pow(random.NextDouble(), 2) * size);
                for (var n = 0; n < (sessions ? 4 : 1); n++)
                {
                    chosen.Add((group * size) + ((place + n) % size));
                }
            }

            var list = chosen.ToArray();
            random.Shuffle(list);
            var held = list.Length / 5;
            test.Add([.. list[..held].Order()]);
            train.Add([.. list[held..].Order()]);
        }

        return new MadeSplit(Models.RandomInteractions.Of(train, items), Models.RandomInteractions.Of(test, items));
    }

    /// <summary>Writes both parts, numbers and orders as they are, or both drawn anew.</summary>
    public (string Train, string Test) Write(string folder, Random? shuffle)
    {
        int[] users = [.. Enumerable.Range(0, Train.RowCount)];
        int[] items = [.. Enumerable.Range(0, Train.ColumnCount)];
        if (shuffle is not null)
        {
            shuffle.Shuffle(users);
            shuffle.Shuffle(items);
        }

        return (Write(Train, Path.Combine(folder, "train.txt")), Write(Test, Path.Combine(folder, "test.txt")));

        string Write(InteractionMatrix matrix, string path)
        {
            var lines = Enumerable.Range(0, matrix.RowCount).Select(user =>
            {
                var row = Array.ConvertAll(matrix.RowColumns(user).ToArray(), item => items[item]);
                shuffle?.Shuffle(row);
                return $"{users[user]} {string.Join(' ', row)}";
            }).ToArray();
            shuffle?.Shuffle(lines);
            File.WriteAllLines(path, lines);
            return path;
        }
    }
}

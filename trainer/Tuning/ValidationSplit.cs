using Trainer.Models;

namespace Trainer.Tuning;

/// <summary>
/// A validation part carved out of train: of every user with at least five items a fifth, a run of neighbours in the file's
/// numbering whose start is drawn by seed and user alone. The test part of a benchmark is never touched.
/// </summary>
/// <remarks>
/// Numbers are often given in the order of first appearance, so neighbours belong together: one trip, one order. Held out one
/// by one, such items are found through the rest of their group, which favours models that memorise pairs; held out as a group,
/// they ask what the user will want another time. Where numbers mean nothing, a run is as good as any draw.
/// </remarks>
/// <param name="Fit">What models are fitted on.</param>
/// <param name="Held">What they are judged on.</param>
/// <param name="Users">
/// Users with held-out items that are judged, ascending: all, or blocks of eight neighbours drawn by the seed.
/// </param>
public sealed record ValidationSplit(InteractionMatrix Fit, InteractionMatrix Held, int[] Users)
{
    private const int MinimumItems = 5;
    private const int HeldShare = 5;
    private const int Block = 8;

    /// <summary>Carves the split.</summary>
    /// <param name="train">Users by items.</param>
    /// <param name="seed">Decides what is held out.</param>
    /// <param name="maximumUsers">About how many users are judged at most.</param>
    public static ValidationSplit Carve(InteractionMatrix train, ulong seed, int maximumUsers)
    {
        var held = new bool[train.Count];
        for (var user = 0; user < train.RowCount; user++)
        {
            Hold(train, user, seed, held);
        }

        var heldMatrix = Select(train, held, true);
        var users = Enumerable.Range(0, train.RowCount).Where(user => heldMatrix.RowLength(user) > 0).ToArray();
        if (users.Length > maximumUsers)
        {
            // Compare in fp64: whole blocks, so that blocked scoring stays dense.
            var share = (double)maximumUsers / users.Length;
            users = [.. users.Where(user => Mix(seed + (ulong)(user / Block)) < share * ulong.MaxValue)];
        }

        return new ValidationSplit(Select(train, held, false), heldMatrix, users);
    }

    // The run goes round the end of the list: every item is held out with the same probability.
    private static void Hold(InteractionMatrix train, int user, ulong seed, bool[] held)
    {
        var length = train.RowLength(user);
        if (length < MinimumItems)
        {
            return;
        }

        var start = (int)(Mix(seed ^ ((ulong)(uint)user << 32)) % (ulong)length);
        for (var n = 0; n < length / HeldShare; n++)
        {
            held[train.Offsets[user] + ((start + n) % length)] = true;
        }
    }

    private static InteractionMatrix Select(InteractionMatrix train, bool[] held, bool wanted)
    {
        var offsets = new long[train.RowCount + 1];
        var columns = new List<int>();
        var weights = new List<float>();
        for (var user = 0; user < train.RowCount; user++)
        {
            for (var e = train.Offsets[user]; e < train.Offsets[user + 1]; e++)
            {
                if (held[e] == wanted)
                {
                    columns.Add(train.Columns[e]);
                    weights.Add(train.Weights[e]);
                }
            }

            offsets[user + 1] = columns.Count;
        }

        return new InteractionMatrix(train.RowCount, train.ColumnCount, offsets, [.. columns], [.. weights]);
    }

    private static ulong Mix(ulong z)
    {
        z += 0x9E3779B97F4A7C15UL;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBUL;
        return z ^ (z >> 31);
    }
}

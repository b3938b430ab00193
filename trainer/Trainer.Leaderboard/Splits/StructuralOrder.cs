using Engine.Kernels.Arithmetic;
using Trainer.Data.Running;
using Trainer.Models.Matrices;

namespace Trainer.Leaderboard.Splits;

/// <summary>
/// An order of users and items that their numbers do not decide: by descending count, then by a signature of who is
/// connected to whom. Renumbered or shuffled files get the same order, so everything that follows an order (draws, sums
/// in fp32, ties) is the same.
/// </summary>
/// <remarks>
/// The signature is that of color refinement (Weisfeiler and Leman 1968): it starts as the count, and each round mixes
/// in the sum of the neighbors' signatures. Rows that stay equal have the same columns in nearly all real data, so
/// their order changes nothing: the numbers decide it for items, the items for users.
/// </remarks>
public static class StructuralOrder
{
    // Signatures tell apart whatever differs within so many steps; real data are that wide.
    private const int Rounds = 6;

    /// <summary>The users and the items in order.</summary>
    /// <param name="train">Users by items.</param>
    /// <param name="run">Threads, progress, cancellation; no result depends on it.</param>
    public static (int[] Users, int[] Items) Of(InteractionMatrix train, RunContext run)
    {
        var byUser = Incidence.Of(train);
        var byItem = byUser.Transpose(null, run);
        var users = Counts(byUser);
        var items = Counts(byItem);
        for (var round = 0; round < Rounds; round++)
        {
            var next = Refined(byUser, users, items);
            items = Refined(byItem, items, users);
            users = next;
        }

        var itemOrder = Sorted(byItem, items, (_, _) => 0);
        var places = PlacesOf(itemOrder);
        return (Sorted(byUser, users, (a, b) => Compare(byUser.Row(a), byUser.Row(b), places)), itemOrder);
    }

    /// <summary>The rows and columns of a matrix put into an order.</summary>
    public static InteractionMatrix Apply(InteractionMatrix matrix, int[] users, int[] items, RunContext run)
    {
        var columns = matrix.Renumber(PlacesOf(items), run);
        var offsets = new long[users.Length + 1];
        for (var user = 0; user < users.Length; user++)
        {
            offsets[user + 1] = offsets[user] + columns.RowLength(users[user]);
        }

        return new InteractionMatrix(
            users.Length,
            items.Length,
            offsets,
            [.. users.SelectMany(user => columns.RowColumns(user).ToArray())],
            [.. users.SelectMany(user => columns.RowWeights(user).ToArray())]);
    }

    private static int[] PlacesOf(int[] order)
    {
        var places = new int[order.Length];
        for (var place = 0; place < places.Length; place++)
        {
            places[order[place]] = place;
        }

        return places;
    }

    private static ulong[] Counts(Incidence matrix)
    {
        var counts = new ulong[matrix.RowCount];
        for (var row = 0; row < counts.Length; row++)
        {
            counts[row] = (ulong)matrix.RowLength(row);
        }

        return counts;
    }

    // Sums that wrap around do not depend on the order of their terms.
    private static ulong[] Refined(Incidence matrix, ulong[] own, ulong[] others)
    {
        var hashes = Array.ConvertAll(others, SplitMix64.Hash);
        var refined = new ulong[own.Length];
        for (var row = 0; row < refined.Length; row++)
        {
            var sum = 0ul;
            foreach (var column in matrix.Row(row))
            {
                sum += hashes[column];
            }

            refined[row] = SplitMix64.Hash(own[row] + (3 * SplitMix64.Hash(sum)));
        }

        return refined;
    }

    private static int[] Sorted(Incidence matrix, ulong[] signatures, Comparison<int> tie)
    {
        var rows = Enumerable.Range(0, signatures.Length).ToArray();
        Array.Sort(rows, (a, b) =>
            matrix.RowLength(a) != matrix.RowLength(b) ? matrix.RowLength(b).CompareTo(matrix.RowLength(a))
            : signatures[a] != signatures[b] ? signatures[a].CompareTo(signatures[b])
            : tie(a, b) is not 0 and var order ? order
            : a.CompareTo(b));
        return rows;
    }

    private static int Compare(ReadOnlySpan<int> a, ReadOnlySpan<int> b, int[] places)
    {
        var (left, right) = (Places(a, places), Places(b, places));
        return left.AsSpan().SequenceCompareTo(right);
    }

    private static int[] Places(ReadOnlySpan<int> columns, int[] places)
    {
        var found = new int[columns.Length];
        for (var n = 0; n < found.Length; n++)
        {
            found[n] = places[columns[n]];
        }

        Array.Sort(found);
        return found;
    }
}

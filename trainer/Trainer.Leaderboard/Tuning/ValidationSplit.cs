using Engine.Kernels.Arithmetic;
using Trainer.Models.Matrices;

namespace Trainer.Leaderboard.Tuning;

/// <summary>
/// A validation part of train: a tenth of each user's items, drawn by a hash of seed, user and item. The test part of a
/// benchmark is never read.
/// </summary>
/// <remarks>
/// Each pair is held out with the same probability and independently of what resembles it. Holding out what belongs
/// together (a run of adjacent numbers, a cluster) leaves a hole in the history that models see the better the better
/// they fit, so on dense sets the most blurred model would win. A split without times and orders shows no groups:
/// numbers are names. Models should know nearly as much of a user as in the end: the less they know, the more they rely
/// on popularity. A small set has several folds, disjoint tenths, and candidates are evaluated on all of them: one
/// fold of a thousand users cannot tell apart settings that differ by a hundredth. The folds are stacked as if they
/// were further users.
/// </remarks>
/// <param name="Fit">What models are fitted on.</param>
/// <param name="Held">What they are evaluated on.</param>
/// <param name="Users">
/// Users with held-out items that are evaluated, ascending: all, or blocks of eight adjacent users drawn by the seed.
/// </param>
public sealed record ValidationSplit(InteractionMatrix Fit, InteractionMatrix Held, int[] Users)
{
    /// <summary>
    /// What models are fitted on, one after the other: <see cref="Fit"/>, or the folds that it consists of.
    /// </summary>
    public IReadOnlyList<InteractionMatrix> Folds { get; private init; } = [Fit];

    private const int MinimumItems = 2;
    private const int HeldShare = 10;
    private const int MostFolds = 5;
    private const int Block = 8;

    /// <summary>As many folds as a set of its size needs, one to five.</summary>
    /// <param name="train">Users by items.</param>
    /// <param name="seed">Decides what is held out.</param>
    /// <param name="enough">Users in all folds together that are enough: no further fold is added.</param>
    /// <param name="maximumUsers">About how many users are evaluated at most, all folds together.</param>
    public static ValidationSplit OfFolds(InteractionMatrix train, ulong seed, int enough, int maximumUsers)
    {
        var first = OfFold(train, seed, maximumUsers);
        var count = Math.Clamp(enough / Math.Max(1, first.Users.Length), 1, MostFolds);
        return count == 1
            ? first
            : Stack([.. Enumerable.Range(0, count).Select(fold => OfFold(train, seed, maximumUsers, fold))]);
    }

    /// <summary>One fold.</summary>
    /// <param name="train">Users by items.</param>
    /// <param name="seed">Decides what is held out.</param>
    /// <param name="maximumUsers">About how many users are evaluated at most.</param>
    /// <param name="fold">0..9: which of ten disjoint tenths.</param>
    public static ValidationSplit OfFold(InteractionMatrix train, ulong seed, int maximumUsers, int fold = 0)
    {
        var held = new bool[train.Count];
        for (var user = 0; user < train.RowCount; user++)
        {
            Hold(train, user, seed, fold, held);
        }

        var heldMatrix = train.Where((_, e) => held[e]);
        var users = Enumerable.Range(0, train.RowCount).Where(user => heldMatrix.RowLength(user) > 0).ToArray();
        if (users.Length > maximumUsers)
        {
            // Compare in fp64: whole blocks, so that blocked scoring stays dense.
            var share = (double)maximumUsers / users.Length;
            users = [.. users.Where(user => SplitMix64.Hash(seed + (ulong)(user / Block)) < share * ulong.MaxValue)];
        }

        return new ValidationSplit(train.Where((_, e) => !held[e]), heldMatrix, users);
    }

    // The ten tenths of a user are the runs of a drawn order; which of them is the first is drawn too, so that none is
    // the shorter one more often. Of two items at least one stays.
    private static void Hold(InteractionMatrix train, int user, ulong seed, int fold, bool[] held)
    {
        var length = train.RowLength(user);
        if (length < MinimumItems)
        {
            return;
        }

        var hash = SplitMix64.Hash(seed ^ SplitMix64.Hash((ulong)user));
        var places = Enumerable.Range(0, length).ToArray();
        Array.Sort(
            Array.ConvertAll(train.RowColumns(user).ToArray(), item => SplitMix64.Hash(hash ^ (ulong)item)), places);
        var part = (fold + (int)(hash % HeldShare)) % HeldShare;
        foreach (var place in places.AsSpan(
            part * length / HeldShare, ((part + 1) * length / HeldShare) - (part * length / HeldShare)))
        {
            held[train.Offsets[user] + place] = true;
        }
    }

    private static ValidationSplit Stack(ValidationSplit[] folds)
    {
        var rows = folds[0].Fit.RowCount;
        return new ValidationSplit(
            folds.Select(fold => fold.Fit).Aggregate((above, below) => above.Append(below)),
            folds.Select(fold => fold.Held).Aggregate((above, below) => above.Append(below)),
            [.. folds.SelectMany((fold, n) => fold.Users.Select(user => (n * rows) + user))])
        {
            Folds = Array.ConvertAll(folds, fold => fold.Fit),
        };
    }
}

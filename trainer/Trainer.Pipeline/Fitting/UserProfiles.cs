using Engine.Scoring.Profiles;
using Engine.Snapshots.Manifest;
using Engine.Snapshots.Writing;
using Trainer.Data.Running;
using Trainer.Data.Scoping;
using Trainer.Models.Matrices;

namespace Trainer.Pipeline.Fitting;

/// <summary>The profiles of all users, built as the engine builds the profile of a basket.</summary>
/// <param name="Weights">Users by products: the input of the user solve.</param>
/// <param name="History">Element for element: its weight in the similarity score.</param>
/// <param name="Own">Element for element: what it adds to the score of the product itself; empty if unwanted.</param>
/// <param name="Rates">By user.</param>
public sealed record UserProfiles(SparseContent Weights, float[] History, float[] Own, float[] Rates)
{
    private const int UsersPerPiece = 512;

    /// <summary>The behaviors of a scope, products as the scope numbers them.</summary>
    public static HistoryContent HistoryOf(ScopedDataset scoped) => new(
        scoped.Offsets,
        scoped.Products,
        scoped.Days,
        Array.ConvertAll(scoped.Types, type => (byte)type),
        scoped.Counts);

    /// <summary>
    /// Builds them, into arrays of their final size: at the most, memory is what the result takes, and 12 bytes a user.
    /// </summary>
    /// <param name="history">Behaviors by user.</param>
    /// <param name="lastDay">date(L), as the history counts days.</param>
    /// <param name="tables">The weights and terms.</param>
    /// <param name="repeat">For each product what a purchase adds to its own term.</param>
    /// <param name="run">Threads, progress, cancellation; no result depends on it.</param>
    /// <param name="users">The users, a row each; null for all of the history.</param>
    /// <param name="own">Whether <see cref="Own"/> is wanted; it is empty otherwise.</param>
    /// <param name="room">Entries left free behind the weights, for rows below them.</param>
    public static UserProfiles Build(
        HistoryContent history,
        int lastDay,
        ProfileTables tables,
        float[] repeat,
        RunContext run,
        int[]? users = null,
        bool own = true,
        int room = 0)
    {
        var rows = users?.Length ?? history.Offsets.Length - 1;
        var (offsets, lengths, rates) = (new long[rows + 1], new int[rows], new float[rows]);
        ForEachRow(run, rows, () => history, (_, row) => offsets[row + 1] = Products(history, users?[row] ?? row));
        for (var row = 0; row < rows; row++)
        {
            offsets[row + 1] += offsets[row];
        }

        var most = checked((int)offsets[rows] + room);
        var (products, weights, histories) = (new int[most], new float[most], new float[most - room]);
        var owns = new float[own ? most - room : 0];
        ForEachRow(run, rows, () => new ProfileBuilder(tables), (builder, row) =>
        {
            var user = users?[row] ?? row;
            builder.Begin();
            for (var e = history.Offsets[user]; e < history.Offsets[user + 1]; e++)
            {
                builder.Add(history.Products[e], (BehaviorType)history.Types[e], lastDay - history.Days[e]);
            }

            builder.Finish(repeat);
            var profile = builder.Row;
            var start = (int)offsets[row];
            profile.Weights.Indices.CopyTo(products.AsSpan(start));
            profile.Weights.Values.CopyTo(weights.AsSpan(start));
            profile.History.Values.CopyTo(histories.AsSpan(start));
            if (own)
            {
                profile.Own.Values.CopyTo(owns.AsSpan(start));
            }

            (lengths[row], rates[row]) = (profile.Weights.Count, builder.UserRate);
        });
        return Close(
            new UserProfiles(new SparseContent(offsets, products, weights), histories, owns, rates), lengths, room);
    }

    private static void ForEachRow<T>(RunContext run, int rows, Func<T> scratch, Action<T, int> visit) => Workers.Run(
        (rows + UsersPerPiece - 1) / UsersPerPiece,
        run,
        scratch,
        (mine, piece) =>
        {
            for (var row = piece * UsersPerPiece; row < Math.Min(rows, (piece + 1) * UsersPerPiece); row++)
            {
                visit(mine, row);
            }
        });

    // Different products of a user: histories are sorted by product.
    private static int Products(HistoryContent history, int user)
    {
        var (count, last) = (0, -1);
        for (var e = history.Offsets[user]; e < history.Offsets[user + 1]; e++)
        {
            count += history.Products[e] != last ? 1 : 0;
            last = history.Products[e];
        }

        return count;
    }

    // Behavior that weighs nothing leaves gaps: the rows behind them move up.
    private static UserProfiles Close(UserProfiles loose, int[] lengths, int room)
    {
        var (offsets, products, weights) = loose.Weights;
        var (histories, own) = (loose.History, loose.Own);
        var to = 0;
        for (var row = 0; row < lengths.Length; row++)
        {
            var (from, length) = ((int)offsets[row], lengths[row]);
            offsets[row] = to;
            if (from != to)
            {
                products.AsSpan(from, length).CopyTo(products.AsSpan(to));
                weights.AsSpan(from, length).CopyTo(weights.AsSpan(to));
                histories.AsSpan(from, length).CopyTo(histories.AsSpan(to));
                if (own.Length > 0)
                {
                    own.AsSpan(from, length).CopyTo(own.AsSpan(to));
                }
            }

            to += length;
        }

        offsets[^1] = to;
        Array.Resize(ref products, to + room);
        Array.Resize(ref weights, to + room);
        Array.Resize(ref histories, to);
        Array.Resize(ref own, own.Length > 0 ? to : 0);
        return new UserProfiles(new SparseContent(offsets, products, weights), histories, own, loose.Rates);
    }
}

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
/// <param name="Own">Element for element: what it adds to the score of the product itself.</param>
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

    /// <summary>Builds them.</summary>
    /// <param name="history">Behaviors by user.</param>
    /// <param name="lastDay">date(L), as the history counts days.</param>
    /// <param name="tables">The weights and terms.</param>
    /// <param name="repeat">For each product what a purchase adds to its own term.</param>
    /// <param name="run">Threads, progress, cancellation; no result depends on it.</param>
    public static UserProfiles Build(
        HistoryContent history, int lastDay, ProfileTables tables, float[] repeat, RunContext run)
    {
        var users = history.Offsets.Length - 1;
        var pieces = new Piece[(users + UsersPerPiece - 1) / UsersPerPiece];
        var rates = new float[users];
        Workers.Run(pieces.Length, run, () => new ProfileBuilder(tables), (builder, n) =>
        {
            var piece = pieces[n] = new Piece();
            for (var user = n * UsersPerPiece; user < Math.Min(users, (n + 1) * UsersPerPiece); user++)
            {
                builder.Begin();
                for (var e = history.Offsets[user]; e < history.Offsets[user + 1]; e++)
                {
                    builder.Add(history.Products[e], (BehaviorType)history.Types[e], lastDay - history.Days[e]);
                }

                builder.Finish(repeat);
                piece.Add(builder.Row);
                rates[user] = builder.UserRate;
            }
        });
        var offsets = new long[users + 1];
        for (var user = 0; user < users; user++)
        {
            offsets[user + 1] = offsets[user] + pieces[user / UsersPerPiece].Lengths[user % UsersPerPiece];
        }

        var products = new int[offsets[users]];
        var (weights, histories, own) =
            (new float[products.Length], new float[products.Length], new float[products.Length]);
        Workers.Run(pieces.Length, run, n =>
        {
            var start = (int)offsets[n * UsersPerPiece];
            pieces[n].Products.CopyTo(products, start);
            pieces[n].Weights.CopyTo(weights, start);
            pieces[n].History.CopyTo(histories, start);
            pieces[n].Own.CopyTo(own, start);
            pieces[n] = null!;
        });
        return new UserProfiles(new SparseContent(offsets, products, weights), histories, own, rates);
    }

    private sealed class Piece
    {
        public List<int> Lengths { get; } = [];

        public List<int> Products { get; } = [];

        public List<float> Weights { get; } = [];

        public List<float> History { get; } = [];

        public List<float> Own { get; } = [];

        public void Add(ProfileRow row)
        {
            Lengths.Add(row.Weights.Count);
            Products.AddRange(row.Weights.Indices);
            Weights.AddRange(row.Weights.Values);
            History.AddRange(row.History.Values);
            Own.AddRange(row.Own.Values);
        }
    }
}

using Engine.Scoring.Ranking;
using Trainer.Data.Running;
using Trainer.Evaluation.Calibration;
using Trainer.Evaluation.Splits;
using Trainer.Models.Matrices;
using Trainer.Pipeline.Scoring;

namespace Trainer.Pipeline.Evaluation;

/// <summary>
/// The engine's scores of users for products, and what they purchased in the window after the model's data.
/// </summary>
public sealed class WindowScores
{
    private const int MostUsers = 5000;
    private const double MostPairs = 2_000_000;

    // Products scored at a time.
    private const int Tile = 16;

    private readonly UserSample _sample;
    private readonly RunContext _run;

    // By product ordinal: places in the sample of the users who purchased it in the window, ascending.
    private readonly int[][] _buyers;

    /// <param name="model">The evaluated model; it has the users of <see cref="UsersOf"/>.</param>
    /// <param name="order">For each product ordinal the product's index in the holdout.</param>
    /// <param name="holdout">The window.</param>
    /// <param name="run">Threads, progress, cancellation; no result depends on it.</param>
    public WindowScores(TemporaryModel model, int[] order, Holdout holdout, RunContext run)
    {
        _run = run;
        Users = UsersOf(holdout);
        _sample = new UserSample(model.Model, Array.ConvertAll(Users, model.OrdinalOf), run.Threads);
        var byProduct = new List<int>[order.Length];
        for (var n = 0; n < Users.Length; n++)
        {
            foreach (var product in holdout.Truth.RowColumns(Users[n]))
            {
                (byProduct[product] ??= []).Add(n);
            }
        }

        _buyers = Array.ConvertAll(order, product => byProduct[product]?.ToArray() ?? []);
    }

    /// <summary>The users of a window whose scores are taken, evenly drawn from all, ascending.</summary>
    public static int[] UsersOf(Holdout holdout) =>
        PairSampler.Evenly([.. Enumerable.Range(0, holdout.Truth.RowCount)], MostUsers);

    /// <summary>The sampled users, ascending.</summary>
    public int[] Users { get; }

    /// <summary>Product ordinals.</summary>
    public int Products => _buyers.Length;

    /// <summary>Sampled users who purchased the product in the window.</summary>
    public int Buyers(int product) => _buyers[product].Length;

    /// <summary>
    /// Calls <paramref name="visit"/> for every product with at least so many buyers, on any thread, with the users'
    /// scores and labels.
    /// </summary>
    public void ForEach(int fewestBuyers, Action<int, float[], bool[]> visit)
    {
        foreach (var part in _sample.Parts())
        {
            Workers.Run((part.End - part.First + Tile - 1)
                / Tile, _run, () => new Scratch(Users.Length), (scratch, tile) =>
            {
                var first = part.First + (tile * Tile);
                var products = Enumerable.Range(first, Math.Min(Tile, part.End - first))
                    .Where(product => Buyers(product) >= fewestBuyers).ToArray();
                if (products.Length > 0)
                {
                    part.Score(products[0], scratch.Tile.AsSpan(0, (products[^1] - products[0] + 1) * Users.Length));
                }

                foreach (var product in products)
                {
                    scratch.Turn(product - products[0], _buyers[product]);
                    visit(product, scratch.Scores, scratch.Labels);
                }
            });
        }
    }

    /// <summary>
    /// Pairs for calibration, by halves of the users: all purchases, and of the others an even sample that represents
    /// all.
    /// </summary>
    public (ScoredLabel[] Even, ScoredLabel[] Odd) Sample()
    {
        var step = Math.Max(1, (int)Math.Ceiling((double)Users.Length * Products / MostPairs));
        var byProduct = new List<ScoredLabel>[2 * Products];
        ForEach(0, (product, scores, labels) =>
        {
            var halves = (Even: new List<ScoredLabel>(), Odd: new List<ScoredLabel>());
            for (var n = 0; n < scores.Length; n++)
            {
                if (labels[n] || ((n / 2) + product) % step == 0)
                {
                    (n % 2 == 0 ? halves.Even : halves.Odd).Add(
                        new ScoredLabel(scores[n], labels[n] ? 1 : step, labels[n]));
                }
            }

            (byProduct[product], byProduct[Products + product]) = halves;
        });
        return (
            [.. byProduct[..Products].SelectMany(list => list)], [.. byProduct[Products..].SelectMany(list => list)]);
    }

    private sealed class Scratch(int users)
    {
        public float[] Tile { get; } = new float[WindowScores.Tile * users];

        public float[] Scores { get; } = new float[users];

        public bool[] Labels { get; } = new bool[users];

        public void Turn(int place, int[] buyers)
        {
            Tile.AsSpan(place * users, users).CopyTo(Scores);
            Labels.AsSpan().Clear();
            foreach (var n in buyers)
            {
                Labels[n] = true;
            }
        }
    }
}

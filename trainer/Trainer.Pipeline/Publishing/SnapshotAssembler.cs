using Engine.Kernels.Arithmetic;
using Engine.Scoring.Profiles;
using Engine.Snapshots.Manifest;
using Engine.Snapshots.Writing;
using Trainer.Data.Running;
using Trainer.Data.Scoping;
using Trainer.Models.Matrices;
using Trainer.Pipeline.Fitting;
using Trainer.Pipeline.Scoring;
using Trainer.Pipeline.Settings;

namespace Trainer.Pipeline.Publishing;

/// <summary>
/// Turns a fitted model and its weights into the content of a snapshot: products renumbered in descending norm, users
/// solved once more in that order, so that a stored user equals the fold-in of its profile bit for bit.
/// </summary>
public sealed class SnapshotAssembler
{
    private const int UsersPerBlock = 1 << 17;

    private readonly ScopeModel _model;
    private readonly LearnedScore _score;
    private readonly TrainOptions _options;
    private readonly RunContext _run;
    private readonly FactorContent _products;

    private SnapshotAssembler(ScopeModel model, LearnedScore score, TrainOptions options, RunContext run)
    {
        _model = model;
        _score = score;
        _options = options;
        _run = run;
        var rows = ProductRows();
        Order = rows.DescendingNormOrder([.. Enumerable.Range(0, rows.Rows)]);
        _products = new FactorContent(rows.Rows, rows.Columns);
        for (var ordinal = 0; ordinal < Order.Length; ordinal++)
        {
            rows.Row(Order[ordinal]).CopyTo(_products.Row(ordinal));
        }
    }

    /// <summary>For each product ordinal of the snapshot the product's index in the scope.</summary>
    private int[] Order { get; }

    /// <summary>Assembles the content, with the product order that it has.</summary>
    /// <param name="model">The fitted parts.</param>
    /// <param name="score">How they add up.</param>
    /// <param name="options">Settings.</param>
    /// <param name="report">Of the training.</param>
    /// <param name="run">Threads, progress, cancellation; no result depends on it.</param>
    /// <param name="users">The users of the scope that it is to hold, ascending; null for all.</param>
    public static (SnapshotContent Content, int[] Order) Assemble(
        ScopeModel model,
        LearnedScore score,
        TrainOptions options,
        TrainingReport report,
        RunContext run,
        int[]? users = null)
    {
        var assembler = new SnapshotAssembler(model, score, options, run);
        return (assembler.Content(report, users), assembler.Order);
    }

    private SnapshotContent Content(TrainingReport report, int[]? users)
    {
        var scoped = _model.Scoped;
        var permutation = new Permutation(Order);
        var history = permutation.History(scoped, _run, users);
        var repeat = Array.ConvertAll(Order, product => _score.ProductRepeat(_model.Signals, product));
        var tables = new ProfileTables(_options.Weights, _score.Terms(_options.HistoryHalfLifeDays));
        var tags = TagTable.Select(scoped, Order);
        return new SnapshotContent
        {
            Manifest = Manifest(tags.Columns, history.Offsets.Length - 1),
            Report = report,
            UserIds = users is null ? scoped.UserIds : Array.ConvertAll(users, user => scoped.UserIds[user]),
            ProductIds = Array.ConvertAll(Order, product => scoped.ProductIds[product]),
            ProductNames =
                Array.ConvertAll(Order, product => scoped.Dataset.Products.Names[scoped.ProductSource[product]]),
            UserFactors = SolveUsers(history, tables, repeat),
            ProductFactors = _products,
            Spectrum = _model.Als.ItemSpectrum,
            ProductBuyers = Array.ConvertAll(Order, product => _model.Buyers[product]),
            ProductRepeat = repeat,
            ProductQuantiles = new float[Order.Length * ScoreQuantiles.Count],
            DerivesProfile = true,
            Profile = new SparseContent([0], [], []),
            ProfileHistory = [],
            ProfileOwn = [],
            History = history,
            Similarity = permutation.Similarity(_model.Similarity, _score.SimilarityWeight),
            Related = permutation.Related(_model.Related) with { Buyers = RelatedBuyers() },
            Tags = tags.Values,
        };
    }

    // In blocks, since all profiles at once would take more memory than the histories that they come from.
    private FactorContent SolveUsers(HistoryContent history, ProfileTables tables, float[] repeat)
    {
        var solved = new FactorContent(history.Offsets.Length - 1, _products.Columns);
        for (var first = 0; first < solved.Rows; first += UsersPerBlock)
        {
            int[] block = [.. Enumerable.Range(first, Math.Min(UsersPerBlock, solved.Rows - first))];
            var profiles = UserProfiles.Build(
                history, _model.Scoped.LastDay, tables, repeat, _run, block, own: false);
            SolveUsers(
                profiles, _products.View, _model.Als.ItemSpectrum, FoldInSettings(), _run, solved, first);
        }

        return solved;
    }

    // Null where they are those of the scope.
    private int[]? RelatedBuyers()
    {
        var buyers = _model.Related.Buyers;
        return _model.Related.Most == 0 || buyers.AsSpan().SequenceEqual([.. _model.Buyers, _model.Scoped.UserCount])
            ? null
            : [.. Order.Select(product => buyers[product]), buyers[^1]];
    }

    private SnapshotManifest Manifest(TagSchema[] tags, int users) => new()
    {
        Scope = new ScopeFacts
        {
            LastBehaviorTime = LastBehaviorTime(_model.Scoped).ToString("yyyy-MM-ddTHH:mm:ss.FFFFFFF"),
            ScopeStart = _model.Scoped.Scope.Start.ToString("yyyy-MM-dd"),
            HorizonDays = _options.Horizon,
        },
        IdentityType = _model.Scoped.Dataset.IdentityType,
        UserCount = users,
        ProductCount = _model.Scoped.ProductCount,
        FactorCount = _options.Als.Factors,
        RateDimensions = SnapshotManifest.StandardRateDimensions,
        Weights = _options.Weights,
        Calibration = CalibrationTerms.None,
        Preference = _score.Terms(_options.HistoryHalfLifeDays),
        FoldIn = FoldInSettings(),
        Tags = tags,
        Settings = Settings(),
    };

    // An evaluation's scope ends earlier than the dataset: with the last moment of its last day.
    private static DateTime LastBehaviorTime(ScopedDataset scoped) => scoped.Scope.End == scoped.Dataset.LastBehaviorDay
        ? scoped.Dataset.LastBehaviorTime
        : scoped.Scope.End.ToDateTime(new TimeOnly(23, 59, 59));

    private FoldInSettings FoldInSettings() => new()
    {
        UnobservedWeight = _options.Als.UnobservedWeight,
        Regularization = _options.Als.Regularization,
        RegularizationExponent = _options.Als.FrequencyExponent,
        FactorWeight = _score.FactorWeight,
    };

    private Dictionary<string, string> Settings() => new()
    {
        ["seed"] = Text(_options.Als.Seed),
        ["als.factors"] = Text(_options.Als.Factors),
        ["als.epochs"] = Text(_options.Als.Epochs),
        ["als.unobserved_weight"] = Text(_options.Als.UnobservedWeight),
        ["als.regularization"] = Text(_options.Als.Regularization),
        ["als.frequency_exponent"] = Text(_options.Als.FrequencyExponent),
        ["als.tag_weight"] = Text(_options.TagWeight),
        ["ridge.neighbors"] = Text(_options.Ridge.Neighbors),
        ["ridge.regularization"] = Text(_options.Ridge.Regularization),
        ["similarity.neighbors"] = Text(_options.Similarity.Neighbors),
        ["similarity.shrinkage"] = Text(_options.Similarity.Shrinkage),
        ["score.parts"] = _score.Name,
        ["score.factors"] = Text(_score.FactorWeight),
        ["score.similarity"] = Text(_score.SimilarityWeight),
    };

    private static string Text(IFormattable value) =>
        value.ToString(null, System.Globalization.CultureInfo.InvariantCulture);

    private FactorContent ProductRows()
    {
        var factors = _options.Als.Factors;
        var rows = new FactorContent(_model.Scoped.ProductCount, factors + 2);
        for (var product = 0; product < rows.Rows; product++)
        {
            _model.Als.Items.Row(product).CopyTo(rows.Row(product));
            rows.Row(product)[factors] = _score.ProductRate(_model.Signals, product);
            rows.Row(product)[factors + 1] = 1;
        }

        return rows;
    }

    /// <summary>The vectors of users, as the engine folds a profile in.</summary>
    internal static FactorContent SolveUsers(
        UserProfiles profiles, FactorRows products, double[] spectrum, FoldInSettings settings, RunContext run)
    {
        var solved = new FactorContent(profiles.Weights.Rows, products.Columns);
        SolveUsers(profiles, products, spectrum, settings, run, solved, 0);
        return solved;
    }

    private static void SolveUsers(
        UserProfiles profiles,
        FactorRows products,
        double[] spectrum,
        FoldInSettings settings,
        RunContext run,
        FactorContent solved,
        int first)
    {
        var profile = profiles.Weights;
        const int Piece = 256;
        Workers.Run(
            (profile.Rows + Piece - 1) / Piece,
            run,
            () => new FoldIn(products, spectrum, settings),
            (foldIn, piece) =>
            {
                for (var user = piece * Piece; user < Math.Min(profile.Rows, (piece + 1) * Piece); user++)
                {
                    foldIn.Solve(profile.Row(user), profiles.Rates[user])[..solved.Columns]
                        .CopyTo(solved.Row(first + user));
                }
            });
    }
}

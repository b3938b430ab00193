using Engine.Scoring.Checking;
using Engine.Scoring.Models;
using Engine.Scoring.Profiles;
using Engine.Snapshots;
using Engine.Snapshots.Manifest;
using Engine.Snapshots.Writing;

namespace Tests.Shared;

/// <summary>Small snapshots from a seed: every section filled, users solved by fold-in as the trainer does.</summary>
internal static class RandomSnapshot
{
    /// <summary>The content; equal arguments give equal content.</summary>
    /// <param name="seed">Of everything.</param>
    /// <param name="users">0 or more.</param>
    /// <param name="products">0 or more.</param>
    /// <param name="factors">ALS dimensions, 0 or more.</param>
    /// <param name="scale">Magnitude of the factors; 0 makes all dense scores equal.</param>
    /// <param name="similar">Neighbors of each product.</param>
    public static SnapshotContent Content(
        int seed, int users = 40, int products = 30, int factors = 8, float scale = 1, int similar = 5)
    {
        var random = new Random(seed);
        var productFactors = Factors(random, products, factors, scale);
        var history = Histories(random, users, products);
        var repeat = Enumerable.Range(0, products).Select(_ => (float)random.NextDouble() - 0.5f).ToArray();
        var profile = new Profiles(history, repeat);
        var fold = new FoldInSettings
        {
            UnobservedWeight = 0.1,
            Regularization = 0.01,
            RegularizationExponent = 1,
            FactorWeight = 0.5f,
        };
        // The Gramian's diagonal: of the size of its eigenvalues, which is all that the solve's conditioning asks for.
        var spectrum = Enumerable.Range(0, factors)
            .Select(k => Enumerable.Range(0, products).Sum(p => Math.Pow(productFactors.Row(p)[k], 2)) + 1e-6)
                .ToArray();
        return new SnapshotContent
        {
            Manifest = new SnapshotManifest
            {
                Scope = new ScopeFacts
                {
                    LastBehaviorTime = "2021-08-01T12:30:00",
                    ScopeStart = "2020-08-01",
                    HorizonDays = 60,
                },
                IdentityType = "member",
                UserCount = users,
                ProductCount = products,
                FactorCount = factors,
                RateDimensions = SnapshotManifest.StandardRateDimensions,
                Weights = Weights,
                Preference = Preference,
                Calibration = new CalibrationTerms
                {
                    Method = "platt",
                    Scores = [-2, 0, 3],
                    Probabilities = [0.01, 0.25, 0.75],
                },
                FoldIn = fold,
                Tags = Tags,
                Settings = new Dictionary<string, string> { ["seed"] = "1" },
            },
            Report = Report,
            UserIds = [.. Enumerable.Range(0, users).Select(u => $"user-{u:x}é")],
            ProductIds = [.. Enumerable.Range(0, products).Select(p => $"P{p}")],
            ProductNames = [.. Enumerable.Range(0, products).Select(p => $"Product number {p} 茶")],
            UserFactors = UserFactors(productFactors, spectrum, fold, profile),
            ProductFactors = productFactors,
            Spectrum = spectrum,
            ProductBuyers = Buyers(history, products),
            ProductRepeat = repeat,
            ProductQuantiles = Quantiles(products, users),
            Profile = profile.Weights,
            ProfileHistory = [.. profile.History],
            ProfileOwn = [.. profile.Own],
            History = history,
            Similarity = Similarity(random, products, similar),
            Related = Related(random, products, similar),
            Tags = TagValues(random, products),
        };
    }

    /// <summary>
    /// Writes the content to a new file in a temporary folder and opens it, verified. As a training does, it leaves the
    /// profiles out unless <paramref name="storesProfile"/>.
    /// </summary>
    public static Snapshot Open(SnapshotContent content, TemporaryFolder folder, bool storesProfile = false)
    {
        var path = folder.File($"{Guid.NewGuid():N}.snapshot");
        SnapshotWriter.Write(path, content with { DerivesProfile = !storesProfile });
        return Snapshot.OpenVerified(path);
    }

    private static TagSchema[] Tags =>
    [
        new() { Column = "category", Alias = "Category", Type = TagValueType.Text, Statistical = false },
        new() { Column = "sizes", Alias = "Sizes", Type = TagValueType.MultiText, Statistical = false },
        new() { Column = "price", Alias = "Price", Type = TagValueType.Number, Statistical = false },
        new() { Column = "launched", Alias = "Launched", Type = TagValueType.Date, Statistical = false },
    ];

    private static TrainingReport Report => new()
    {
        Counts = [new StageCount("rows read", 12345)],
        Rejected = [new RejectedRows("bad_time", 1, [new RejectedRow("behavior.csv", 7, "u,p,buy,never")])],
        Warnings = ["a warning"],
        Losses = [3.5, 2.25],
        Metrics = [new ModelMetrics("blend", 0.1, 0.2, 0.3, 0.4)],
        Holdout = new HoldoutFacts("2021-06-03", "2021-08-01", 10, 20),
    };

    private static FactorContent Factors(Random random, int products, int factors, float scale)
    {
        var raw = new FactorContent(products, factors + 2);
        for (var p = 0; p < products; p++)
        {
            // Tails, zero rows and equal rows: what real catalogs bring.
            var magnitude = p % 11 == 3 ? 0 : scale * MathF.Exp((float)random.NextDouble() * 3);
            foreach (ref var value in raw.Row(p))
            {
                value = magnitude * (float)((random.NextDouble() * 2) - 1);
            }

            raw.Row(p)[factors + 1] = 1;

            if (p % 7 == 5)
            {
                raw.Row(p - 1).CopyTo(raw.Row(p));
            }
        }

        var sorted = new FactorContent(products, factors + 2);
        var order = raw.DescendingNormOrder([.. Enumerable.Range(0, products)]);
        for (var p = 0; p < products; p++)
        {
            raw.Row(order[p]).CopyTo(sorted.Row(p));
        }

        return sorted;
    }

    private static HistoryContent Histories(Random random, int users, int products)
    {
        var offsets = new long[users + 1];
        var events = new List<(int Product, byte Type, ushort Day)>();
        for (var u = 0; u < users; u++)
        {
            var count = products == 0 ? 0 : random.Next(6);
            var own = Enumerable.Range(0, count)
                .Select(_ => (random.Next(products), (byte)random.Next(1, 5), (ushort)random.Next(366)));
            events.AddRange(own.Order());
            offsets[u + 1] = events.Count;
        }

        return new HistoryContent(
            offsets,
            [.. events.Select(e => e.Product)],
            [.. events.Select(e => e.Day)],
            [.. events.Select(e => e.Type)],
            [.. events.Select(_ => (ushort)1)]);
    }

    private static float[] Quantiles(int products, int users)
    {
        var quantiles = new float[products * ScoreQuantiles.Count];
        for (var p = 0; p < products; p++)
        {
            ScoreQuantiles.Summarize(
                [.. Enumerable.Range(0, users).Select(user => (user / 4f) - p)],
                quantiles.AsSpan(p * ScoreQuantiles.Count, ScoreQuantiles.Count));
        }

        return quantiles;
    }

    private static BehaviorWeights Weights =>
        new() { View = 0.1f, Favorite = 0.4f, Cart = 0.6f, Purchase = 1, HalfLifeDays = 90 };

    private static PreferenceTerms Preference => new()
    {
        HalfLives = [15, 60],
        Own =
        [
            new OwnTypeTerms { Type = BehaviorType.View, Present = 0.125, Days = 0.25, Decayed = [0.5, 0] },
            new OwnTypeTerms { Type = BehaviorType.Purchase, Present = 2, Days = 0.75, Decayed = [-0.5, 1.5] },
        ],
        Breadth = -0.25,
        UserRate = new UserRateTerms { Constant = -3, Days = 0.5, Products = -0.125, Decayed = [0.25, 0.5] },
        HistoryHalfLifeDays = 45,
    };

    /// <summary>The days of the scope year.</summary>
    private const int ScopeDays = 365;

    /// <summary>All users' profiles, built as the trainer builds them.</summary>
    private sealed class Profiles
    {
        public Profiles(HistoryContent history, float[] repeat)
        {
            var offsets = new long[history.Offsets.Length];
            var products = new List<int>();
            var weights = new List<float>();
            var builder = new ProfileBuilder(new ProfileTables(RandomSnapshot.Weights, Preference));
            for (var u = 0; u + 1 < offsets.Length; u++)
            {
                builder.Begin();
                for (var e = history.Offsets[u]; e < history.Offsets[u + 1]; e++)
                {
                    builder.Add(history.Products[e], (BehaviorType)history.Types[e], ScopeDays - history.Days[e]);
                }

                builder.Finish(repeat);
                var row = builder.Row;
                products.AddRange(row.Weights.Indices);
                weights.AddRange(row.Weights.Values);
                History.AddRange(row.History.Values);
                Own.AddRange(row.Own.Values);
                Rates.Add(builder.UserRate);
                offsets[u + 1] = products.Count;
            }

            Weights = new SparseContent(offsets, [.. products], [.. weights]);
        }

        public SparseContent Weights { get; }

        public List<float> History { get; } = [];

        public List<float> Own { get; } = [];

        public List<float> Rates { get; } = [];
    }

    private static FactorContent UserFactors(
        FactorContent products, double[] spectrum, FoldInSettings fold, Profiles profiles)
    {
        var factors = new FactorContent(profiles.Weights.Rows, products.Columns);
        var foldIn = new FoldIn(products.View, spectrum, fold);
        for (var u = 0; u < factors.Rows; u++)
        {
            foldIn.Solve(profiles.Weights.Row(u), profiles.Rates[u])[..products.Columns].CopyTo(factors.Row(u));
        }

        return factors;
    }

    private static int[] Buyers(HistoryContent history, int products)
    {
        var buyers = new int[products];
        for (var u = 0; u + 1 < history.Offsets.Length; u++)
        {
            var own = Enumerable.Range((int)history.Offsets[u], (int)(history.Offsets[u + 1] - history.Offsets[u]));
            foreach (var product in own.Where(e => history.Types[e] == (byte)BehaviorType.Purchase)
                .Select(e => history.Products[e]).Distinct())
            {
                buyers[product]++;
            }
        }

        return buyers;
    }

    private static SparseContent Similarity(Random random, int products, int similar)
    {
        var rows = Enumerable.Range(0, products)
            .Select(
                p => Enumerable.Range(0, similar).Select(_ => random.Next(products)).Append(p).Distinct().Order()
                    .ToArray())
            .ToArray();
        var offsets = new long[products + 1];
        for (var p = 0; p < products; p++)
        {
            offsets[p + 1] = offsets[p] + rows[p].Length;
        }

        return new SparseContent(
            offsets,
            [.. rows.SelectMany(row => row)],
            [.. rows.SelectMany(row => row).Select(_ => (float)random.NextDouble())]);
    }

    private static RelatedContent Related(Random random, int products, int similar)
    {
        var offsets = new long[products + 1];
        var others = new List<int>();
        var strengths = new List<float>();
        for (var p = 0; p < products; p++)
        {
            var own =
                Enumerable.Range(0, similar).Select(_ => random.Next(products)).Where(o => o != p).Distinct().ToArray();
            others.AddRange(own);
            strengths.AddRange(own.Select(_ => (float)random.NextDouble()).OrderDescending());
            offsets[p + 1] = others.Count;
        }

        return new RelatedContent(offsets, [.. others], [.. strengths], [.. others.Select(_ => random.Next(1, 5))]);
    }

    /// <summary>The same with a partial correlation for every related pair, as newer trainers write it.</summary>
    public static SnapshotContent WithPartials(SnapshotContent content, int seed)
    {
        var random = new Random(seed);
        return content with
        {
            Related = content.Related with
            {
                Partials = [.. content.Related.Products.Select(_ => (random.NextSingle() * 2) - 1)],
            },
        };
    }

    /// <summary>The same with known answers, as trainers write them.</summary>
    /// <param name="content">The snapshot.</param>
    /// <param name="change">What to make of the answers; null leaves them right.</param>
    public static SnapshotContent WithKnown(
        SnapshotContent content, Func<KnownAnswers, KnownAnswers>? change = null)
    {
        using var folder = new TemporaryFolder();
        using var model = new ScoringModel(Open(content, folder));
        var known = KnownAnswerMaker.Of(model, [.. Enumerable.Range(0, content.UserIds.Count)]);
        return content with { DerivesProfile = true, Known = change is null ? known : change(known) };
    }

    private static TagContent[] TagValues(Random random, int products) =>
    [
        new()
        {
            Codes = [.. Enumerable.Range(0, products).Select(p => (p % 4) - 1)],
            Words = ["Coffee", "Tea", "Water"],
        },
        new()
        {
            Offsets = [.. Enumerable.Range(0, products + 1).Select(p => p * 2L)],
            Codes = [.. Enumerable.Range(0, products).SelectMany(_ => new[] { 0, 1 })],
            Words = ["L", "M"],
        },
        new() { Numbers = [.. Enumerable.Range(0, products).Select(p => p % 5 == 0 ? double.NaN : random.Next(100))] },
        new()
        {
            Times = [.. Enumerable.Range(0, products).Select(p => p % 6 == 0 ? long.MinValue : p * 86_400_000_000L)],
        },
    ];
}

namespace Trainer.Data.Generate;

/// <summary>One generated product.</summary>
internal sealed record BrandProduct(
    string Id, string Name, int Category, string Line, string Colors, string Sizes, double Price, DateTime Launched,
    int CycleDays, float[] Taste);

/// <summary>The generated products and how they are drawn: by popularity within a category, heavy-tailed.</summary>
internal sealed class BrandCatalog
{
    /// <summary>Dimensions of the latent taste that products and customers share.</summary>
    public const int TasteDimensions = 8;

    private const double ZipfExponent = 0.85;

    private readonly int[][] _ofCategory;
    private readonly WeightedChoice[] _popular;

    public BrandCatalog(int count, ulong seed, BrandKind kind, DateOnly start, DateOnly end)
    {
        var random = new Prng(seed, ulong.MaxValue);
        var centers = Tastes(random, BrandWords.Categories.Length);
        var lines = Tastes(random, BrandWords.Lines.Length);
        var shares = new WeightedChoice([.. BrandWords.Categories.Select(c => c.Weight)]);
        var members = BrandWords.Categories.Select(_ => new List<int>()).ToArray();
        Products = new BrandProduct[count];
        for (var i = 0; i < count; i++)
        {
            // The first products go round, so that every category has one.
            var category = i < members.Length ? i : shares.Draw(random);
            Products[i] = Make(random, category, members[category].Count, centers, lines, kind, start, end);
            members[category].Add(i);
        }

        _ofCategory = Array.ConvertAll(members, list => list.ToArray());
        _popular = Array.ConvertAll(_ofCategory, list => Popularity(list.Length, random));
        Complements = Enumerable.Range(0, count).Select(i => FindComplements(i, random)).ToArray();
    }

    /// <summary>The products.</summary>
    public BrandProduct[] Products { get; }

    /// <summary>For each product the two that are bought along with it.</summary>
    public int[][] Complements { get; }

    /// <summary>Draws a product of a category by popularity.</summary>
    public int Draw(int category, Prng random) => _ofCategory[category][_popular[category].Draw(random)];

    /// <summary>How well a product fits a taste: the cosine, -1 .. 1.</summary>
    public double Match(int product, ReadOnlySpan<float> taste)
    {
        var own = Products[product].Taste;
        var sum = 0f;
        for (var i = 0; i < own.Length; i++)
        {
            sum += own[i] * taste[i];
        }

        return sum;
    }

    /// <summary>A random direction of length 1 near a sum of others.</summary>
    public static float[] Near(Prng random, double noise, params ReadOnlySpan<float[]> others)
    {
        var taste = new double[TasteDimensions];
        for (var i = 0; i < taste.Length; i++)
        {
            taste[i] = noise * random.Normal();
            foreach (var other in others)
            {
                taste[i] += other[i];
            }
        }

        var length = Math.Sqrt(taste.Sum(x => x * x));
        return Array.ConvertAll(taste, x => (float)(x / length));
    }

    private static float[][] Tastes(Prng random, int count) =>
        Enumerable.Range(0, count).Select(_ => Near(random, 1)).ToArray();

    private static BrandProduct Make(
        Prng random, int category, int number, float[][] centers, float[][] lines, BrandKind kind, DateOnly start,
        DateOnly end)
    {
        var c = BrandWords.Categories[category];
        var line = random.Below(lines.Length);
        // 7919 is prime to the number of combinations: a walk over all of them, so names are distinct until they run
        // out.
        var words = (number * 7919L) + (category * 1237);
        var noun = c.Nouns[words % c.Nouns.Length];
        var adjective = BrandWords.Adjectives[words / c.Nouns.Length % BrandWords.Adjectives.Length];
        var note = BrandWords.Notes[words / c.Nouns.Length / BrandWords.Adjectives.Length % BrandWords.Notes.Length];
        var sizes = c.Sizes.Length == 0 ? [] : c.Sizes.Split('/');
        return new BrandProduct(
            $"{c.Code}-{number + 1:D5}",
            $"{adjective} {note} {noun}",
            category,
            BrandWords.Lines[line],
            string.Join('|', Some(random, BrandWords.Colors, 1 + random.Below(3))),
            string.Join('/', sizes.Take(1 + random.Below(Math.Max(1, sizes.Length)))),
            Math.Max(1, Math.Round(c.Price * random.Spread(0.5))) - 0.05,
            Launch(random, kind, start, end).ToDateTime(TimeOnly.MinValue),
            Cycle(random, kind, c.CycleDays),
            Near(random, 0.35, centers[category], lines[line]));
    }

    // A standing assortment is older than the data; collections come all the time, the first ones a season before the
    // data.
    private static DateOnly Launch(Prng random, BrandKind kind, DateOnly start, DateOnly end) => kind.FreshDays == 0
        ? start.AddDays(-random.Below(1500))
        : start.AddDays(random.Below(end.DayNumber - start.DayNumber + (2 * kind.FreshDays)) - (2 * kind.FreshDays));

    private static int Cycle(Prng random, BrandKind kind, int days) =>
        kind.LongestCycle > 0 ? kind.ShortestCycle + random.Below(kind.LongestCycle - kind.ShortestCycle + 1)
        : days == 0 || kind.AgainChance == 0 ? 0
        : (int)(days * (0.7 + (0.6 * random.Unit())));

    private static IEnumerable<string> Some(Prng random, string[] words, int count)
    {
        var first = random.Below(words.Length);
        var step = 1 + (2 * random.Below(2)); // 1 or 3: prime to the ten colours
        return Enumerable.Range(0, count).Select(i => words[(first + (i * step)) % words.Length]);
    }

    private static WeightedChoice Popularity(int count, Prng random)
    {
        var weights = new double[count];
        for (var rank = 0; rank < count; rank++)
        {
            weights[rank] = Math.Pow(rank + 1, -ZipfExponent);
        }

        for (var i = count - 1; i > 0; i--)
        {
            var j = random.Below(i + 1);
            (weights[i], weights[j]) = (weights[j], weights[i]);
        }

        return new WeightedChoice(weights);
    }

    private int[] FindComplements(int product, Prng random)
    {
        var category = BrandWords.Categories[Products[product].Category].Complement;
        return [Draw(category, random), Draw(category, random)];
    }
}

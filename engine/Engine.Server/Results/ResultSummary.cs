using System.Text;
using System.Text.Json;
using Engine.Snapshots.Files;
using Engine.Snapshots.Writing;

namespace Engine.Server.Results;

/// <summary>
/// The summary of a result by product: users, first ranks, scores. Two passes over the file: the second one builds the
/// histograms, whose bounds the first one finds. Stored beside the result.
/// </summary>
internal static class ResultSummary
{
    /// <summary>Parts of a histogram, of equal width.</summary>
    public const int Bins = 20;

    private static readonly JsonSerializerOptions Json = new JsonSerializerOptions().Whole();

    /// <summary>The summary of a result, most users first, ties by id.</summary>
    /// <param name="file">The result.</param>
    /// <param name="path">Where the summary is kept.</param>
    /// <param name="cancellation">Stops between parts.</param>
    public static IReadOnlyList<ProductRows> Of(ResultFile file, string path, CancellationToken cancellation)
    {
        if (Kept(path) is { } kept && kept.Sum(product => product.Users) == file.Rows)
        {
            return kept;
        }

        var summary = Count(file, cancellation);
        AtomicFile.Write(path, stream => JsonSerializer.Serialize(stream, summary));
        return summary;
    }

    // A damaged one is counted again.
    private static ProductRows[]? Kept(string path)
    {
        try
        {
            using var kept = PlainFile.OpenStream(path);
            var products = JsonSerializer.Deserialize<ProductRows[]>(kept, Json);
            return products?.All(one => one is { Users: >= 0, Histogram.Length: Bins }) == true ? products : null;
        }
        catch (Exception e) when (e is JsonException or IOException)
        {
            return null;
        }
    }

    private static ProductRows[] Count(ResultFile file, CancellationToken cancellation)
    {
        var products = new Dictionary<string, ProductRows>(StringComparer.Ordinal);
        Pass(file, products, static (product, rank, score) => product.Add(rank, score), cancellation);
        Pass(file, products, static (product, _, score) => product.AddToHistogram(score), cancellation);
        foreach (var product in products.Values)
        {
            product.Mean /= product.Users;
        }

        return [.. products.Values
            .OrderByDescending(product => product.Users)
            .ThenBy(product => product.Id, StringComparer.Ordinal)];
    }

    private static void Pass(
        ResultFile file,
        Dictionary<string, ProductRows> products,
        Action<ProductRows, int, float> count,
        CancellationToken cancellation)
    {
        var part = new ResultPart();
        var byCode = new List<ProductRows>();
        for (var number = 0; number < file.Parts; number++)
        {
            cancellation.ThrowIfCancellationRequested();
            file.Read(number, part);
            byCode.Clear();
            for (var code = 0; part.Rows > 0 && code < part.Items.Distinct; code++)
            {
                var id = Encoding.UTF8.GetString(part.Items.Text(code));
                if (!products.TryGetValue(id, out var product))
                {
                    products.Add(id, product = new ProductRows { Id = id });
                }

                byCode.Add(product);
            }

            for (var row = 0; row < part.Rows; row++)
            {
                count(byCode[part.Items.Codes[row]], part.Rank(row), part.Score(row));
            }
        }
    }
}

/// <summary>The rows of one product.</summary>
internal sealed class ProductRows
{
    /// <summary>Product id.</summary>
    public required string Id { get; init; }

    /// <summary>Its rows: one a user.</summary>
    public long Users { get; set; }

    /// <summary>Rows of rank 1.</summary>
    public long Firsts { get; set; }

    /// <summary>The lowest score.</summary>
    public float Least { get; set; } = float.PositiveInfinity;

    /// <summary>The highest score.</summary>
    public float Most { get; set; } = float.NegativeInfinity;

    /// <summary>The mean score; while rows are added, their sum.</summary>
    public double Mean { get; set; }

    /// <summary>Rows by score, from the lowest to the highest.</summary>
    public long[] Histogram { get; set; } = new long[ResultSummary.Bins];

    /// <summary>Adds a row.</summary>
    public void Add(int rank, float score)
    {
        Users++;
        Firsts += rank == 1 ? 1 : 0;
        Least = Math.Min(Least, score);
        Most = Math.Max(Most, score);
        Mean += score;
    }

    /// <summary>Adds a row to the histogram, once the bounds are known.</summary>
    public void AddToHistogram(float score)
    {
        var width = (double)Most - Least;
        var bin = width == 0 ? 0 : (int)((score - (double)Least) / width * ResultSummary.Bins);
        Histogram[Math.Min(bin, ResultSummary.Bins - 1)]++;
    }
}

using System.Text.Json.Serialization;

namespace Trainer.Models.Similarity;

/// <summary>How <see cref="ItemSimilarity"/> weighs users and items.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<SimilarityWeighting>))]
public enum SimilarityWeighting
{
    /// <summary>By powers of their lengths: cosine, asymmetric cosine, RP3beta.</summary>
    Power,

    /// <summary>Cosine of vectors weighted by idf_u = ln(items / (1 + n_u)).</summary>
    TfIdf,

    /// <summary>Okapi BM25 with users as terms and items as documents: k1 = 1.2, b = .75, no norm.</summary>
    Bm25,
}

using System.Numerics.Tensors;
using Engine.Kernels.Arithmetic;
using Engine.Snapshots.Format;
using Engine.Snapshots.Writing;

namespace Engine.Snapshots;

/// <summary>
/// What checksums cannot see: a file whose bytes are as written, by a writer that was wrong. After this, no ordinal,
/// offset or number in the file can lead a kernel astray.
/// </summary>
internal static class SnapshotVerifier
{
    /// <exception cref="SnapshotFormatException">The first thing that is wrong.</exception>
    public static void Verify(Snapshot snapshot)
    {
        var users = snapshot.Manifest.UserCount;
        var products = snapshot.Manifest.ProductCount;
        Refuse(snapshot, "user ids", snapshot.UserIds.FindProblem());
        Refuse(snapshot, "product ids", snapshot.ProductIds.FindProblem());
        Refuse(snapshot, "product names", snapshot.ProductNames.FindProblem());
        Refuse(snapshot, "user factors", FactorProblem(snapshot.UserFactors, descending: false));
        Refuse(snapshot, "product factors", FactorProblem(snapshot.ProductFactors, descending: true));
        Refuse(
            snapshot,
            "spectrum",
            double.IsFinite(TensorPrimitives.Sum(snapshot.Spectrum.AsSpan())) ? null : "found NaN or infinity");
        Refuse(snapshot, "profile", snapshot.Profile.FindProblem(products));
        Refuse(snapshot, "profile history", snapshot.ProfileHistory.FindProblem(products));
        Refuse(snapshot, "own-history terms", snapshot.ProfileOwn.FindProblem(products));
        Refuse(snapshot, "product repeat", Finite(snapshot.ProductRepeat.AsSpan()));
        Refuse(snapshot, "score quantiles", QuantileProblem(snapshot));
        Refuse(snapshot, "reverse own-history terms", snapshot.ProfileReverseOwn.FindProblem(users));
        Refuse(snapshot, "reverse profile", snapshot.ProfileReverse.FindProblem(users));
        Refuse(snapshot, "history", snapshot.History.FindProblem(users, products));
        Refuse(snapshot, "behavior out of scope", snapshot.OutOfScope?.FindProblem());
        Refuse(snapshot, "similarity", snapshot.Similarity.FindProblem(products));
        Refuse(snapshot, "reverse similarity", snapshot.SimilarityReverse.FindProblem(products));
        Refuse(snapshot, "related products", snapshot.Related.FindProblem(products));
        foreach (var tag in snapshot.Tags)
        {
            Refuse(snapshot, $"tag '{tag.Column.Column}'", tag.FindProblem());
        }
    }

    private static void Refuse(Snapshot snapshot, string what, string? problem)
    {
        if (problem is not null)
        {
            throw new SnapshotFormatException(snapshot.Path, $"{what}: {problem}");
        }
    }

    // The largest magnitude is NaN when any element is, and infinite when any is.
    private static string? Finite(ReadOnlySpan<float> values) =>
        values.IsEmpty || float.IsFinite(TensorPrimitives.MaxMagnitude(values))
            ? null
            : "found NaN or infinity, expected finite numbers";

    private static string? QuantileProblem(Snapshot snapshot)
    {
        for (var product = 0; product < snapshot.Manifest.ProductCount; product++)
        {
            var previous = float.MinValue;
            foreach (var score in snapshot.QuantilesOf(new(product)))
            {
                if (!float.IsFinite(score) || score < previous)
                {
                    return $"product {product}: found {score}, expected finite scores that ascend";
                }

                previous = score;
            }
        }

        return null;
    }

    private static string? FactorProblem(FactorRows factors, bool descending)
    {
        var previous = double.MaxValue;
        for (var row = 0; row < factors.Rows; row++)
        {
            var elements = factors[row];
            var norm = FactorContent.SquaredNorm(elements[..factors.Columns]);
            if (!double.IsFinite(norm))
            {
                return $"row {row}: found NaN or infinity, expected finite numbers";
            }

            if (elements[factors.Columns..].ContainsAnyExcept(0f))
            {
                return $"row {row}: found padding that is not zero";
            }

            if (descending && norm > previous)
            {
                return $"row {row}: found a larger norm than in the row before";
            }

            previous = norm;
        }

        return null;
    }
}

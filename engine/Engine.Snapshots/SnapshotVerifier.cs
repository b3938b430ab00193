using System.Numerics.Tensors;
using Engine.Kernels;
using Engine.Kernels.Arithmetic;
using Engine.Snapshots.Format;
using Engine.Snapshots.Ids;
using Engine.Snapshots.Writing;

namespace Engine.Snapshots;

/// <summary>
/// What checksums cannot see: a file whose bytes are as written, by a writer that was wrong. After this, no ordinal,
/// offset or number in the file can lead a kernel astray.
/// </summary>
internal static class SnapshotVerifier
{
    private const int RowsPerLook = 1 << 16;

    /// <exception cref="SnapshotFormatException">The first thing that is wrong.</exception>
    /// <exception cref="OperationCanceledException">It was canceled.</exception>
    public static void Verify(Snapshot snapshot, CancellationToken cancellation)
    {
        foreach (var (what, problem) in Findings(snapshot, cancellation))
        {
            cancellation.ThrowIfCancellationRequested();
            if (problem is not null)
            {
                throw new SnapshotFormatException(snapshot.Path, $"{what}: {problem}");
            }
        }
    }

    // Each is looked for when it is asked for.
    private static IEnumerable<(string What, string? Problem)> Findings(
        Snapshot snapshot, CancellationToken cancellation)
    {
        var users = snapshot.Manifest.UserCount;
        var products = snapshot.Manifest.ProductCount;
        yield return ("user ids", snapshot.UserIds.FindProblem());
        yield return ("user places", PlaceProblem(snapshot));
        yield return ("product ids", snapshot.ProductIds.FindProblem());
        yield return ("product names", snapshot.ProductNames.FindProblem());
        yield return ("user factors", FactorProblem(snapshot.UserFactors, descending: false, cancellation));
        yield return ("product factors", FactorProblem(snapshot.ProductFactors, descending: true, cancellation));
        yield return (
            "spectrum",
            double.IsFinite(TensorPrimitives.Sum(snapshot.Spectrum.AsSpan())) ? null : "found NaN or infinity");
        foreach (var finding in snapshot.Derived.FindProblems(users, products))
        {
            yield return finding;
        }

        yield return ("product repeat", Finite(snapshot.ProductRepeat.AsSpan()));
        yield return ("score quantiles", QuantileProblem(snapshot));
        yield return ("product timing", TimingProblem(snapshot.ProductTiming.AsSpan()));
        yield return ("history", snapshot.History.FindProblem(users, products));
        yield return ("behavior out of scope", snapshot.OutOfScope?.FindProblem());
        yield return ("similarity", snapshot.Similarity.FindProblem(products));
        yield return ("related products", snapshot.Related.FindProblem(products));
        yield return ("new products", ColdProblem(snapshot));
        foreach (var tag in snapshot.Tags)
        {
            yield return ($"tag '{tag.Column.Column}'", tag.FindProblem());
        }
    }

    private static string? ColdProblem(Snapshot snapshot) =>
        snapshot.Cold is not { } cold ? null
        : cold.Manifest.UserCount > 0 || cold.ProductFactors.Columns != snapshot.ProductFactors.Columns
            || cold.Manifest.ProductCount == 0
            ? "found other products than those without users and with as many factors"
        : cold.Manifest.Tags.SequenceEqual(snapshot.Manifest.Tags) ? null : "found other tags";

    private static string? PlaceProblem(Snapshot snapshot)
    {
        var previous = -1;
        for (var user = 0; user < snapshot.UserPlaces.Length; user++)
        {
            var (place, bucket) = (snapshot.UserPlaces[user], UserBuckets.Of(snapshot.UserIds.Utf8(user)));
            if (place <= previous || place >= snapshot.AllUsers || !snapshot.Shard!.Buckets.Contains(bucket))
            {
                return InvariantText.Of(
                    $"user {user}: found place {place} and bucket {bucket}, expected ascending places below "
                    + $"{snapshot.AllUsers} and a bucket of {snapshot.Shard!.Buckets}");
            }

            previous = place;
        }

        return null;
    }

    // The largest magnitude is NaN when any element is, and infinite when any is.
    private static string? Finite(ReadOnlySpan<float> values) =>
        values.IsEmpty || float.IsFinite(TensorPrimitives.MaxMagnitude(values))
            ? null
            : "found NaN or infinity, expected finite numbers";

    private static string? TimingProblem(ReadOnlySpan<float> timing)
    {
        foreach (var value in timing)
        {
            if (!float.IsFinite(value) || value <= 0)
            {
                return InvariantText.Of($"found {value}, expected finite numbers above zero");
            }
        }

        return null;
    }

    private static string? QuantileProblem(Snapshot snapshot)
    {
        for (var product = 0; product < snapshot.Manifest.ProductCount; product++)
        {
            var previous = float.MinValue;
            foreach (var score in snapshot.QuantilesOf(new(product)))
            {
                if (!float.IsFinite(score) || score < previous)
                {
                    return InvariantText.Of($"product {product}: found {score}, expected finite scores that ascend");
                }

                previous = score;
            }
        }

        return null;
    }

    private static string? FactorProblem(FactorRows factors, bool descending, CancellationToken cancellation)
    {
        var previous = double.MaxValue;
        for (var row = 0; row < factors.Rows; row++)
        {
            if (row % RowsPerLook == 0)
            {
                cancellation.ThrowIfCancellationRequested();
            }

            var elements = factors[row];
            var norm = FactorContent.SquaredNorm(elements[..factors.Columns]);
            if (!double.IsFinite(norm))
            {
                return InvariantText.Of($"row {row}: found NaN or infinity, expected finite numbers");
            }

            if (!factors.IsDense && elements[factors.Columns..].ContainsAnyExcept(0f))
            {
                return InvariantText.Of($"row {row}: found padding that is not zero");
            }

            if (descending && norm > previous)
            {
                return InvariantText.Of($"row {row}: found a larger norm than in the row before");
            }

            previous = norm;
        }

        return factors is { IsDense: true, Rows: > 0 }
            && factors[factors.Rows - 1][factors.Columns..].ContainsAnyExcept(0f)
            ? "found a tail that is not zero"
            : null;
    }
}

using System.Numerics.Tensors;
using Engine.Kernels;
using Engine.Snapshots.Manifest;

namespace Engine.Snapshots.Writing;

/// <summary>Refuses to write what no reader would serve: shapes that disagree, numbers that are not finite.</summary>
internal static class ContentCheck
{
    /// <exception cref="InputException">The first thing that is wrong.</exception>
    public static void Check(SnapshotContent content)
    {
        var manifest = content.Manifest;
        var users = manifest.UserCount;
        var products = manifest.ProductCount;
        Equal("user ids", content.UserIds.Count, users);
        Equal("product ids", content.ProductIds.Count, products);
        Equal("product names", content.ProductNames.Count, products);
        Equal("product buyers", content.ProductBuyers.Length, products);
        Equal("user factor rows", content.UserFactors.Rows, users);
        Equal("product factor rows", content.ProductFactors.Rows, products);
        Equal(
            "user factor columns", content.UserFactors.Columns, manifest.FactorCount + manifest.RateDimensions.Length);
        Equal("product factor columns", content.ProductFactors.Columns, content.UserFactors.Columns);
        Equal("eigenvalues", content.Spectrum.Length, manifest.FactorCount);
        Equal("product repeat terms", content.ProductRepeat.Length, products);
        Equal("score quantiles", content.ProductQuantiles.Length, products * ScoreQuantiles.Count);
        Equal("history rows", content.History.Offsets.Length - 1, users);
        Equal("similarity rows", content.Similarity.Rows, products);
        Equal("related rows", content.Related.Offsets.Length - 1, products);
        Equal("purchasers of related products", content.Related.Buyers?.Length ?? products + 1, products + 1);
        if (content.OutOfScope is { } outside)
        {
            Equal("rows of behavior out of scope", outside.Offsets.Length - 1, users + outside.UserIds.Count);
            Equal("days out of scope", outside.Days.Length, outside.Products.Length);
            Equal("types out of scope", outside.Types.Length, outside.Products.Length);
            Equal("counts out of scope", outside.Counts.Length, outside.Products.Length);
        }

        if (!content.DerivesProfile)
        {
            Equal("history weights", content.ProfileHistory.Length, content.Profile.Values.Length);
            Equal("own-history terms", content.ProfileOwn.Length, content.Profile.Values.Length);
            Equal("profile rows", content.Profile.Rows, users);
            Finite("the profile", content.Profile.Values);
            Finite("the history weights", content.ProfileHistory);
            Finite("the own-history terms", content.ProfileOwn);
        }

        if (content.Known?.IsSound(users, products) == false)
        {
            throw new InputException("the known answers are unsound, expected ordinals in range and finite scores");
        }

        Equal("tags", content.Tags.Count, manifest.Tags.Length);
        Equal("re-rankers", content.Reranker is null ? 0 : 1, manifest.Reranker is null ? 0 : 1);
        Equal("product timings", content.ProductTiming.Length, content.NextOrder is null ? 0 : 2 * products);
        Finite("the product timings", content.ProductTiming);
        Finite("user factors", content.UserFactors.Elements);
        Finite("product factors", content.ProductFactors.Elements);
        Finite("the spectrum", content.Spectrum);
        Finite("the product repeat terms", content.ProductRepeat);
        Finite("the score quantiles", content.ProductQuantiles);
        Finite("the similarity", content.Similarity.Values);
        Finite("the related strengths", content.Related.Strengths);
        Equal(
            "partial correlations",
            content.Related.Partials?.Length ?? content.Related.Products.Length,
            content.Related.Products.Length);
        Finite("the partial correlations", content.Related.Partials ?? []);
        for (var product = 1; product < products; product++)
        {
            if (FactorContent.SquaredNorm(content.ProductFactors.Row(product)) > FactorContent.SquaredNorm(
                content.ProductFactors.Row(product - 1)))
            {
                throw new InputException(
                    InvariantText.Of(
                        $"product {product} has a larger factor norm than the one before it, expected descending "
                        + $"norms: "
                        + $"order the products first"));
            }
        }

        for (var i = 0; i < manifest.Tags.Length; i++)
        {
            CheckTag(manifest.Tags[i], content.Tags[i], products);
        }
    }

    private static void CheckTag(TagSchema column, TagContent tag, int products)
    {
        var sound = column.Type switch
        {
            TagValueType.Text => tag.Codes?.Length == products && tag.Words is not null,
            TagValueType.MultiText =>
                tag.Offsets?.Length == products + 1 && tag.Codes is not null && tag.Words is not null,
            TagValueType.Number => tag.Numbers?.Length == products,
            TagValueType.Date => tag.Times?.Length == products,
            _ => false,
        };
        if (!sound)
        {
            throw new InputException(
                InvariantText.Of($"tag '{column.Column}' has no values of type {column.Type} for {products} products"));
        }
    }

    private static void Equal(string what, int found, int expected)
    {
        if (found != expected)
        {
            throw new InputException(InvariantText.Of($"found {found} {what}, expected {expected}"));
        }
    }

    // The largest magnitude is NaN when any element is, and infinite when any is.
    private static void Finite(string what, ReadOnlySpan<float> values)
    {
        if (!values.IsEmpty && !float.IsFinite(TensorPrimitives.MaxMagnitude(values)))
        {
            throw new InputException(
                $"{what} hold NaN or infinity, expected finite numbers: "
                + "check the training settings (regularization, weights)");
        }
    }

    private static void Finite(string what, ReadOnlySpan<double> values)
    {
        if (!values.IsEmpty && !double.IsFinite(TensorPrimitives.MaxMagnitude(values)))
        {
            throw new InputException(
                $"{what} hold NaN or infinity, expected finite numbers: "
                + "check the training settings (regularization, weights)");
        }
    }
}

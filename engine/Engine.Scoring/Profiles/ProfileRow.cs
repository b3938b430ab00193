using Engine.Kernels.Sparse;
using Engine.Snapshots;

namespace Engine.Scoring.Profiles;

/// <summary>One user's profile: the products of the history by ascending ordinal, and three numbers for each.</summary>
/// <param name="products">Product ordinals, ascending.</param>
/// <param name="weights">Of the user solve: the behavior's decayed weight.</param>
/// <param name="history">What brings similar products in: h_uj.</param>
/// <param name="own">What the user's history with a product adds to the score of that product.</param>
internal readonly ref struct ProfileRow(
    ReadOnlySpan<int> products, ReadOnlySpan<float> weights, ReadOnlySpan<float> history, ReadOnlySpan<float> own)
{
    /// <summary>For the user solve.</summary>
    public SparseRow Weights { get; } = new(products, weights);

    /// <summary>For the similarity sum.</summary>
    public SparseRow History { get; } = new(products, history);

    /// <summary>The own-history terms.</summary>
    public SparseRow Own { get; } = new(products, own);

    /// <summary>The stored profile of a user.</summary>
    public static ProfileRow Of(Snapshot snapshot, int user)
    {
        var weights = snapshot.Derived.Profile.Row(user);
        return new ProfileRow(
            weights.Indices,
            weights.Values,
            snapshot.Derived.ProfileHistory.Row(user).Values,
            snapshot.Derived.ProfileOwn.Row(user).Values);
    }
}

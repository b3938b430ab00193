namespace Engine.Snapshots.Writing;

/// <summary>
/// The behaviors of the dataset that lie outside the scope: before the scope year, of users without a purchase in it,
/// or with products without a purchase in it. Rows: first the users of the snapshot by ordinal, then
/// <paramref name="UserIds"/>.
/// </summary>
/// <param name="UserIds">Users that the snapshot does not score, ascending by UTF-8 bytes.</param>
/// <param name="ProductIds">Products that the snapshot does not score, ascending by UTF-8 bytes.</param>
/// <param name="Offsets">Users of the snapshot + <paramref name="UserIds"/> + 1.</param>
/// <param name="Products">
/// Product ordinals; number of products + k stands for product k of <paramref name="ProductIds"/>.
/// </param>
/// <param name="Days">Days since 1970-01-01.</param>
/// <param name="Types">The <see cref="Manifest.BehaviorType"/>.</param>
/// <param name="Counts">Units, at most 65,535.</param>
public sealed record OutOfScopeContent(
    IReadOnlyList<string> UserIds,
    IReadOnlyList<string> ProductIds,
    long[] Offsets,
    int[] Products,
    ushort[] Days,
    byte[] Types,
    ushort[] Counts);

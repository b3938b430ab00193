using Engine.Snapshots.Format;
using Engine.Snapshots.Manifest;

namespace Engine.Snapshots.Writing;

/// <summary>
/// Everything that a snapshot is written from. Users and products by ordinal; products in descending norm.
/// </summary>
public sealed record SnapshotContent
{
    /// <summary>Scope, sizes, settings.</summary>
    public required SnapshotManifest Manifest { get; init; }

    /// <summary>The training report.</summary>
    public required TrainingReport Report { get; init; }

    /// <summary>By user ordinal.</summary>
    public required IReadOnlyList<string> UserIds { get; init; }

    /// <summary>By product ordinal.</summary>
    public required IReadOnlyList<string> ProductIds { get; init; }

    /// <summary>By product ordinal.</summary>
    public required IReadOnlyList<string> ProductNames { get; init; }

    /// <summary>users x (factors + rates).</summary>
    public required FactorContent UserFactors { get; init; }

    /// <summary>products x (factors + rates), in descending norm.</summary>
    public required FactorContent ProductFactors { get; init; }

    /// <summary>
    /// The eigenvalues of the products' Gramian, one a factor: the factor columns stand in its eigenbasis, as the user
    /// solve wants them.
    /// </summary>
    public required double[] Spectrum { get; init; }

    /// <summary>The ONNX model that <see cref="SnapshotManifest.Reranker"/> speaks of, or null.</summary>
    public byte[]? Reranker { get; init; }

    /// <summary>Users who purchased each product in the scope year.</summary>
    public required int[] ProductBuyers { get; init; }

    /// <summary>For each product what a purchase of it adds to the own-history term.</summary>
    public required float[] ProductRepeat { get; init; }

    /// <summary>
    /// products x <see cref="ScoreQuantiles.Count"/>, row-major: scores of each product's users, ascending.
    /// </summary>
    public required float[] ProductQuantiles { get; init; }

    /// <summary>
    /// Whether the profile is what follows from the behaviors and the manifest's terms. Then the file leaves it out,
    /// and readers derive it; the three below are not looked at.
    /// </summary>
    public bool DerivesProfile { get; init; }

    /// <summary>users x products: the weight of each user's behavior with each product, positive.</summary>
    public required SparseContent Profile { get; init; }

    /// <summary>Element for element of <see cref="Profile"/>: how much it brings similar products in.</summary>
    public required float[] ProfileHistory { get; init; }

    /// <summary>
    /// Element for element of <see cref="Profile"/>: what it adds to the score of the product itself.
    /// </summary>
    public required float[] ProfileOwn { get; init; }

    /// <summary>The behaviors of the scope year.</summary>
    public required HistoryContent History { get; init; }

    /// <summary>products x products: row j holds what one unit of history on j adds to the score of each i.</summary>
    public required SparseContent Similarity { get; init; }

    /// <summary>
    /// The behaviors of the dataset that <see cref="History"/> does not hold; null to leave them out.
    /// </summary>
    public OutOfScopeContent? OutOfScope { get; init; }

    /// <summary>The related products of each product, strongest first.</summary>
    public required RelatedContent Related { get; init; }

    /// <summary>When users order again; null to leave it out.</summary>
    public NextOrderTerms? NextOrder { get; init; }

    /// <summary>products x 2, with <see cref="NextOrder"/>: usual interval in days, and factor of the hazard.</summary>
    public float[] ProductTiming { get; init; } = [];

    /// <summary>The file of the new products, with no users; null to leave it out.</summary>
    public byte[]? Cold { get; init; }

    /// <summary>What an engine must answer before it serves the file; null to leave it out.</summary>
    public KnownAnswers? Known { get; init; }

    /// <summary>In the order of the manifest's tag columns.</summary>
    public required IReadOnlyList<TagContent> Tags { get; init; }
}

/// <summary>Behaviors by user, a row each: sorted by product, type, day.</summary>
/// <param name="Offsets">users + 1.</param>
/// <param name="Products">Product ordinals.</param>
/// <param name="Days">Days after the scope start.</param>
/// <param name="Types">The <see cref="BehaviorType"/>.</param>
/// <param name="Counts">Units, at most 65,535.</param>
public sealed record HistoryContent(long[] Offsets, int[] Products, ushort[] Days, byte[] Types, ushort[] Counts)
{
    /// <summary>
    /// The records that hold it in a file of so many products; null where something does not fit them.
    /// </summary>
    internal HistoryRecord? RecordOf(int products) => HistoryRecord.Of(products) is var record
        && !Days.AsSpan().ContainsAnyExceptInRange((ushort)0, (ushort)HistoryRecord.LargestDay)
        && !Products.AsSpan().ContainsAnyExceptInRange(0, record.LargestProduct)
        && !Types.AsSpan().ContainsAnyExceptInRange((byte)BehaviorType.View, (byte)BehaviorType.Purchase)
            ? record
            : null;
}

/// <summary>Related products by product, strongest first.</summary>
/// <param name="Offsets">products + 1.</param>
/// <param name="Products">Product ordinals.</param>
/// <param name="Strengths">0..1.</param>
/// <param name="Supports">Users who purchased both.</param>
/// <param name="Partials">Partial correlations, -1..1; null to leave them out.</param>
/// <param name="Buyers">
/// Users who purchased each product on any day of the data, then users who purchased any; null where those of the scope
/// are meant.
/// </param>
public sealed record RelatedContent(
    long[] Offsets, int[] Products, float[] Strengths, int[] Supports, float[]? Partials = null, int[]? Buyers = null);

/// <summary>The values of one tag column; which arrays are there follows from the type.</summary>
public sealed record TagContent
{
    /// <summary>Multi-valued text: where each product's codes start; products + 1.</summary>
    public long[]? Offsets { get; init; }

    /// <summary>Text: one code a product, -1 for none. Multi-valued text: the codes of all products.</summary>
    public int[]? Codes { get; init; }

    /// <summary>Text: the distinct values, in ordinal order; codes are places in it.</summary>
    public IReadOnlyList<string>? Words { get; init; }

    /// <summary>Number: one a product, NaN for none.</summary>
    public double[]? Numbers { get; init; }

    /// <summary>
    /// Date: microseconds since 1970-01-01T00:00:00 of the dataset's clock, <see cref="long.MinValue"/> for none.
    /// </summary>
    public long[]? Times { get; init; }
}

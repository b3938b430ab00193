using Engine.Kernels.Arithmetic;
using Engine.Snapshots.Files;
using Engine.Snapshots.Forgetting;
using Engine.Snapshots.Format;
using Engine.Snapshots.Ids;
using Engine.Snapshots.Manifest;
using Engine.Snapshots.Mapping;
using Engine.Snapshots.Writing;

namespace Engine.Snapshots;

/// <summary>
/// One immutable, memory-mapped model. All views that it hands out are valid until <see cref="Dispose"/>; the host's
/// leases keep it from being disposed under a request.
/// </summary>
public sealed class Snapshot : IDisposable
{
    private readonly MappedFile _file;
    private readonly SectionReader _sections;
    private TrainingReport? _report;
    private (long Length, DateTime Written)? _hidden;

    private Snapshot(MappedFile file, SectionReader sections, bool isPart = false)
    {
        _file = file;
        _sections = sections;
        Manifest = sections.Manifest();
        Id = Manifest.Shard?.Id ?? SnapshotId.Of(Manifest.Scope, sections.TableCrc);
        ScopeDays = Manifest.Scope.Days;
        var users = Manifest.UserCount;
        var products = Manifest.ProductCount;
        var dimensions = Manifest.FactorCount + Manifest.RateDimensions.Length;
        UserIds = sections.Ids(SectionKind.UserIdRecords, users).Without(HiddenUsers);
        ProductIds = sections.Ids(SectionKind.ProductIdRecords, products);
        ProductNames = sections.Strings(SectionKind.ProductNameBytes, products);
        UserFactors = sections.UserFactors(users, dimensions);
        ProductFactors = sections.Factors(SectionKind.ProductFactors, products, dimensions);
        Spectrum = sections.Array<double>(SectionKind.Spectrum, Manifest.FactorCount);
        ProductBuyers = sections.Array<int>(SectionKind.ProductBuyers, products);
        ProductRepeat = sections.Array<float>(SectionKind.ProductRepeat, products);
        ProductQuantiles = sections.Quantiles(products);
        History = sections.History(users);
        Similarity = sections.Sparse(SectionKind.SimilarityOffsets, products);
        Derived = new DerivedMatrices(this, sections);
        Related = sections.Related(products);
        Reranker = sections.Optional(SectionKind.Reranker, Manifest.Reranker is not null);
        NextOrder = sections.NextOrder();
        ProductTiming = NextOrder is null ? default : sections.Matrix(SectionKind.ProductTiming, products, 2);
        Tags = sections.Tags(Manifest.Tags, products);
        OutOfScope = sections.OutOfScope(users, products);
        Cold = isPart || !sections.Has(SectionKind.ColdProducts) ? null : OpenCold(sections);
        Known = sections.Known(AllUsers, products);
        UserPlaces = Shard is null ? default : sections.Array<int>(SectionKind.UserPlaces, users);
    }

    /// <summary>
    /// date(L), horizon and content checksum: equal content has an equal id. Of a shard, the id of the snapshot that it
    /// was cut from, and which of how many shards.
    /// </summary>
    public string Id { get; }

    /// <summary>The id that replies name: that of the whole snapshot, the same in all its shards.</summary>
    public string SetId => Shard?.SetId ?? Id;

    /// <summary>Where the file lies.</summary>
    public string Path => _sections.Path;

    /// <summary>Bytes of the file.</summary>
    public long FileLength => _file.Length;

    /// <summary>Whether no other program can reach the bytes that answer.</summary>
    public bool IsPrivate => _file.IsPrivate;

    /// <summary>
    /// Whether the bytes that answer are still those that were verified; false when the mapped file was written to.
    /// </summary>
    public bool IsIntact => _file.IsIntact;

    /// <summary>The published file when it was opened.</summary>
    public FileStamp Source => _file.Source;

    /// <summary>Scope, sizes, settings.</summary>
    public SnapshotManifest Manifest { get; }

    /// <summary>Which users of a larger snapshot the file holds; null when it holds all.</summary>
    public ShardTerms? Shard => Manifest.Shard;

    /// <summary>Users of the whole snapshot: those that percentiles and shares are of.</summary>
    public int AllUsers => Shard?.SetUsers ?? Manifest.UserCount;

    /// <summary>The ordinal in the whole snapshot by user of a shard, ascending; empty without shards.</summary>
    public MappedArray<int> UserPlaces { get; }

    /// <summary>The training report, decoded at first use.</summary>
    public TrainingReport Report => _report ??= _sections.Structured<TrainingReport>(SectionKind.TrainingReport);

    /// <summary>Stands for the content of all sections.</summary>
    internal uint ContentCrc => _sections.TableCrc;

    /// <summary>The table of sections, in file order.</summary>
    internal IReadOnlyList<SectionEntry> Sections => _sections.Entries;

    /// <summary><see cref="ScopeFacts.Days"/>, parsed once.</summary>
    public int ScopeDays { get; }

    /// <summary>User ids and ordinals. Forgotten users are not found.</summary>
    public IdTable UserIds { get; }

    /// <summary>
    /// Users who were forgotten after the file was written: no question may find, rank or count them.
    /// </summary>
    public HiddenOrdinals HiddenUsers { get; } = new();

    /// <summary>The same among the users of <see cref="OutOfScope"/>, by index.</summary>
    public HiddenOrdinals HiddenOthers { get; } = new();

    /// <summary>Product ids and ordinals.</summary>
    public IdTable ProductIds { get; }

    /// <summary>Product names by ordinal.</summary>
    public StringTable ProductNames { get; }

    /// <summary>users x (factors + rates); the factors are multiplied by the learned factor weight.</summary>
    public FactorRows UserFactors { get; }

    /// <summary>products x (factors + rates), in descending norm.</summary>
    public FactorRows ProductFactors { get; }

    /// <summary>
    /// The eigenvalues of the products' Gramian, one a factor; the factor columns stand in its eigenbasis.
    /// </summary>
    public MappedArray<double> Spectrum { get; }

    /// <summary>Users who purchased each product in the scope year.</summary>
    public MappedArray<int> ProductBuyers { get; }

    /// <summary>
    /// For each product what a purchase of it adds to the own-history term: who repeats, and how it sells.
    /// </summary>
    public MappedArray<float> ProductRepeat { get; }

    /// <summary>
    /// products x <see cref="ScoreQuantiles.Count"/>, in earlier files x <see cref="ScoreQuantiles.EarlierCount"/>: the
    /// scores of each product's users at fixed shares of them.
    /// </summary>
    public MappedArray<float> ProductQuantiles { get; }

    /// <summary>The row of <see cref="ProductQuantiles"/> of a product.</summary>
    public ReadOnlySpan<float> QuantilesOf(ProductOrdinal product)
    {
        var count = (int)(ProductQuantiles.Length / Manifest.ProductCount);
        return ProductQuantiles.Slice((long)product.Value * count, count);
    }

    /// <summary>Profiles and transposes: mapped where the file holds them, built where it does not.</summary>
    public DerivedMatrices Derived { get; }

    /// <summary>The behaviors of the scope year by user.</summary>
    public MappedHistory History { get; }

    /// <summary>The behaviors outside the scope, for audiences; null in files that were written without them.</summary>
    public MappedOutOfScope? OutOfScope { get; }

    /// <summary>Row j: what one unit of h on j adds to the score of each product.</summary>
    public MappedSparseMatrix Similarity { get; }

    /// <summary>Related products by product, strongest first.</summary>
    public MappedRelated Related { get; }

    /// <summary>
    /// The ONNX model that re-ranks batches; empty when <see cref="SnapshotManifest.Reranker"/> is null.
    /// </summary>
    public MappedArray<byte> Reranker { get; }

    /// <summary>When users order again; null in files that were written without it, or from too few orders.</summary>
    public NextOrderTerms? NextOrder { get; }

    /// <summary>
    /// products x 2, if there is <see cref="NextOrder"/>: the usual days from one purchase to the next, and how much
    /// more often than others purchasers come back to it.
    /// </summary>
    public MappedArray<float> ProductTiming { get; }

    /// <summary>
    /// The new products, which nobody has purchased: a snapshot without users, its factors in the same space. Null in
    /// files without any.
    /// </summary>
    public Snapshot? Cold { get; }

    /// <summary>
    /// What an engine must answer before it serves the file; null in files that were written without it.
    /// </summary>
    public KnownAnswers? Known { get; }

    /// <summary>Tag columns in the order of the manifest.</summary>
    public IReadOnlyList<MappedTag> Tags { get; }

    /// <summary>
    /// Maps a file and checks header, section table, manifest and shapes, in constant time. <see cref="Verify"/> before
    /// serving: it reads every byte.
    /// </summary>
    /// <exception cref="InputException">
    /// The file cannot be read, or (<see cref="SnapshotFormatException"/>) is no sound snapshot.
    /// </exception>
    /// <exception cref="OperationCanceledException">It was canceled, while a private copy was made.</exception>
    public static Snapshot Open(
        string path, SnapshotAccess access = SnapshotAccess.InPlace, CancellationToken cancellation = default)
    {
        var file = new MappedFile(path, access, cancellation);
        try
        {
            return new Snapshot(file, SectionReader.Read(path, file));
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>
    /// <see cref="Open"/>, then <see cref="Verify"/>, then <see cref="Hide"/> who was forgotten in the file's folder.
    /// </summary>
    /// <exception cref="OperationCanceledException">It was canceled.</exception>
    public static Snapshot OpenVerified(
        string path, SnapshotAccess access = SnapshotAccess.InPlace, CancellationToken cancellation = default)
    {
        var snapshot = Open(path, access, cancellation);
        try
        {
            snapshot.Verify(cancellation);
            snapshot.Hide(ForgottenUsers.Read(System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(path))!));
            return snapshot;
        }
        catch
        {
            snapshot.Dispose();
            throw;
        }
    }

    /// <summary>Reads every byte: checksums, zero padding, offsets, ordinals, finite numbers, order of norms.</summary>
    /// <param name="cancellation">Seen within a fraction of a second.</param>
    /// <exception cref="SnapshotFormatException">The first thing that is wrong.</exception>
    /// <exception cref="OperationCanceledException">It was canceled.</exception>
    public void Verify(CancellationToken cancellation = default)
    {
        _sections.VerifyBytes(cancellation);
        SnapshotVerifier.Verify(this, cancellation);
        Cold?.Verify(cancellation);
    }

    /// <summary>
    /// Whether a file holds exactly the bytes that answer. It is read, not mapped, so it may change meanwhile.
    /// </summary>
    /// <exception cref="InputException">It is no regular file.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public bool HasContentOf(string path)
    {
        using var other = PlainFile.Open(path);
        if (RandomAccess.GetLength(other) != FileLength)
        {
            return false;
        }

        var block = new byte[1 << 20];
        for (var at = 0L; at < FileLength;)
        {
            var read = RandomAccess.Read(other, block, at);
            if (read == 0
                || !_file.Bytes(at, (int)Math.Min(read, FileLength - at)).SequenceEqual(block.AsSpan(0, read)))
            {
                return false;
            }

            at += read;
        }

        return true;
    }

    private static Snapshot OpenCold(SectionReader sections)
    {
        var file = sections.Within(SectionKind.ColdProducts);
        try
        {
            return new Snapshot(
                file, SectionReader.Read($"{sections.Path}, section {SectionKind.ColdProducts}", file), isPart: true);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Whether the file is the one to ask about a user, known or not.</summary>
    public bool Owns(string user) => Shard is null || Shard.Buckets.Contains(UserBuckets.Of(user));

    /// <summary>The ordinal of a user, or -1 when no shard can know the user.</summary>
    /// <exception cref="MissingBucketsException">Another shard can.</exception>
    public int FindUser(string user)
    {
        var ordinal = UserIds.Find(user);
        return ordinal >= 0 || user.Length == 0 || Owns(user)
            ? ordinal
            : throw MissingBucketsException.OfUser(user, UserBuckets.Of(user), Shard!.Buckets);
    }

    /// <summary>Refuses a question about all users on a shard, unless a part of them will do.</summary>
    /// <exception cref="MissingBucketsException">Some users are in other shards.</exception>
    public void CheckBuckets(bool allowPartial)
    {
        if (Shard is not null && !allowPartial)
        {
            throw MissingBucketsException.OfOthers(Shard.Buckets);
        }
    }

    /// <summary>The buckets whose users the file lacks.</summary>
    public IReadOnlyList<BucketRange> MissingBuckets =>
        Shard is null ? [] : MissingBucketsException.Others(Shard.Buckets);

    /// <summary>Writes a section as it is into another file.</summary>
    internal void CopySection(in SectionEntry entry, SectionWriter writer) => _sections.Copy(entry, writer);

    /// <summary>
    /// Makes the people of a list unknown. Takes about a second for a million users; an empty list, or the same one
    /// again, takes nothing. One call at a time.
    /// </summary>
    public void Hide(ForgottenUsers forgotten)
    {
        if (forgotten.Count > 0 && forgotten.Stamp != _hidden)
        {
            HiddenUsers.Replace(
                Enumerable.Range(0, UserIds.Count).Where(user => forgotten.Contains(UserIds.Utf8(user))));
            HiddenOthers.Replace(
                Enumerable.Range(0, OutOfScope?.UserIds.Count ?? 0)
                    .Where(user => forgotten.Contains(OutOfScope!.UserIds.Utf8(user))));
            _hidden = forgotten.Stamp;
        }
    }

    /// <summary>Unmaps the file, and frees what was derived from it.</summary>
    public void Dispose()
    {
        Cold?.Dispose();
        Derived.Dispose();
        _file.Dispose();
    }
}

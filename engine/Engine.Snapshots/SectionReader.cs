using Engine.Kernels;
using Engine.Kernels.Arithmetic;
using Engine.Snapshots.Format;
using Engine.Snapshots.Ids;
using Engine.Snapshots.Manifest;
using Engine.Snapshots.Mapping;
using Engine.Snapshots.Writing;

namespace Engine.Snapshots;

/// <summary>Typed views of the sections of a mapped file, each checked for type and shape when it is taken.</summary>
internal sealed class SectionReader
{
    private readonly MappedFile _file;
    private readonly SectionTable _table;

    private SectionReader(MappedFile file, SectionTable table, uint tableCrc)
    {
        _file = file;
        _table = table;
        TableCrc = tableCrc;
    }

    /// <summary>The file, for messages.</summary>
    public string Path => _table.Path;

    /// <summary>Stands for the content.</summary>
    public uint TableCrc { get; }

    /// <summary>In file order.</summary>
    public IReadOnlyList<SectionEntry> Entries => _table.Entries;

    /// <summary>Checks header and table.</summary>
    public static SectionReader Read(string path, MappedFile file)
    {
        if (!BitConverter.IsLittleEndian)
        {
            throw new SnapshotFormatException(path, "found a big-endian machine, expected a little-endian one");
        }

        var header =
            SnapshotHeader.Read(path, file.Bytes(0, (int)Math.Min(SnapshotHeader.Size, file.Length)), file.Length);
        var table =
            SectionTable.Read(path, header, file.Bytes(header.TableOffset, header.SectionCount * SectionEntry.Size));
        return new SectionReader(file, table, header.TableCrc);
    }

    /// <summary>The manifest, its sizes checked.</summary>
    public SnapshotManifest Manifest()
    {
        var manifest = Structured<SnapshotManifest>(SectionKind.Manifest);
        if (manifest is
            {
                Scope.LastBehaviorTime.Length: >= 10,
                Scope.ScopeStart.Length: 10,
                RateDimensions: ["product_rate", "user_rate"],
                Weights: not null,
                FoldIn: not null,
                Preference.IsSound: true,
                Calibration.IsSound: true,
                Reranker: null or { IsSound: true },
                Shard: null or { IsSound: true },
                Tags: not null,
                Settings: not null,
                UserCount: >= 0,
                ProductCount: >= 0,
                FactorCount: >= 0,
            }
            && DateOnly.TryParseExact(manifest.Scope.LastBehaviorTime[..10], "yyyy-MM-dd", out _)
            && DateOnly.TryParseExact(manifest.Scope.ScopeStart, "yyyy-MM-dd", out _))
        {
            return manifest;
        }

        throw new SnapshotFormatException(
            Path, "found a manifest without sound scope, sizes, terms or settings, expected all of them");
    }

    /// <summary>A structured section.</summary>
    public T Structured<T>(SectionKind kind)
    {
        var entry = Entry(kind, ElementType.UInt8, 0);
        return StructuredSection.Read<T>(
            Path, _file.Bytes(entry.Offset, checked((int)Math.Min(entry.Length, int.MaxValue))));
    }

    /// <summary>The terms of the next order, or null when the file holds none.</summary>
    public NextOrderTerms? NextOrder()
    {
        if (!Has(SectionKind.NextOrder))
        {
            return null;
        }

        var terms = Structured<NextOrderTerms>(SectionKind.NextOrder);
        return terms.IsSound
            ? terms
            : throw new SnapshotFormatException(
                Path, "section NextOrder[0]: found unsound terms, expected ascending bounds and finite numbers");
    }

    /// <summary>The known answers, or null when the file holds none.</summary>
    /// <param name="users">Users of the whole snapshot.</param>
    /// <param name="products">Products of the file.</param>
    public KnownAnswers? Known(int users, int products)
    {
        if (!Has(SectionKind.KnownAnswers))
        {
            return null;
        }

        var known = Structured<KnownAnswers>(SectionKind.KnownAnswers);
        return known.IsSound(users, products)
            ? known
            : throw new SnapshotFormatException(
                Path,
                "section KnownAnswers[0]: found unsound answers, expected ordinals in range and a finite score each");
    }

    /// <summary>A one-dimensional section; of <paramref name="rows"/> elements unless that is negative.</summary>
    public MappedArray<T> Array<T>(SectionKind kind, long rows = -1, int index = 0)
        where T : unmanaged => Rows<T>(kind, rows, 1, 1, index, out _);

    /// <summary>Writes a section as it is into another file.</summary>
    public void Copy(in SectionEntry entry, SectionWriter writer)
    {
        var (file, start) = (_file, entry.Offset);
        writer.Copy(entry, (offset, length) => file.Bytes(start + offset, length));
    }

    /// <summary>A factor matrix of the given shape, in rows of whole vectors.</summary>
    public unsafe FactorRows Factors(SectionKind kind, int rows, int columns)
    {
        Rows<float>(kind, rows, columns, FactorRows.StrideOf(columns), 0, out var entry);
        return new FactorRows((float*)_file.Pointer(entry.Offset, entry.Length), rows, columns, entry.Stride);
    }

    /// <summary>The users' factors: dense rows, in files of version 1 padded ones.</summary>
    public unsafe FactorRows UserFactors(int rows, int columns)
    {
        if (!Has(SectionKind.UserRows))
        {
            return Factors(SectionKind.UserFactors, rows, columns);
        }

        var elements = ((long)rows * columns) + FactorRows.TailOf(columns);
        Rows<float>(SectionKind.UserRows, elements, 1, 1, 0, out var entry);
        return FactorRows.Dense((float*)_file.Pointer(entry.Offset, entry.Length), rows, columns);
    }

    /// <summary>Whether the file has a section.</summary>
    public bool Has(SectionKind kind) => _table.Find(kind) is not null;

    /// <summary>
    /// The bytes of a section that a file may lack; <paramref name="expected"/> says whether it must be there.
    /// </summary>
    public MappedArray<byte> Optional(SectionKind kind, bool expected) =>
        expected || _table.Find(kind) is null
            ? expected ? Array<byte>(kind) : default
            : throw new SnapshotFormatException(
                Path, $"section {kind}[0]: found one that the manifest does not speak of, expected none");

    /// <summary>The scores of each product's users at fixed shares of them; earlier files have fewer shares.</summary>
    public MappedArray<float> Quantiles(long products)
    {
        var columns = _table.Find(SectionKind.ProductQuantiles) is { Columns: ScoreQuantiles.EarlierCount }
            ? ScoreQuantiles.EarlierCount
            : ScoreQuantiles.Count;
        return Rows<float>(SectionKind.ProductQuantiles, products, columns, columns, 0, out _);
    }

    /// <summary>A matrix without padding between its rows.</summary>
    public MappedArray<float> Matrix(SectionKind kind, long rows, int columns) =>
        Rows<float>(kind, rows, columns, columns, 0, out _);

    /// <summary>The id table whose first section is <paramref name="kind"/>.</summary>
    public IdTable Ids(SectionKind kind, long count) =>
        new(
            Array<byte>(kind),
            Offsets(kind + 1, count + 1),
            Array<long>(kind + 2, IdTableBuilder.SlotCount(count)));

    /// <summary>
    /// The texts whose bytes are in <paramref name="kind"/>; <paramref name="count"/> of them unless negative.
    /// </summary>
    public StringTable Strings(SectionKind kind, long count = -1, int index = 0)
    {
        var offsets = Offsets(kind + 1, count < 0 ? -1 : count + 1, index);
        return offsets.Length > 0
            ? new StringTable(Array<byte>(kind, -1, index), offsets)
            : throw new SnapshotFormatException(
                Path, InvariantText.Of($"section {kind + 1}[{index}]: found no offsets, expected at least one"));
    }

    /// <summary>The sparse matrix whose first section is <paramref name="kind"/>.</summary>
    public MappedSparseMatrix Sparse(SectionKind kind, long rows) => Sparse(kind, rows, kind + 2);

    /// <summary>
    /// Other values of the sparse matrix whose first section is <paramref name="kind"/>: the same rows and columns.
    /// </summary>
    public MappedSparseMatrix Sparse(SectionKind kind, long rows, SectionKind values)
    {
        var indices = Array<int>(kind + 1);
        return new MappedSparseMatrix(Array<long>(kind, rows + 1), indices, Array<float>(values, indices.Length));
    }

    /// <summary>
    /// The behaviors of <paramref name="users"/> users: records, or arrays where something does not fit a record, as in
    /// files of version 1.
    /// </summary>
    public MappedHistory History(long users)
    {
        if (!Has(SectionKind.HistoryRecords))
        {
            return History(SectionKind.HistoryOffsets, users);
        }

        var layout = Entry(SectionKind.HistoryRecords, ElementType.UInt8, 0).Columns == HistoryRecord.Short.Size
            ? HistoryRecord.Short
            : HistoryRecord.Long;
        return new MappedHistory(
            Offsets(SectionKind.HistoryOffsets, users + 1),
            layout,
            Rows<byte>(SectionKind.HistoryRecords, -1, layout.Size, layout.Size, 0, out _),
            Large<ushort>(SectionKind.HistoryLargePlaces));
    }

    /// <summary>The file in a section; its bytes are this file's.</summary>
    public MappedFile Within(SectionKind kind)
    {
        var entry = Entry(kind, ElementType.UInt8, 0);
        return new MappedFile(_file, entry.Offset, entry.Length);
    }

    /// <summary>The behaviors outside the scope, or null when the file holds none.</summary>
    public MappedOutOfScope? OutOfScope(int users, int products)
    {
        if (!Has(SectionKind.OutOfScopeOffsets))
        {
            return null;
        }

        var others = Strings(SectionKind.OutOfScopeUserIdBytes);
        var rows = History(SectionKind.OutOfScopeOffsets, (long)users + others.Count);
        return new MappedOutOfScope(rows, others, Strings(SectionKind.OutOfScopeProductIdBytes), users, products);
    }

    // Places, and in the next kind the numbers.
    private LargeNumbers<T> Large<T>(SectionKind kind)
        where T : unmanaged
    {
        var places = Array<long>(kind);
        return new LargeNumbers<T>(places, Array<T>(kind + 1, places.Length));
    }

    // 32 bits each where they suffice; in files of versions 1 and 2 always 64.
    private MappedOffsets Offsets(SectionKind kind, long rows, int index = 0) =>
        _table.Find(kind, index) is { ElementType: ElementType.Int32 }
            ? new MappedOffsets(Array<int>(kind, rows, index))
            : new MappedOffsets(Array<long>(kind, rows, index));

    // Offsets, products, days, types and counts, in this order.
    private MappedHistory History(SectionKind first, long rows)
    {
        var products = Array<int>(first + 1);
        return new MappedHistory(
            Offsets(first, rows + 1),
            products,
            Array<ushort>(first + 2, products.Length),
            Array<byte>(first + 3, products.Length),
            Array<ushort>(first + 4, products.Length));
    }

    /// <summary>
    /// The related products of <paramref name="count"/> products: records, or arrays where there are too many products
    /// for a record, as in files of versions 1 and 2.
    /// </summary>
    public MappedRelated Related(long count)
    {
        var layout = Has(SectionKind.RelatedRecords) ? RelatedRecord.Of(count) : null;
        var products = Array<int>(layout is null ? SectionKind.RelatedProducts : SectionKind.RelatedRecords);
        var hasPartials = Has(SectionKind.RelatedPartials);
        return new MappedRelated
        {
            Offsets = Offsets(SectionKind.RelatedOffsets, count + 1),
            Layout = layout,
            Products = products,
            Strengths = Array<float>(SectionKind.RelatedStrengths, products.Length),
            Supports = layout is null ? Array<int>(SectionKind.RelatedSupports, products.Length) : default,
            Large = layout is null ? default : Large<int>(SectionKind.RelatedLargePlaces),
            Partials = hasPartials
                ? Array<float>(SectionKind.RelatedPartials, layout is null ? products.Length : -1)
                : default,
            PartialOffsets = hasPartials && layout is not null
                ? Offsets(SectionKind.RelatedPartialOffsets, count + 1)
                : default,
            AllBuyers = Has(SectionKind.RelatedBuyers) ? Array<int>(SectionKind.RelatedBuyers, count + 1) : default,
        };
    }

    /// <summary>The tag columns of <paramref name="products"/> products.</summary>
    public MappedTag[] Tags(TagSchema[] columns, long products)
    {
        var tags = new MappedTag[columns.Length];
        for (var i = 0; i < columns.Length; i++)
        {
            tags[i] = columns[i].Type switch
            {
                TagValueType.Text => new MappedTag(columns[i])
                {
                    Codes = Array<int>(SectionKind.TagCodes, products, i),
                    Words = Strings(SectionKind.TagWordBytes, -1, i),
                },
                TagValueType.MultiText => new MappedTag(columns[i])
                {
                    Offsets = Array<long>(SectionKind.TagOffsets, products + 1, i),
                    Codes = Array<int>(SectionKind.TagCodes, -1, i),
                    Words = Strings(SectionKind.TagWordBytes, -1, i),
                },
                TagValueType.Number =>
                    new MappedTag(columns[i]) { Numbers = Array<double>(SectionKind.TagNumbers, products, i) },
                TagValueType.Date =>
                    new MappedTag(columns[i]) { Times = Array<long>(SectionKind.TagTimes, products, i) },
                _ =>
                    throw new SnapshotFormatException(
                        Path, InvariantText.Of(
                            $"found tag '{columns[i].Column}' of type {(int)columns[i].Type}, expected a known one")),
            };
        }

        return tags;
    }

    /// <summary>Checks the checksum of every section and that the bytes between them are zero.</summary>
    /// <param name="cancellation">Looked at in each chunk.</param>
    public void VerifyBytes(CancellationToken cancellation = default)
    {
        const int Chunk = 1 << 24;
        foreach (var entry in _table.Entries)
        {
            var crc = 0u;
            for (var done = 0L; done < entry.Length; done += Chunk)
            {
                cancellation.ThrowIfCancellationRequested();
                crc = Crc32C.Append(crc, _file.Bytes(entry.Offset + done, (int)Math.Min(Chunk, entry.Length - done)));
            }

            if (crc != entry.Crc)
            {
                throw new SnapshotFormatException(
                    Path, InvariantText.Of(
                        $"section {entry.Kind}[{entry.Index}]: found checksum {crc:x8}, expected {entry.Crc:x8}"));
            }

            var end = entry.Offset + entry.Length;
            if (_file.Bytes(end, (int)(SnapshotHeader.Align(end) - end)).ContainsAnyExcept((byte)0))
            {
                throw new SnapshotFormatException(
                    Path, InvariantText.Of(
                        $"section {entry.Kind}[{entry.Index}]: found padding that is not zero, expected zero bytes"));
            }
        }
    }

    private unsafe MappedArray<T> Rows<T>(
        SectionKind kind, long rows, int columns, int stride, int index, out SectionEntry entry)
        where T : unmanaged
    {
        entry = Entry(kind, ElementTypes.Of<T>(), index);
        if ((rows >= 0 && entry.Rows != rows) || entry.Columns != columns || entry.Stride != stride)
        {
            throw new SnapshotFormatException(
                Path,
                InvariantText.Of(
                    $"section {kind}[{index}]: found {entry.Rows} rows x {entry.Columns} columns, stride "
                    + $"{entry.Stride}, "
                    + $"expected {(rows >= 0 ? rows : (object)"any number of")} rows x {columns}, stride {stride}"));
        }

        return new MappedArray<T>(_file.Pointer(entry.Offset, entry.Length), entry.Rows * entry.Stride);
    }

    private SectionEntry Entry(SectionKind kind, ElementType type, int index)
    {
        var entry = _table.Find(kind, index)
            ?? throw new SnapshotFormatException(Path, InvariantText.Of(
                $"section {kind}[{index}]: found none, expected one"));
        return entry.ElementType == type
            ? entry
            : throw new SnapshotFormatException(
                Path, InvariantText.Of(
                    $"section {kind}[{index}]: found elements of type {entry.ElementType}, expected {type}"));
    }
}

using Engine.Kernels.Arithmetic;
using Engine.Snapshots.Format;
using Engine.Snapshots.Manifest;

namespace Engine.Snapshots.Writing;

/// <summary>Writes snapshot files. Equal content gives equal bytes.</summary>
public static class SnapshotWriter
{
    private const int FixedSections = 19;
    private const int ProfileSections = 5;
    private const int PackedHistorySections = 4;
    private const int WideHistorySections = 5;
    private const int PackedRelatedSections = 5;
    private const int WideRelatedSections = 4;

    /// <summary>Sections of the behaviors out of scope.</summary>
    internal const int OutOfScopeSections = 9;

    private const int NextOrderSections = 2;

    /// <summary>
    /// Writes <paramref name="content"/> to <paramref name="path"/>, which must not exist, and flushes it to the disk.
    /// Nothing refers to the file yet: <see cref="SnapshotDirectory.Publish(SnapshotContent)"/> writes, renames and
    /// moves CURRENT.
    /// </summary>
    /// <exception cref="InputException">The content is inconsistent, or holds NaN or infinity.</exception>
    public static void Write(string path, SnapshotContent content)
    {
        ContentCheck.Check(content);
        using var stream = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1 << 16);
        Write(stream, content);
        stream.Flush(flushToDisk: true);
    }

    /// <summary>The bytes of the file, for <see cref="SnapshotContent.Cold"/>.</summary>
    /// <exception cref="InputException">The content is inconsistent, or holds NaN or infinity.</exception>
    public static byte[] Bytes(SnapshotContent content)
    {
        ContentCheck.Check(content);
        using var stream = new MemoryStream();
        Write(stream, content);
        return stream.ToArray();
    }

    private static void Write(Stream stream, SnapshotContent content)
    {
        var history = content.History.RecordOf(content.ProductIds.Count);
        var related = RelatedRecord.Of(content.ProductIds.Count);
        var writer =
            new SectionWriter(
                stream,
                FixedSections
                + (content.DerivesProfile ? 0 : ProfileSections)
                + (history is null ? WideHistorySections : PackedHistorySections)
                + (related is null ? WideRelatedSections : PackedRelatedSections)
                + (content.Reranker is null ? 0 : 1)
                + (content.Cold is null ? 0 : 1)
                + (content.Known is null ? 0 : 1)
                + (content.NextOrder is null ? 0 : NextOrderSections)
                + (content.Related.Partials is null ? 0 : related is null ? 1 : 2)
                + (content.Related.Buyers is null ? 0 : 1)
                + (content.OutOfScope is null ? 0 : OutOfScopeSections)
                + content.Manifest.Tags.Sum(TagSections));
        writer.Array<byte>(SectionKind.Manifest, StructuredSection.Write(content.Manifest));
        writer.Array<byte>(SectionKind.TrainingReport, StructuredSection.Write(content.Report));
        writer.Ids(SectionKind.UserIdRecords, content.UserIds);
        writer.Ids(SectionKind.ProductIdRecords, content.ProductIds);
        writer.Strings(SectionKind.ProductNameBytes, content.ProductNames);
        WriteUsers(writer, content.UserFactors);
        var products = content.ProductFactors;
        writer.Matrix(
            SectionKind.ProductFactors, products.Elements, products.Rows, products.Columns, products.Stride);
        writer.Array<double>(SectionKind.Spectrum, content.Spectrum);
        writer.Array<int>(SectionKind.ProductBuyers, content.ProductBuyers);
        writer.Array<float>(SectionKind.ProductRepeat, content.ProductRepeat);
        writer.Matrix<float>(
            SectionKind.ProductQuantiles,
            content.ProductQuantiles,
            content.ProductIds.Count,
            ScoreQuantiles.Count,
            ScoreQuantiles.Count);
        if (content.Reranker is not null)
        {
            writer.Array<byte>(SectionKind.Reranker, content.Reranker, required: false);
        }

        if (content.NextOrder is not null)
        {
            writer.Array<byte>(SectionKind.NextOrder, StructuredSection.Write(content.NextOrder), required: false);
            writer.Matrix<float>(
                SectionKind.ProductTiming, content.ProductTiming, content.ProductIds.Count, 2, 2, required: false);
        }

        if (!content.DerivesProfile)
        {
            writer.Sparse(SectionKind.ProfileOffsets, content.Profile);
            writer.Array<float>(SectionKind.ProfileHistory, content.ProfileHistory);
            writer.Array<float>(SectionKind.ProfileOwn, content.ProfileOwn);
        }

        WriteHistory(writer, content.History, history);
        writer.Sparse(SectionKind.SimilarityOffsets, content.Similarity);
        RelatedSections.Write(writer, content.Related, related);

        for (var i = 0; i < content.Tags.Count; i++)
        {
            WriteTag(writer, content.Tags[i], i);
        }

        if (content.OutOfScope is { } outside)
        {
            WriteOutOfScope(writer, outside);
        }

        if (content.Cold is { } cold)
        {
            writer.Array<byte>(SectionKind.ColdProducts, cold, required: false);
        }

        if (content.Known is { } known)
        {
            WriteKnown(writer, known);
        }

        writer.Finish();
    }

    /// <summary>Writes the known answers.</summary>
    internal static void WriteKnown(SectionWriter writer, KnownAnswers known) =>
        writer.Array<byte>(SectionKind.KnownAnswers, StructuredSection.Write(known), required: false);

    private static int TagSections(TagSchema tag) => tag.Type switch
    {
        TagValueType.Text => 3,
        TagValueType.MultiText => 4,
        _ => 1,
    };

    /// <summary>Writes factors without the padding that kernels read products with: a sixth of the rows.</summary>
    internal static void WriteUsers(SectionWriter writer, FactorContent users) =>
        writer.Rows<float>(
            SectionKind.UserRows,
            users.Rows,
            users.Columns,
            columns: 1,
            (first, elements) =>
            {
                for (var at = 0; at < elements.Length; at += users.Columns)
                {
                    users.Row(first + (at / users.Columns)).CopyTo(elements[at..]);
                }
            },
            FactorRows.TailOf(users.Columns));

    /// <summary>Writes behaviors as records, or as arrays where something does not fit a record.</summary>
    internal static void WriteHistory(SectionWriter writer, HistoryContent history, HistoryRecord? packed)
    {
        writer.Offsets(SectionKind.HistoryOffsets, history.Offsets);
        if (packed is { } record)
        {
            WriteRecords(writer, history, record);
            return;
        }

        writer.Array<int>(SectionKind.HistoryProducts, history.Products);
        writer.Array<ushort>(SectionKind.HistoryDays, history.Days);
        writer.Array<byte>(SectionKind.HistoryTypes, history.Types);
        writer.Array<ushort>(SectionKind.HistoryCounts, history.Counts);
    }

    private static void WriteRecords(SectionWriter writer, HistoryContent history, HistoryRecord record)
    {
        var places = new List<long>();
        writer.Rows<byte>(
            SectionKind.HistoryRecords,
            history.Products.Length,
            record.Size,
            record.Size,
            (first, records) =>
            {
                for (var i = 0; i < records.Length / record.Size; i++)
                {
                    var e = first + i;
                    record.Write(
                        records, i, history.Products[e], history.Days[e], history.Types[e], history.Counts[e]);
                    if (history.Counts[e] >= record.LargeUnits)
                    {
                        places.Add(e);
                    }
                }
            });
        writer.Array<long>(SectionKind.HistoryLargePlaces, places.ToArray());
        writer.Array<ushort>(
            SectionKind.HistoryLargeUnits, places.ConvertAll(place => history.Counts[place]).ToArray());
    }

    /// <summary>Writes the sections of the behaviors out of scope.</summary>
    internal static void WriteOutOfScope(SectionWriter writer, OutOfScopeContent outside)
    {
        writer.Strings(SectionKind.OutOfScopeUserIdBytes, outside.UserIds, required: false);
        writer.Strings(SectionKind.OutOfScopeProductIdBytes, outside.ProductIds, required: false);
        writer.Offsets(SectionKind.OutOfScopeOffsets, outside.Offsets, required: false);
        writer.Array<int>(SectionKind.OutOfScopeProducts, outside.Products, required: false);
        writer.Array<ushort>(SectionKind.OutOfScopeDays, outside.Days, required: false);
        writer.Array<byte>(SectionKind.OutOfScopeTypes, outside.Types, required: false);
        writer.Array<ushort>(SectionKind.OutOfScopeCounts, outside.Counts, required: false);
    }

    private static void WriteTag(SectionWriter writer, TagContent tag, int index)
    {
        if (tag.Offsets is not null)
        {
            writer.Array<long>(SectionKind.TagOffsets, tag.Offsets, index);
        }

        if (tag.Codes is not null && tag.Words is not null)
        {
            writer.Array<int>(SectionKind.TagCodes, tag.Codes, index);
            writer.Strings(SectionKind.TagWordBytes, tag.Words, index);
        }

        if (tag.Numbers is not null)
        {
            writer.Array<double>(SectionKind.TagNumbers, tag.Numbers, index);
        }

        if (tag.Times is not null)
        {
            writer.Array<long>(SectionKind.TagTimes, tag.Times, index);
        }
    }
}

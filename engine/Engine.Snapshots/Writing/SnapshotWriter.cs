using Engine.Snapshots.Format;
using Engine.Snapshots.Manifest;

namespace Engine.Snapshots.Writing;

/// <summary>Writes snapshot files. Equal content gives equal bytes.</summary>
public static class SnapshotWriter
{
    private const int FixedSections = 40;
    private const int OutOfScopeSections = 9;
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
        var writer =
            new SectionWriter(
                stream,
                FixedSections
                + (content.Reranker is null ? 0 : 1)
                + (content.NextOrder is null ? 0 : NextOrderSections)
                + (content.Related.Partials is null ? 0 : 1)
                + (content.Related.Buyers is null ? 0 : 1)
                + (content.OutOfScope is null ? 0 : OutOfScopeSections)
                + content.Manifest.Tags.Sum(TagSections));
        writer.Array<byte>(SectionKind.Manifest, StructuredSection.Write(content.Manifest));
        writer.Array<byte>(SectionKind.TrainingReport, StructuredSection.Write(content.Report));
        writer.Ids(SectionKind.UserIdRecords, content.UserIds);
        writer.Ids(SectionKind.ProductIdRecords, content.ProductIds);
        writer.Strings(SectionKind.ProductNameBytes, content.ProductNames);
        WriteFactors(writer, SectionKind.UserFactors, content.UserFactors);
        WriteFactors(writer, SectionKind.ProductFactors, content.ProductFactors);
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

        writer.Sparse(SectionKind.ProfileOffsets, content.Profile);
        writer.Array<float>(SectionKind.ProfileHistory, content.ProfileHistory);
        writer.Array<float>(SectionKind.ProfileOwn, content.ProfileOwn);
        writer.Sparse(
            SectionKind.ProfileReverseOffsets,
            (content.Profile with { Values = content.ProfileHistory }).Transpose(content.ProductIds.Count));
        writer.Array<float>(
            SectionKind.ProfileReverseOwn,
            (content.Profile with { Values = content.ProfileOwn }).Transpose(content.ProductIds.Count).Values);
        writer.Array<long>(SectionKind.HistoryOffsets, content.History.Offsets);
        writer.Array<int>(SectionKind.HistoryProducts, content.History.Products);
        writer.Array<ushort>(SectionKind.HistoryDays, content.History.Days);
        writer.Array<byte>(SectionKind.HistoryTypes, content.History.Types);
        writer.Array<ushort>(SectionKind.HistoryCounts, content.History.Counts);
        writer.Sparse(SectionKind.SimilarityOffsets, content.Similarity);
        writer.Sparse(SectionKind.SimilarityReverseOffsets, content.Similarity.Transpose(content.ProductIds.Count));
        writer.Array<long>(SectionKind.RelatedOffsets, content.Related.Offsets);
        writer.Array<int>(SectionKind.RelatedProducts, content.Related.Products);
        writer.Array<float>(SectionKind.RelatedStrengths, content.Related.Strengths);
        writer.Array<int>(SectionKind.RelatedSupports, content.Related.Supports);
        if (content.Related.Partials is not null)
        {
            writer.Array<float>(SectionKind.RelatedPartials, content.Related.Partials, required: false);
        }

        if (content.Related.Buyers is not null)
        {
            writer.Array<int>(SectionKind.RelatedBuyers, content.Related.Buyers, required: false);
        }

        for (var i = 0; i < content.Tags.Count; i++)
        {
            WriteTag(writer, content.Tags[i], i);
        }

        if (content.OutOfScope is { } outside)
        {
            WriteOutOfScope(writer, outside);
        }

        writer.Finish();
        stream.Flush(flushToDisk: true);
    }

    private static int TagSections(TagSchema tag) => tag.Type switch
    {
        TagValueType.Text => 3,
        TagValueType.MultiText => 4,
        _ => 1,
    };

    private static void WriteFactors(SectionWriter writer, SectionKind kind, FactorContent factors) =>
        writer.Matrix(kind, factors.Elements, factors.Rows, factors.Columns, factors.Stride);

    private static void WriteOutOfScope(SectionWriter writer, OutOfScopeContent outside)
    {
        writer.Strings(SectionKind.OutOfScopeUserIdBytes, outside.UserIds, required: false);
        writer.Strings(SectionKind.OutOfScopeProductIdBytes, outside.ProductIds, required: false);
        writer.Array<long>(SectionKind.OutOfScopeOffsets, outside.Offsets, required: false);
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

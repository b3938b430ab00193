using Engine.Snapshots.Format;

namespace Engine.Snapshots.Writing;

/// <summary>Writes the related products.</summary>
internal static class RelatedSections
{
    /// <summary>As records, or as arrays where there are too many products for a record.</summary>
    public static void Write(SectionWriter writer, RelatedContent related, RelatedRecord? packed)
    {
        writer.Offsets(SectionKind.RelatedOffsets, related.Offsets);
        writer.Array<float>(SectionKind.RelatedStrengths, related.Strengths);
        if (packed is { } record)
        {
            WriteRecords(writer, related, record);
        }
        else
        {
            writer.Array<int>(SectionKind.RelatedProducts, related.Products);
            writer.Array<int>(SectionKind.RelatedSupports, related.Supports);
            if (related.Partials is not null)
            {
                writer.Array<float>(SectionKind.RelatedPartials, related.Partials, required: false);
            }
        }

        if (related.Buyers is not null)
        {
            writer.Array<int>(SectionKind.RelatedBuyers, related.Buyers, required: false);
        }
    }

    private static void WriteRecords(SectionWriter writer, RelatedContent related, RelatedRecord record)
    {
        var places = new List<long>();
        writer.Rows<int>(
            SectionKind.RelatedRecords,
            related.Products.Length,
            width: 1,
            columns: 1,
            (first, records) =>
            {
                for (var i = 0; i < records.Length; i++)
                {
                    var e = first + i;
                    records[i] = record.Pack(related.Products[e], HasPartial(related, e), related.Supports[e]);
                    if (related.Supports[e] >= record.LargeSupport)
                    {
                        places.Add(e);
                    }
                }
            });
        writer.Array<long>(SectionKind.RelatedLargePlaces, places.ToArray());
        writer.Array<int>(
            SectionKind.RelatedLargeSupports, places.ConvertAll(place => related.Supports[place]).ToArray());
        if (related.Partials is not null)
        {
            WritePartials(writer, related, related.Partials);
        }
    }

    // Most are zero where each product has many related ones: a regression has few of them.
    private static void WritePartials(SectionWriter writer, RelatedContent related, float[] partials)
    {
        var offsets = new long[related.Offsets.Length];
        for (var product = 0; product + 1 < offsets.Length; product++)
        {
            offsets[product + 1] = offsets[product];
            for (var e = related.Offsets[product]; e < related.Offsets[product + 1]; e++)
            {
                offsets[product + 1] += HasPartial(related, e) ? 1 : 0;
            }
        }

        writer.Offsets(SectionKind.RelatedPartialOffsets, offsets, required: false);
        writer.Array<float>(
            SectionKind.RelatedPartials, partials.Where((_, e) => HasPartial(related, e)).ToArray(), required: false);
    }

    // A negative zero is stored, so that every bit comes back.
    private static bool HasPartial(RelatedContent related, long e) =>
        related.Partials is { } partials && BitConverter.SingleToInt32Bits(partials[e]) != 0;
}

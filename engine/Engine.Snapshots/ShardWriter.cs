using Engine.Snapshots.Format;
using Engine.Snapshots.Manifest;
using Engine.Snapshots.Writing;

namespace Engine.Snapshots;

/// <summary>
/// Writes the file of a shard: the sections about products as they are in another snapshot, the others from content,
/// each in the form that it has there. A snapshot of version 1 gives shards with the sections of version 1.
/// </summary>
public static class ShardWriter
{
    /// <summary>Writes to a path that must not exist, and flushes it to the disk.</summary>
    /// <param name="path">The file.</param>
    /// <param name="products">Whose products, figures and terms; open and verified.</param>
    /// <param name="content">The users.</param>
    /// <param name="cancellation">Looked at for each section.</param>
    public static void Write(
        string path, Snapshot products, ShardContent content, CancellationToken cancellation = default)
    {
        var manifest = products.Manifest with { UserCount = content.UserIds.Count, Shard = content.Terms };
        SectionEntry[] sections =
        [
            .. products.Sections.Where(entry => entry.Kind is not (SectionKind.UserPlaces or SectionKind.KnownAnswers)
                && entry.Kind is < SectionKind.OutOfScopeUserIdBytes or > SectionKind.OutOfScopeCounts),
        ];
        Write(
            path,
            sections.Length + 1 + (content.OutOfScope is null ? 0 : SnapshotWriter.OutOfScopeSections)
                + (content.Known is null ? 0 : 1),
            writer =>
            {
                foreach (var entry in sections)
                {
                    cancellation.ThrowIfCancellationRequested();
                    if (!IsWritten(writer, entry.Kind, manifest, content))
                    {
                        products.CopySection(entry, writer);
                    }
                }

                if (content.OutOfScope is { } outside)
                {
                    SnapshotWriter.WriteOutOfScope(writer, outside);
                }

                if (content.Known is { } known)
                {
                    SnapshotWriter.WriteKnown(writer, known);
                }
            });
    }

    /// <summary>Writes a shard again, with its place in another set.</summary>
    /// <param name="path">The file, which must not exist.</param>
    /// <param name="shard">Open and verified.</param>
    /// <param name="terms">Which shard of which set.</param>
    /// <param name="places">The ordinal in the whole snapshot by user, ascending.</param>
    public static void Write(string path, Snapshot shard, ShardTerms terms, int[] places) => Write(
        path,
        shard.Sections.Count,
        writer =>
        {
            foreach (var entry in shard.Sections)
            {
                switch (entry.Kind)
                {
                    case SectionKind.Manifest:
                        writer.Array<byte>(entry.Kind, StructuredSection.Write(shard.Manifest with { Shard = terms }));
                        break;
                    case SectionKind.UserPlaces:
                        writer.Array<int>(entry.Kind, places);
                        break;
                    default:
                        shard.CopySection(entry, writer);
                        break;
                }
            }
        });

    private static void Write(string path, int sections, Action<SectionWriter> write)
    {
        using var stream = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1 << 16);
        var writer = new SectionWriter(stream, sections);
        write(writer);
        writer.Finish();
        stream.Flush(flushToDisk: true);
    }

    // False when the section is about products.
    private static bool IsWritten(
        SectionWriter writer, SectionKind kind, SnapshotManifest manifest, ShardContent content)
    {
        var (profile, productCount) = (content.Profile, manifest.ProductCount);
        switch (kind)
        {
            case SectionKind.Manifest:
                writer.Array<byte>(kind, StructuredSection.Write(manifest));
                return true;
            case SectionKind.UserIdRecords:
                writer.Ids(kind, content.UserIds);
                writer.Array<int>(SectionKind.UserPlaces, content.Places);
                return true;
            case SectionKind.UserFactors:
                var factors = content.UserFactors;
                writer.Matrix(kind, factors.Elements, factors.Rows, factors.Columns, factors.Stride);
                return true;
            case SectionKind.UserRows:
                SnapshotWriter.WriteUsers(writer, content.UserFactors);
                return true;
            case SectionKind.ProfileOffsets:
                writer.Sparse(kind, profile!.Weights);
                return true;
            case SectionKind.ProfileHistory:
                writer.Array<float>(kind, profile!.History);
                return true;
            case SectionKind.ProfileOwn:
                writer.Array<float>(kind, profile!.Own);
                return true;
            case SectionKind.ProfileReverseOffsets:
                writer.Sparse(kind, (profile!.Weights with { Values = profile.History }).Transpose(productCount));
                return true;
            case SectionKind.ProfileReverseOwn:
                writer.Array<float>(
                    kind, (profile!.Weights with { Values = profile.Own }).Transpose(productCount).Values);
                return true;
            case SectionKind.HistoryRecords or SectionKind.HistoryProducts:
                SnapshotWriter.WriteHistory(
                    writer,
                    content.History,
                    kind == SectionKind.HistoryRecords ? HistoryRecord.Of(productCount) : null);
                return true;
            default:
                // Written with another section of their kind.
                return kind is SectionKind.UserIdOffsets or SectionKind.UserIdSlots
                    or SectionKind.ProfileProducts or SectionKind.ProfileWeights
                    or SectionKind.ProfileReverseUsers or SectionKind.ProfileReverseHistory
                    or SectionKind.HistoryOffsets or SectionKind.HistoryLargePlaces or SectionKind.HistoryLargeUnits
                    or SectionKind.HistoryDays or SectionKind.HistoryTypes or SectionKind.HistoryCounts;
        }
    }
}

using System.Buffers.Binary;
using Engine.Snapshots;
using Engine.Snapshots.Format;
using Engine.Snapshots.Manifest;
using Engine.Snapshots.Writing;
using Tests.Shared;

namespace Engine.Tests.Snapshots;

/// <summary>
/// One test for each way in which a file is refused. Edits below the checksums repair them, to reach the check behind.
/// </summary>
public class CorruptionTests
{
    private const int Table = SnapshotHeader.Size;

    public static TheoryData<string, string> Damages => new()
    {
        { "empty", "is empty" },
        { "short", "expected at least the 64 bytes" },
        { "magic", "found first bytes" },
        { "header checksum", "found header checksum" },
        { "version", "found format version 4, expected 1 to 3: a newer engine reads it" },
        { "cut", "the file was cut or extended" },
        { "extended", "the file was cut or extended" },
        { "no sections", "found a table of 0 sections" },
        { "too many sections", "found a table of 100001 sections" },
        { "table checksum", "found section table checksum" },
        { "unknown required kind", "found required section kind 999" },
        { "element type", "found element type 77" },
        { "length", "expected a length of rows x stride x element size" },
        { "offset", "bytes at 0, expected them at" },
        { "twice", "found twice" },
        { "section bytes", "found checksum" },
        { "padding", "found padding that is not zero" },
        { "missing section", "found none, expected one" },
        { "wrong type", "found elements of type UInt8, expected Float32" },
        { "wrong rows", "rows x" },
        { "manifest", "found an unreadable SnapshotManifest" },
        { "id slots", "user ids:" },
        { "offsets", "profile: found offset" },
        { "columns", "similarity: row" },
        { "not a number", "user factors: row 0" },
        { "repeat", "product repeat: found NaN" },
        { "own", "own-history terms: row" },
        { "history weight", "profile history: row" },
        { "quantiles", "score quantiles: product 0: found" },
        { "norms", "product factors: row 1: found a larger norm" },
        { "user tail", "user factors: found a tail that is not zero" },
        { "behavior", "history: user" },
        { "behavior units", "history: user" },
        { "related", "related products: product 0: found related product" },
        { "related support", "related products: product 0: found no support of pair 0" },
        { "related support of none", "section RelatedLargeSupports[0]: found" },
        { "related correlation", "partial correlations, expected" },
        { "related correlations", "related products: found offset" },
        { "id offsets", "section UserIdOffsets[0]: found elements of type Float32" },
        { "partial", "related products: product 0: found partial correlation 1.5" },
        { "partials cut", "section RelatedPartials[0]: found" },
        { "tag code", "tag 'category'" },
        { "known answers", "section KnownAnswers[0]: found unsound answers" },
        { "known answers cut", "found an unreadable KnownAnswers" },
    };

    [Theory]
    [MemberData(nameof(Damages))]
    public void Damage_is_refused_with_its_reason(string damage, string message)
    {
        using var folder = new TemporaryFolder();
        var path = folder.File("s.snapshot");
        var content = RandomSnapshot.WithPartials(RandomSnapshot.Content(21), 4);
        SnapshotWriter.Write(path, content with { Known = Known(product: 29) });
        File.WriteAllBytes(path, Apply(damage, File.ReadAllBytes(path)));
        var error = Assert.ThrowsAny<InputException>(() => Snapshot.OpenVerified(path).Dispose());
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(SectionKind.ProfileReverseOwn, "reverse own-history terms: row")]
    [InlineData(SectionKind.ProfileReverseHistory, "reverse profile: row")]
    [InlineData(SectionKind.SimilarityReverseWeights, "reverse similarity: row")]
    [InlineData(SectionKind.UserFactors, "user factors: row 0: found NaN")]
    [InlineData(SectionKind.HistoryTypes, "history: user")]
    public void Damage_to_what_only_version_1_holds_is_refused(object kind, string message)
    {
        using var folder = new TemporaryFolder();
        var path = folder.File("s.snapshot");
        var bytes = File.ReadAllBytes(
            Path.Combine(TestData.Root, "tests", "Engine.Tests", "Snapshots", "golden-v1.snapshot"));
        File.WriteAllBytes(path, EditSection(bytes, (SectionKind)kind, section => section[..4].Fill(0xff)));
        var error = Assert.ThrowsAny<InputException>(() => Snapshot.OpenVerified(path).Dispose());
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_unknown_optional_section_is_skipped()
    {
        using var folder = new TemporaryFolder();
        var path = folder.File("s.snapshot");
        SnapshotWriter.Write(path, RandomSnapshot.Content(22));
        var bytes = File.ReadAllBytes(path);
        var last = SectionCount(bytes) - 1;

        // The last section is a date tag; called unknown and optional it is skipped, and only the tag is missed then.
        EditEntry(bytes, last, entry => entry with { Kind = (SectionKind)999, Required = false });
        File.WriteAllBytes(path, bytes);
        var error = Assert.Throws<SnapshotFormatException>(() => Snapshot.Open(path).Dispose());
        Assert.Contains("section TagTimes[3]: found none", error.Message, StringComparison.Ordinal);
    }

    private static byte[] Apply(string damage, byte[] bytes)
    {
        switch (damage)
        {
            case "empty": return [];
            case "short": return bytes[..40];
            case "magic": bytes[3] ^= 1; return bytes;
            case "header checksum": bytes[40] ^= 1; return bytes;
            case "version": return EditHeader(bytes, 8, 4);
            case "cut": return bytes[..^64];
            case "extended": return [.. bytes, .. new byte[64]];
            case "no sections": return EditHeader(bytes, 12, 0);
            case "too many sections": return EditHeader(bytes, 12, 100_001);
            case "table checksum": bytes[Table + 50] ^= 1; return bytes;
            case "unknown required kind": return EditEntry(bytes, 0, e => e with { Kind = (SectionKind)999 });
            case "element type": return EditEntry(bytes, 0, e => e with { ElementType = (ElementType)77 });
            case "length": return EditEntry(bytes, 0, e => e with { Rows = e.Rows + 1 });
            case "offset": return EditEntry(bytes, 3, e => e with { Offset = 0 });
            case "twice": return EditEntry(bytes, 1, e => e with { Kind = SectionKind.Manifest });
            case "section bytes": bytes[Entry(bytes, SectionKind.ProfileWeights).Offset] ^= 1; return bytes;
            case "padding": return EditPadding(bytes);
            case "missing section":
                return EditEntry(
                    bytes, Find(bytes, SectionKind.Spectrum), e => e with { Index = 5 });
            case "wrong type":
                return EditEntry(
                    bytes,
                    Find(bytes, SectionKind.ProductFactors),
                    e => e with { ElementType = ElementType.UInt8, Columns = e.Columns * 4, Stride = e.Stride * 4 });
            case "wrong rows":
                return EditEntry(
                    bytes,
                    Find(bytes, SectionKind.ProductFactors),
                    e => e with { Rows = e.Rows * 2, Stride = e.Stride / 2 });
            case "manifest": return EditSection(bytes, SectionKind.Manifest, section => section[0] = 0xc1);
            case "id slots": return EditSection(bytes, SectionKind.UserIdSlots, section => section.Reverse());
            case "offsets":
                return EditSection(
                    bytes,
                    SectionKind.ProfileOffsets,
                    section => BinaryPrimitives.WriteInt64LittleEndian(section[8..], 1000));
            case "columns":
                return EditSection(
                    bytes,
                    SectionKind.SimilarityProducts,
                    section => BinaryPrimitives.WriteInt32LittleEndian(section, 30));
            case "not a number":
                return EditSection(
                    bytes,
                    SectionKind.UserRows,
                    section => BinaryPrimitives.WriteSingleLittleEndian(section, float.NaN));
            case "repeat":
                return EditSection(
                    bytes,
                    SectionKind.ProductRepeat,
                    section => BinaryPrimitives.WriteSingleLittleEndian(section, float.NaN));
            case "own":
                return EditSection(
                    bytes,
                    SectionKind.ProfileOwn,
                    section => BinaryPrimitives.WriteSingleLittleEndian(section, float.NaN));
            case "history weight":
                return EditSection(
                    bytes,
                    SectionKind.ProfileHistory,
                    section => BinaryPrimitives.WriteSingleLittleEndian(section, float.NaN));
            case "quantiles":
                return EditSection(
                    bytes,
                    SectionKind.ProductQuantiles,
                    section => BinaryPrimitives.WriteSingleLittleEndian(section, 1e9f));
            case "norms": return EditSection(bytes, SectionKind.ProductFactors, section => section[..64].Clear());
            case "user tail": return EditSection(bytes, SectionKind.UserRows, section => section[^1] = 1);
            case "behavior":
                return EditSection(bytes, SectionKind.HistoryRecords, section => section[..3].Fill(0xff));
            case "behavior units":
                return EditSection(bytes, SectionKind.HistoryRecords, section => section[3] |= 0xf0);
            case "related":
                return EditSection(bytes, SectionKind.RelatedRecords, section => section[0] |= 31);
            case "related support":
                return EditSection(bytes, SectionKind.RelatedRecords, section => section[..4].Fill(0xff));
            case "related support of none":
                return EditEntry(
                    bytes, Find(bytes, SectionKind.RelatedLargeSupports), e => e with { Columns = 2, Stride = 2 });
            case "related correlation":
                return EditSection(bytes, SectionKind.RelatedRecords, section => section[0] ^= 32);
            case "related correlations":
                return EditSection(
                    bytes,
                    SectionKind.RelatedPartialOffsets,
                    section => BinaryPrimitives.WriteInt32LittleEndian(section[4..], 1000));
            case "id offsets":
                return EditEntry(
                    bytes,
                    Find(bytes, SectionKind.UserIdOffsets),
                    e => e with { ElementType = ElementType.Float32 });
            case "partial":
                return EditSection(
                    bytes,
                    SectionKind.RelatedPartials,
                    section => BinaryPrimitives.WriteSingleLittleEndian(section, 1.5f));
            case "partials cut":
                return EditEntry(
                    bytes,
                    Find(bytes, SectionKind.RelatedPartials),
                    e => e with { Rows = e.Rows / 2, Columns = e.Columns * 2, Stride = e.Stride * 2 });
            case "tag code":
                return EditSection(
                    bytes, SectionKind.TagCodes, section => BinaryPrimitives.WriteInt32LittleEndian(section, 3));
            case "known answers":
                return EditSection(
                    bytes,
                    SectionKind.KnownAnswers,
                    section => StructuredSection.Write(Known(product: 30)).CopyTo(section));
            case "known answers cut":
                return EditSection(bytes, SectionKind.KnownAnswers, section => section[0] = 0xc1);
            default: throw new ArgumentException(damage);
        }
    }

    // The content has 30 products.
    private static KnownAnswers Known(int product) => new()
    {
        Arithmetic = 1,
        Answers = [new KnownAnswer(KnownQuestion.Related, [0], [product], [0.5f])],
    };

    private delegate void SectionEdit(Span<byte> section);

    private static int SectionCount(byte[] bytes) => BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(12));

    private static SectionEntry Read(byte[] bytes, int index) =>
        SectionEntry.Read(bytes.AsSpan(Table + (index * SectionEntry.Size)));

    private static int Find(byte[] bytes, SectionKind kind) =>
        Enumerable.Range(0, SectionCount(bytes)).First(i => Read(bytes, i).Kind == kind);

    private static SectionEntry Entry(byte[] bytes, SectionKind kind) => Read(bytes, Find(bytes, kind));

    private static byte[] EditEntry(byte[] bytes, int index, Func<SectionEntry, SectionEntry> edit)
    {
        edit(Read(bytes, index)).Write(bytes.AsSpan(Table + (index * SectionEntry.Size)));
        return Repair(bytes);
    }

    private static byte[] EditSection(byte[] bytes, SectionKind kind, SectionEdit edit)
    {
        var entry = Entry(bytes, kind);
        var section = bytes.AsSpan((int)entry.Offset, (int)entry.Length);
        edit(section);
        var crc = Crc32C.Compute(section);
        return EditEntry(bytes, Find(bytes, kind), e => e with { Crc = crc });
    }

    private static byte[] EditHeader(byte[] bytes, int offset, int value)
    {
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(offset), value);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(60), Crc32C.Compute(bytes.AsSpan(0, 60)));
        return bytes;
    }

    private static byte[] EditPadding(byte[] bytes)
    {
        var entry = Enumerable.Range(0, SectionCount(bytes)).Select(i => Read(bytes, i)).First(e => e.Length % 64 != 0);
        bytes[entry.Offset + entry.Length] = 1;
        return bytes;
    }

    private static byte[] Repair(byte[] bytes)
    {
        var crc = Crc32C.Compute(bytes.AsSpan(Table, SectionCount(bytes) * SectionEntry.Size));
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(32), crc);
        return EditHeader(bytes, 8, (int)BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(8)));
    }
}

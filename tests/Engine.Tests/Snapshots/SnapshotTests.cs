using System.Security.Cryptography;
using Engine.Snapshots;
using Engine.Snapshots.Manifest;
using Engine.Snapshots.Mapping;
using Engine.Snapshots.Writing;
using Tests.Shared;

namespace Engine.Tests.Snapshots;

public class SnapshotTests
{
    private static string GoldenPath =>
        Path.Combine(TestData.Root, "tests", "Engine.Tests", "Snapshots", "golden-v1.snapshot");

    [Fact]
    public void Everything_written_is_read_back()
    {
        using var folder = new TemporaryFolder();
        var content = RandomSnapshot.Content(11);
        using var snapshot = RandomSnapshot.Open(content, folder);
        Assert.Equal(content.UserIds, Enumerable.Range(0, snapshot.UserIds.Count).Select(u => snapshot.UserIds.Get(u)));
        Assert.Equal(
            content.ProductIds, Enumerable.Range(0, snapshot.ProductIds.Count).Select(p => snapshot.ProductIds.Get(p)));
        Assert.Equal(
            content.ProductNames,
            Enumerable.Range(0, snapshot.ProductNames.Count).Select(p => snapshot.ProductNames.Get(p)));
        Assert.Equal(content.UserFactors.Elements, snapshot.UserFactors.Elements);
        Assert.Equal(content.ProductFactors.Elements, snapshot.ProductFactors.Elements);
        Assert.Equal(content.Spectrum, snapshot.Spectrum.AsSpan());
        Assert.Equal(content.ProductBuyers, snapshot.ProductBuyers.AsSpan());
        Assert.Equal(content.ProductRepeat, snapshot.ProductRepeat.AsSpan());
        Assert.Equal(content.ProductQuantiles, snapshot.ProductQuantiles.AsSpan());
        Assert.Equivalent(content.Report, snapshot.Report, strict: true);
        Assert.Equivalent(content.Manifest, snapshot.Manifest, strict: true);
        for (var user = 0; user < content.UserIds.Count; user++)
        {
            var range = (int)content.History.Offsets[user]..(int)content.History.Offsets[user + 1];
            var row = snapshot.History.Row(user);
            Assert.Equal(content.History.Products[range], row.Products);
            Assert.Equal(content.History.Days[range], row.Days);
            Assert.Equal(content.History.Types[range], row.Types);
            Assert.Equal(content.History.Counts[range], row.Counts);
        }

        for (var product = 0; product < content.ProductIds.Count; product++)
        {
            var range = (int)content.Related.Offsets[product]..(int)content.Related.Offsets[product + 1];
            var row = snapshot.Related.Row(product);
            Assert.Equal(content.Related.Products[range], row.Products);
            Assert.Equal(content.Related.Strengths[range], row.Strengths);
            Assert.Equal(content.Related.Supports[range], row.Supports);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Partial_correlations_are_read_back_where_they_are(bool stored)
    {
        using var folder = new TemporaryFolder();
        var content = RandomSnapshot.Content(17);
        content = stored ? RandomSnapshot.WithPartials(content, 3) : content;
        using var snapshot = RandomSnapshot.Open(content, folder);
        Assert.Equal(stored, snapshot.Related.HasPartials);
        for (var product = 0; product < content.ProductIds.Count; product++)
        {
            var range = (int)content.Related.Offsets[product]..(int)content.Related.Offsets[product + 1];
            Assert.Equal(stored ? content.Related.Partials![range] : [], snapshot.Related.Row(product).Partials);
        }

        // An engine that does not know the section skips it.
        Assert.Equal(
            stored,
            snapshot.Sections.Any(
                section => section.Kind == Engine.Snapshots.Format.SectionKind.RelatedPartials && !section.Required));
    }

    [Fact]
    public void Tags_are_read_back_by_type()
    {
        using var folder = new TemporaryFolder();
        var content = RandomSnapshot.Content(12);
        using var snapshot = RandomSnapshot.Open(content, folder);
        Assert.Equal(
            [TagValueType.Text, TagValueType.MultiText, TagValueType.Number, TagValueType.Date],
            snapshot.Tags.Select(tag => tag.Column.Type));
        Assert.Equal(content.Tags[0].Codes, snapshot.Tags[0].Codes.AsSpan());
        Assert.Equal(
            content.Tags[0].Words!,
            Enumerable.Range(0, snapshot.Tags[0].Words.Count).Select(w => snapshot.Tags[0].Words.Get(w)));
        Assert.Equal(content.Tags[1].Offsets, snapshot.Tags[1].Offsets.AsSpan());
        Assert.Equal(content.Tags[2].Numbers, snapshot.Tags[2].Numbers.AsSpan());
        Assert.Equal(content.Tags[3].Times, snapshot.Tags[3].Times.AsSpan());
    }

    [Fact]
    public void The_reverse_matrices_are_the_transposes()
    {
        using var folder = new TemporaryFolder();
        using var snapshot = RandomSnapshot.Open(RandomSnapshot.Content(13), folder);
        AssertTransposed(snapshot.ProfileHistory, snapshot.ProfileReverse);
        AssertTransposed(snapshot.ProfileOwn, snapshot.ProfileReverseOwn);
        AssertTransposed(snapshot.Similarity, snapshot.SimilarityReverse);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(0, 1)]
    [InlineData(1, 1)]
    [InlineData(2000, 700)]
    public void Ids_are_found_and_strangers_are_not(int users, int products)
    {
        using var folder = new TemporaryFolder();
        var content = RandomSnapshot.Content(14, users, products);
        using var snapshot = RandomSnapshot.Open(content, folder);
        for (var user = 0; user < users; user++)
        {
            Assert.Equal(user, snapshot.UserIds.Find(content.UserIds[user]));
            Assert.Equal(-1, snapshot.UserIds.Find(content.UserIds[user].ToUpperInvariant()));
        }

        Assert.Equal(-1, snapshot.UserIds.Find(""));
        Assert.Equal(-1, snapshot.ProductIds.Find(" P0"));
        Assert.Equal(-1, snapshot.ProductIds.Find(new string('x', 70_000)));
    }

    [Fact]
    public void Ids_that_no_table_can_hold_are_refused()
    {
        Refused(c => c with { UserIds = [.. c.UserIds.Skip(1), c.UserIds[1]] }, "is there twice");
        Refused(c => c with { UserIds = [.. c.UserIds.Skip(1), ""] }, "has 0 bytes");
        Refused(c => c with { UserIds = [.. c.UserIds.Skip(1), new string('x', 65_536)] }, "has 65536 bytes");
    }

    [Fact]
    public void Numbers_that_are_not_finite_are_refused()
    {
        Refused(c => Spoil(c, c.UserFactors, float.NaN), "user factors hold NaN");
        Refused(c => Spoil(c, c.ProductFactors, float.PositiveInfinity), "product factors hold NaN");
        Refused(c => c with { Spectrum = [.. c.Spectrum.Skip(1), double.NaN] }, "the spectrum hold NaN");
        Refused(
            c => c with { ProductRepeat = [.. c.ProductRepeat.Select(_ => float.NaN)] },
            "product repeat terms hold NaN");
        Refused(c => c with { ProfileOwn = [.. c.ProfileOwn.Select(_ => float.NaN)] }, "own-history terms hold NaN");
        Refused(
            c => c with { ProfileHistory = [.. c.ProfileHistory.Select(_ => float.NaN)] }, "history weights hold NaN");
        Refused(
            c => c with { Related = c.Related with { Partials = [.. c.Related.Products.Select(_ => float.NaN)] } },
            "partial correlations hold NaN");
        Refused(c => c with { Related = c.Related with { Partials = [1] } }, "found 1 partial correlations");
        Refused(
            c => c with
            {
                Profile = c.Profile with { Values = [.. c.Profile.Values.Select(_ => float.NegativeInfinity)] },
            },
            "the profile");
    }

    [Fact]
    public void Equal_content_gives_equal_bytes()
    {
        using var folder = new TemporaryFolder();
        SnapshotWriter.Write(folder.File("a"), RandomSnapshot.Content(15));
        SnapshotWriter.Write(folder.File("b"), RandomSnapshot.Content(15));
        Assert.Equal(File.ReadAllBytes(folder.File("a")), File.ReadAllBytes(folder.File("b")));
    }

    [Fact]
    public void The_golden_file_of_version_1_is_read_for_ever()
    {
        using var snapshot = Snapshot.OpenVerified(GoldenPath);
        Assert.Equal("88D665E0", Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(GoldenPath)))[..8]);
        Assert.Equal("20210801-n60-", snapshot.Id[..13]);
        Assert.Equal(5, snapshot.Manifest.UserCount);
        Assert.Equal(7, snapshot.Manifest.ProductCount);
        Assert.Equal(3, snapshot.UserIds.Find("user-3é"));
        Assert.Equal("Product number 6 茶", snapshot.ProductNames.Get(6));
        Assert.Equal("Tea", snapshot.Tags[0].Words.Get(1));
        Assert.Equal("2020-08-01", snapshot.Manifest.Scope.ScopeStart);
        Assert.Equal("behavior.csv", snapshot.Report.Rejected[0].Examples[0].File);
        var quantiles = snapshot.QuantilesOf(new(6));
        Assert.Equal(ScoreQuantiles.EarlierCount, quantiles.Length);
        Assert.Equal(100, ScoreQuantiles.Place(quantiles, quantiles[^1], 5).Percentile);
        Assert.Equal(0, ScoreQuantiles.Place(quantiles, quantiles[0] - 1, 5).Percentile);
    }

    private static void Refused(Func<SnapshotContent, SnapshotContent> spoil, string message)
    {
        using var folder = new TemporaryFolder();
        var error = Assert.Throws<InputException>(
            () => SnapshotWriter.Write(folder.File("s"), spoil(RandomSnapshot.Content(16))));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    private static SnapshotContent Spoil(SnapshotContent content, FactorContent factors, float value)
    {
        factors.Row(0)[2] = value;
        return content;
    }

    private static void AssertTransposed(MappedSparseMatrix matrix, MappedSparseMatrix transposed)
    {
        var entries = new List<(int, int, float)>();
        var reverse = new List<(int, int, float)>();
        for (var row = 0; row < matrix.Rows; row++)
        {
            for (var i = 0; i < matrix.Row(row).Count; i++)
            {
                entries.Add((matrix.Row(row).Indices[i], row, matrix.Row(row).Values[i]));
            }
        }

        for (var row = 0; row < transposed.Rows; row++)
        {
            for (var i = 0; i < transposed.Row(row).Count; i++)
            {
                reverse.Add((row, transposed.Row(row).Indices[i], transposed.Row(row).Values[i]));
            }
        }

        Assert.Equal(entries.Order(), reverse);
    }
}

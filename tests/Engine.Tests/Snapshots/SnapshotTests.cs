using System.Security.Cryptography;
using Engine.Scoring.Models;
using Engine.Scoring.Queries;
using Engine.Scoring.Ranking;
using Engine.Snapshots;
using Engine.Snapshots.Ids;
using Engine.Snapshots.Manifest;
using Engine.Snapshots.Mapping;
using Engine.Snapshots.Writing;
using Tests.Shared;

namespace Engine.Tests.Snapshots;

public class SnapshotTests
{
    private static string GoldenPath => Golden(1);

    private static string Golden(int version) =>
        Path.Combine(TestData.Root, "tests", "Engine.Tests", "Snapshots", $"golden-v{version}.snapshot");

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
            Assert.Equal(content.UserFactors.Row(user), snapshot.UserFactors[user][..snapshot.UserFactors.Columns]);
            Assert.Equal(range.End.Value - range.Start.Value, row.Count);
            for (var i = 0; i < row.Count; i++)
            {
                var e = range.Start.Value + i;
                Assert.Equal(
                    (content.History.Products[e], content.History.Days[e], content.History.Types[e]),
                    (row.Product(i), row.Day(i), row.Type(i)));
                Assert.Equal(content.History.Counts[e], row.Units(i));
            }
        }

        for (var product = 0; product < content.ProductIds.Count; product++)
        {
            var range = (int)content.Related.Offsets[product]..(int)content.Related.Offsets[product + 1];
            var place = range.Start.Value;
            foreach (var pair in snapshot.Related.Row(product))
            {
                Assert.Equal(
                    (content.Related.Products[place], content.Related.Strengths[place]),
                    (pair.Product, pair.Strength));
                Assert.Equal(content.Related.Supports[place++], pair.Support);
            }

            Assert.Equal(range.End.Value, place);
        }
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public void Partial_correlations_are_read_back_where_they_are(bool stored, bool zeros)
    {
        using var folder = new TemporaryFolder();
        var content = RandomSnapshot.Content(17);
        content = stored ? RandomSnapshot.WithPartials(content, 3) : content;
        for (var e = 0; zeros && e < content.Related.Products.Length; e++)
        {
            content.Related.Partials![e] = e % 4 == 0 ? content.Related.Partials[e] : e % 4 == 1 ? -0f : 0;
        }

        using var snapshot = RandomSnapshot.Open(content, folder);
        Assert.Equal(stored, snapshot.Related.HasPartials);
        for (var product = 0; product < content.ProductIds.Count; product++)
        {
            var range = (int)content.Related.Offsets[product]..(int)content.Related.Offsets[product + 1];
            var found = new List<int?>();
            foreach (var pair in snapshot.Related.Row(product))
            {
                found.Add(pair.Partial is { } partial ? BitConverter.SingleToInt32Bits(partial) : null);
            }

            Assert.Equal(
                content.Related.Products[range].Select((_, n) => stored
                    ? BitConverter.SingleToInt32Bits(content.Related.Partials![range.Start.Value + n])
                    : (int?)null),
                found);
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
        // More than 2 x 65,536 elements: on several threads.
        using var snapshot = RandomSnapshot.Open(RandomSnapshot.Content(13, users: 60_000), folder);
        Assert.Throws<InvalidOperationException>(() => snapshot.Derived.ProfileReverse);
        using var model = new ScoringModel(snapshot);
        var derived = snapshot.Derived;
        Assert.True(derived.ProfileReverse.Count > 2 << 16);
        AssertTransposed(derived.ProfileHistory, derived.ProfileReverse);
        AssertTransposed(derived.ProfileOwn, derived.ProfileReverseOwn);
        AssertTransposed(snapshot.Similarity, derived.SimilarityReverse);
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

    [Fact]
    public void The_golden_file_of_version_2_is_read_for_ever()
    {
        using var snapshot = Snapshot.OpenVerified(Golden(2));
        Assert.Equal("BD7EB32F", Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(Golden(2))))[..8]);
        Assert.Equal((5, 7), (snapshot.Manifest.UserCount, snapshot.Manifest.ProductCount));
        Assert.Equal(4, snapshot.UserIds.Find("user-4é"));
        Assert.True(snapshot.UserFactors.IsDense);
        Assert.False(snapshot.Derived.HasProfiles);
        var content = RandomSnapshot.WithPartials(RandomSnapshot.Content(2, 5, 7), 2);
        using var model = new ScoringModel(snapshot);
        for (var user = 0; user < 5; user++)
        {
            Assert.Equal(content.Profile.Row(user).Values, snapshot.Derived.Profile.Row(user).Values);
            Assert.Equal(content.Profile.Row(user).Indices, snapshot.Derived.Profile.Row(user).Indices);
        }
    }

    [Fact]
    public void The_golden_file_of_version_3_is_read_for_ever()
    {
        using var snapshot = Snapshot.OpenVerified(Golden(3));
        Assert.Equal("C7EDC94D", Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(Golden(3))))[..8]);
        Assert.Equal(4, snapshot.UserIds.Find("user-4é"));
        var content = RandomSnapshot.WithPartials(RandomSnapshot.Content(3, 5, 7), 3);
        Assert.Equal(content.History.Products[0], snapshot.History.Row(0).Product(0));
        Assert.True(snapshot.Related.HasPartials);
        var place = 0;
        for (var product = 0; product < 7; product++)
        {
            foreach (var pair in snapshot.Related.Row(product))
            {
                Assert.Equal(
                    new RelatedPair(
                        content.Related.Products[place], content.Related.Strengths[place],
                        content.Related.Supports[place], content.Related.Partials![place++]),
                    pair);
            }
        }

        Assert.Equal(content.Related.Products.Length, place);
    }

    [Fact]
    public void Files_of_version_2_answer_as_those_of_version_3_do()
    {
        using var folder = new TemporaryFolder();
        using var earlier = Snapshot.OpenVerified(Golden(2));
        using var later =
            RandomSnapshot.Open(RandomSnapshot.WithPartials(RandomSnapshot.Content(2, 5, 7), 2), folder);
        for (var product = 0; product < 7; product++)
        {
            var row = later.Related.Row(product).GetEnumerator();
            foreach (var pair in earlier.Related.Row(product))
            {
                Assert.True(row.MoveNext());
                Assert.Equal(pair, row.Current);
            }

            Assert.False(row.MoveNext());
        }

        for (var user = 0; user < 5; user++)
        {
            var found = later.History.Row(user);
            var expected = earlier.History.Row(user);
            Assert.Equal(expected.Count, found.Count);
            for (var i = 0; i < found.Count; i++)
            {
                Assert.Equal(
                    (expected.Product(i), expected.Day(i), expected.Type(i), expected.Units(i)),
                    (found.Product(i), found.Day(i), found.Type(i), found.Units(i)));
            }
        }
    }

    [Fact]
    public void Files_of_version_1_answer_with_their_stored_profiles()
    {
        using var snapshot = Snapshot.OpenVerified(GoldenPath);
        Assert.True(snapshot.Derived.HasProfiles);
        Assert.False(snapshot.UserFactors.IsDense);
        Assert.Equal(0, snapshot.Derived.MissingBytes);
        using var model = new ScoringModel(snapshot);
        var answer = new RankUsersAnswer();
        UserRanker.Rank(model, new RankUsersQuery { ProductId = snapshot.ProductIds.Get(0), TopK = 5 }, answer);
        Assert.Equal(5, answer.Users.Length);
        foreach (var entry in answer.Users)
        {
            Assert.Equal(PairScorer.Score(model, entry.User, new ProductOrdinal(0)), entry.Score);
        }
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

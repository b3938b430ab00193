using Engine.Scoring.Models;
using Engine.Scoring.Ranking;
using Engine.Snapshots.Format;
using Engine.Snapshots.Ids;
using Tests.Shared;

namespace Engine.Tests.Snapshots;

public class HistoryRecordTests
{
    [Theory]
    [InlineData(0, true)]
    [InlineData(511, true)]
    [InlineData(512, false)]
    public void Behaviors_come_back_whether_they_fit_records_or_not(int largestDay, bool fits)
    {
        using var folder = new TemporaryFolder();
        var content = RandomSnapshot.Content(31);
        int[] units = [0, 1, 14, 15, 16, 30, 31, 32, 65_535];
        var history = content.History with
        {
            Counts = [.. content.History.Products.Select((_, e) => (ushort)units[e % units.Length])],
        };
        history.Days[^1] = (ushort)largestDay;
        using var snapshot = RandomSnapshot.Open(content with { History = history }, folder);
        Assert.Equal(fits, snapshot.Sections.Any(section => section.Kind == SectionKind.HistoryRecords));
        Assert.Equal(history.Products.Length, snapshot.History.Count);
        var e = 0;
        for (var user = 0; user < snapshot.Manifest.UserCount; user++)
        {
            var row = snapshot.History.Row(user);
            for (var i = 0; i < row.Count; i++, e++)
            {
                Assert.Equal((history.Products[e], (int)history.Days[e]), (row.Product(i), row.Day(i)));
                Assert.Equal((history.Types[e], (int)history.Counts[e]), (row.Type(i), row.Units(i)));
            }
        }

        Assert.Equal(history.Products.Length, e);
    }

    [Theory]
    [InlineData(131_072, 4, 131_071, 15)]
    [InlineData(131_073, 5, 16_777_215, 31)]
    public void A_record_holds_the_largest_of_everything(int products, int size, int product, int units)
    {
        var record = HistoryRecord.Of(products);
        Assert.Equal((size, product, units), (record.Size, record.LargestProduct, record.LargeUnits));
        var records = new byte[3 * size];
        record.Write(records, 0, product, HistoryRecord.LargestDay, 4, 65_535);
        record.Write(records, 1, 0, 0, 1, 0);
        record.Write(records, 2, 1, 2, 3, units - 1);
        var read = Enumerable.Range(0, 3).Select(i => (
            record.Product(records, i), record.Day(records, i), record.Type(records, i), record.Units(records, i)));
        Assert.Equal([(product, HistoryRecord.LargestDay, 4, units), (0, 0, 1, 0), (1, 2, 3, units - 1)], read);
    }

    [Fact]
    public void Derived_profiles_are_the_stored_ones_bit_for_bit()
    {
        using var folder = new TemporaryFolder();
        var content = RandomSnapshot.Content(32, users: 300, products: 12);
        using var derived = new ScoringModel(RandomSnapshot.Open(content, folder));
        using var stored = new ScoringModel(RandomSnapshot.Open(content, folder, storesProfile: true));
        Assert.True(derived.Snapshot.FileLength < stored.Snapshot.FileLength);
        for (var user = 0; user < 300; user++)
        {
            var (mine, theirs) = (derived.Snapshot.Derived, stored.Snapshot.Derived);
            Assert.Equal(theirs.Profile.Row(user).Indices, mine.Profile.Row(user).Indices);
            Assert.Equal(theirs.Profile.Row(user).Values, mine.Profile.Row(user).Values);
            Assert.Equal(theirs.ProfileHistory.Row(user).Values, mine.ProfileHistory.Row(user).Values);
            Assert.Equal(theirs.ProfileOwn.Row(user).Values, mine.ProfileOwn.Row(user).Values);
            for (var product = 0; product < 12; product++)
            {
                Assert.Equal(
                    PairScorer.Score(stored, new UserOrdinal(user), new ProductOrdinal(product)),
                    PairScorer.Score(derived, new UserOrdinal(user), new ProductOrdinal(product)));
            }
        }
    }

    [Fact]
    public void Pairs_that_weigh_nothing_leave_no_gaps()
    {
        using var folder = new TemporaryFolder();
        var content = RandomSnapshot.Content(33, users: 200);
        var weights = content.Manifest.Weights with { View = 0 };
        content = content with { Manifest = content.Manifest with { Weights = weights } };
        using var model = new ScoringModel(RandomSnapshot.Open(content, folder));
        var profile = model.Snapshot.Derived.Profile;
        var expected = 0;
        for (var user = 0; user < 200; user++)
        {
            var products = Enumerable
                .Range((int)content.History.Offsets[user],
                    (int)(content.History.Offsets[user + 1] - content.History.Offsets[user]))
                .Where(e => content.History.Types[e] != 1)
                .Select(e => content.History.Products[e]).Distinct().ToArray();
            Assert.Equal(products, profile.Row(user).Indices);
            expected += products.Length;
        }

        Assert.True(expected < content.History.Products.Length);
        Assert.Equal(expected, profile.Count);
    }
}

using Engine.Server.Holdouts;
using Tests.Shared;

namespace Engine.Tests.Campaigns;

/// <summary>Result files come back from message tools sorted, doubled and cut: each is refused with its line.</summary>
public sealed class SentFileTests : IDisposable
{
    private const string Header = "user_id,item_rank,item_id,score\n";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("u1,1,P1,3\nu2,1,P1,2\nu1,2,P2,1\n", "u3,1,P1,1\n", "sent.csv, line 4: the rows of user 'u1'")]
    [InlineData("u1,1,P1,3\nu2,1,P1,2\n", "u3,1,P1,1\nu2,1,P1,1\n", "held.csv, line 3: the rows of user 'u2'")]
    public void A_user_whose_rows_do_not_follow_each_other_is_named(string sent, string held, string message)
    {
        var error = Assert.Throws<InputException>(() => CampaignUsers.Read(
            _folder.Write("sent.csv", Header + sent), _folder.Write("held.csv", Header + held), null, false, default));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        Assert.Contains("engine batch", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Rows_that_follow_each_other_are_read()
    {
        var users = CampaignUsers.Read(
            _folder.Write("sent.csv", Header + "u1,1,P1,3\nu1,2,P2,1\nu2,1,P1,2\n"),
            _folder.Write("held.csv", Header + "u3,1,P1,1\n"),
            null,
            false,
            default);
        Assert.Equal(["u1", "u2", "u3"], users.Ids);
        Assert.Equal(2, users.Treated);
    }

    [Theory]
    [InlineData("\"horizonDays\": 30", "\"horizonDays\": 2147483647")]
    [InlineData("\"horizonDays\": 30", "\"horizonDays\": -1")]
    [InlineData("2025-06-30", "9999-12-31")]
    [InlineData("\"share\": 0.3", "\"share\": 7")]
    public void A_record_with_a_value_out_of_its_range_is_refused(string good, string bad)
    {
        var result = _folder.Write("sent.csv", Header);
        new HoldoutRecord
        {
            Share = 0.3,
            Seed = "s",
            SnapshotId = "s1",
            LastDay = new DateOnly(2025, 6, 30),
            HorizonDays = 30,
            IsReranked = false,
            Treated = 1,
            HeldOut = 1,
        }.Write(result);
        Assert.Equal(30, HoldoutRecord.Read(result).HorizonDays);
        var note = result + ".holdout.json";
        var text = File.ReadAllText(note);
        Assert.Contains(good, text, StringComparison.Ordinal);
        File.WriteAllText(note, text.Replace(good, bad, StringComparison.Ordinal));
        var error = Assert.Throws<InputException>(() => HoldoutRecord.Read(result));
        Assert.Contains(note, error.Message, StringComparison.Ordinal);
    }
}

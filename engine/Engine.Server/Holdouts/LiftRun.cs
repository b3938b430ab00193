using Engine.Campaigns.Lift;
using Engine.Datasets.Behaviors;
using Engine.Datasets.Extracts;
using Engine.Snapshots;
using Engine.Tables.Rows;

namespace Engine.Server.Holdouts;

/// <summary>A campaign that was sent.</summary>
/// <param name="Name">The task, or the result file.</param>
/// <param name="Treated">The result file of the treated users.</param>
/// <param name="HeldOut">That of the held-out users.</param>
/// <param name="Holdout">The draw.</param>
/// <param name="SnapshotFile">The file of the snapshot of the scores; it may be gone.</param>
internal sealed record SentCampaign(
    string Name, string Treated, string HeldOut, HoldoutRecord Holdout, string SnapshotFile);

/// <summary>What was measured.</summary>
/// <param name="Campaign">Of which campaign.</param>
/// <param name="First">The first day.</param>
/// <param name="Last">The last day.</param>
/// <param name="Report">The comparisons.</param>
/// <param name="HasRevenue">Whether amounts are known.</param>
/// <param name="Notes">For a person.</param>
internal sealed record MeasuredLift(
    SentCampaign Campaign,
    DateOnly First,
    DateOnly Last,
    LiftReport Report,
    bool HasRevenue,
    IReadOnlyList<string> Notes);

/// <summary>Measures a campaign: its lists, joined with the purchases after it.</summary>
internal static class LiftRun
{
    /// <summary>Measures.</summary>
    /// <param name="campaign">What was sent.</param>
    /// <param name="dataset">dataset.json or the folder of an extract, with the purchases after the messages.</param>
    /// <param name="sent">The day of the messages; null for the day after the snapshot's last day.</param>
    /// <param name="days">Days to measure; null for the snapshot's horizon.</param>
    /// <param name="cancel">Stops.</param>
    /// <exception cref="InputException">The days, the dataset or the results do not fit.</exception>
    public static MeasuredLift Measure(
        SentCampaign campaign, string dataset, DateOnly? sent, int? days, CancellationToken cancel)
    {
        var holdout = campaign.Holdout;
        var first = sent ?? holdout.LastDay.AddDays(1);
        if (first <= holdout.LastDay)
        {
            throw new InputException(
                FormattableString.Invariant($"found messages sent on {first:yyyy-MM-dd}; expected a day after ")
                + FormattableString.Invariant($"{holdout.LastDay:yyyy-MM-dd}, the last day that snapshot ")
                + $"{holdout.SnapshotId} has learned from");
        }

        if (days is < 1 or > 365)
        {
            throw new InputException($"found days = {days}; expected 1 to 365");
        }

        var last = first.AddDays((days ?? holdout.HorizonDays) - 1);
        var notes = new List<string>();
        using var snapshot = File.Exists(campaign.SnapshotFile)
            ? Snapshot.Open(campaign.SnapshotFile, cancellation: cancel)
            : null;
        if (snapshot is null)
        {
            notes.Add(
                $"snapshot {holdout.SnapshotId} is gone: no promise by probabilities, "
                + "and every user counts as new to the products");
        }

        var users = CampaignUsers.Read(campaign.Treated, campaign.HeldOut, snapshot, !holdout.IsReranked, cancel);
        var purchases = Purchases(dataset, users, first, last, cancel);
        if (purchases.LastDay < last)
        {
            last = purchases.LastDay!.Value;
            notes.Add(
                FormattableString.Invariant($"the dataset ends on {last:yyyy-MM-dd}: ")
                + FormattableString.Invariant($"{last.DayNumber - first.DayNumber + 1} days are measured so far"));
        }

        if (last.DayNumber - first.DayNumber + 1 != holdout.HorizonDays)
        {
            notes.Add(
                FormattableString.Invariant($"the probabilities promise purchases of {holdout.HorizonDays} days; ")
                + FormattableString.Invariant($"{last.DayNumber - first.DayNumber + 1} days are measured"));
        }

        notes.AddRange(purchases.Notes());
        if (purchases.Found > 0 && !purchases.ProductIds.Any(id => users.Find(id) >= 0))
        {
            notes.Add(
                "no listed product is in the behavior table: see that ids of products are those of the training");
        }

        return new MeasuredLift(
            campaign, first, last, LiftReport.Of(Outcomes(users, purchases)), purchases.HasAmounts, notes);
    }

    private static PurchaseReport Purchases(
        string dataset, CampaignUsers users, DateOnly first, DateOnly last, CancellationToken cancel)
    {
        PurchaseReport purchases;
        try
        {
            purchases = PurchaseReader.Read(DatasetPath.Open(dataset), users.Ids, first, last, cancel);
        }
        catch (TableException e)
        {
            throw new InputException(e.Message, e);
        }

        purchases.RefuseUnread(dataset);
        var end = purchases.LastDay is { } day
            ? FormattableString.Invariant($"ends on {day:yyyy-MM-dd}, before the messages were sent on ")
                + FormattableString.Invariant($"{first:yyyy-MM-dd}")
            : FormattableString.Invariant($"has no behaviors; the messages were sent on {first:yyyy-MM-dd}");
        return purchases.LastDay >= first ? purchases : throw new InputException(
            $"the dataset {dataset} {end}; expected purchases "
            + "from that day on. Extract the tables again, or correct the day of sending");
    }

    private static UserOutcome[] Outcomes(CampaignUsers users, PurchaseReport purchases)
    {
        var products = purchases.ProductIds.Select(users.Find).ToArray();
        var repeats = users.Repeats();
        var outcomes = new UserOutcome[users.Ids.Count];
        for (var user = 0; user < outcomes.Length; user++)
        {
            outcomes[user] = new UserOutcome(
                user < users.Treated, users.Score(user), repeats[user], users.Promised(user), 0, false, 0, 0);
        }

        var seen = new HashSet<(int User, int Product)>();
        foreach (var purchase in purchases.Purchases)
        {
            ref var user = ref outcomes[purchase.User];
            var product = products[purchase.Product];
            var isListed = product >= 0 && users.ListOf(purchase.User).Contains(product);
            user = user with
            {
                BoughtAny = true,
                Revenue = user.Revenue + purchase.Amount,
                ListedRevenue = user.ListedRevenue + (isListed ? purchase.Amount : 0),
                ListedBought = user.ListedBought + (isListed && seen.Add((purchase.User, product)) ? 1 : 0),
            };
        }

        return outcomes;
    }
}

using Engine.Campaigns.Experiments;
using Engine.Datasets.Behaviors;
using Engine.Datasets.Extracts;
using Engine.Scoring.Ids;
using Engine.Tables.Rows;

namespace Engine.Server.Experiments;

/// <summary>What an experiment brought.</summary>
/// <param name="Experiment">Its name.</param>
/// <param name="Days">Days after the first showing in which a purchase counts.</param>
/// <param name="Arms">In the order of the definition.</param>
/// <param name="Notes">For a person.</param>
internal sealed record ExperimentResult(
    string Experiment, int Days, IReadOnlyList<ArmReport> Arms, IReadOnlyList<string> Notes);

/// <summary>Measures an experiment: what was shown, joined with the purchases of the behavior table.</summary>
internal static class ExperimentRun
{
    /// <summary>Measures.</summary>
    /// <param name="definition">The experiment.</param>
    /// <param name="shown">The lines of the logs of its workspace, on all engines that showed it.</param>
    /// <param name="dataset">dataset.json or the folder of an extract, with the purchases since.</param>
    /// <param name="days">1..365.</param>
    /// <param name="products">Products of each arm in the report.</param>
    /// <param name="cancel">Stops.</param>
    /// <exception cref="InputException">Nothing was shown, or the dataset does not fit.</exception>
    public static ExperimentResult Measure(
        ExperimentDefinition definition,
        IEnumerable<ShownLine> shown,
        string dataset,
        int days,
        int products,
        CancellationToken cancel)
    {
        Require.Between("--days", days, 1, 365);
        Require.Between("--top", products, 1, 10_000);
        var count = new ExperimentCount(days);
        foreach (var line in shown.Where(line => line.Experiment == definition.Name))
        {
            cancel.ThrowIfCancellationRequested();
            var day = DayNumber.Of(DateOnly.FromDateTime(line.Time.UtcDateTime));
            count.AddShown(line.Arm, line.User, day, line.Products);
        }

        if (count.FirstDay is not { } first)
        {
            throw new InputException(
                $"found nothing that experiment '{definition.Name}' showed. Ask RecommendPlacement with it, and see "
                + "that --shown-mebibytes is not 0");
        }

        string[] users = [.. count.Users];
        PurchaseReport purchases;
        try
        {
            purchases = PurchaseReader.Read(
                DatasetPath.Open(dataset), users, DayNumber.DateOf(first), DayNumber.DateOf(count.LastDay), cancel);
        }
        catch (TableException e)
        {
            throw new InputException(e.Message, e);
        }

        purchases.RefuseUnread(dataset);
        foreach (var purchase in purchases.Purchases)
        {
            count.AddPurchase(users[purchase.User], purchases.ProductIds[purchase.Product], purchase.Day);
        }

        var notes = purchases.Notes().ToList();
        if (count.MixedUsers is > 0 and var mixed)
        {
            notes.Add(FormattableString.Invariant($"{mixed} users saw several arms and are left out of the rates"));
        }

        if (purchases.LastDay is not { } last || DayNumber.Of(last) < count.LastDay)
        {
            notes.Add(FormattableString.Invariant($"the dataset ends on {purchases.LastDay:yyyy-MM-dd}, before ")
                + FormattableString.Invariant($"{DayNumber.DateOf(count.LastDay):yyyy-MM-dd}: rates may still grow"));
        }

        return new ExperimentResult(
            definition.Name, days, count.Arms(definition.Arms.Select(arm => arm.Name), products), notes);
    }
}

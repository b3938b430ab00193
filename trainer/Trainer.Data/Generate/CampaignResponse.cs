using Engine;
using Engine.Datasets.Mapping;
using Engine.Tables;
using Engine.Tables.Rows;

namespace Trainer.Data.Generate;

/// <summary>
/// What the customers do after messages were sent, with a known effect: every user of the two lists buys a product of
/// the own list with a chance of its own, and those who got a message with <paramref name="Lift"/> more. All customers
/// also buy other products, whether they got a message or not.
/// </summary>
/// <param name="Messages">
/// The result of a batch with a holdout; the held-out users are in NAME.holdout beside it.
/// </param>
/// <param name="Lift">What a message adds to the chance, 0..1.</param>
/// <param name="BaseRate">The mean chance without a message, 0..1; users differ by half of it.</param>
/// <param name="Days">The days after the brand's last, 1..365.</param>
/// <param name="Seed">What the answers are drawn from.</param>
internal sealed record CampaignResponse(string Messages, double Lift, double BaseRate, int Days, ulong Seed)
{
    private const double OtherChance = 0.2;
    private const ulong Stream = 0x5E5E_9015;

    /// <exception cref="InputException">A number is out of its range, or a file is not there.</exception>
    public void Check()
    {
        foreach (var path in new[] { Messages, HeldOutOf(Messages) }.Where(path => !File.Exists(path)))
        {
            throw new InputException(
                $"{path} does not exist; expected the result of a batch with --holdout-share: "
                + "two files, such as push.csv and push.holdout.csv");
        }

        if (Days is < 1 or > 365)
        {
            throw new InputException($"found --response-days {Days}; expected 1 to 365");
        }

        if (!(Lift >= 0 && BaseRate >= 0 && (1.5 * BaseRate) + Lift <= 1))
        {
            throw new InputException(
                FormattableString.Invariant($"found --response-lift {Lift} and --response-rate {BaseRate}; ")
                + "expected 0 or more each, and 1.5 times the rate and the lift together at most 1");
        }
    }

    /// <summary>Writes the rows of the days after the brand's last.</summary>
    /// <param name="path">The table.</param>
    /// <param name="catalog">The brand's products.</param>
    /// <param name="users">The ids of the brand's customers.</param>
    /// <param name="end">The brand's last day.</param>
    public void Write(string path, BrandCatalog catalog, IEnumerable<string> users, DateOnly end)
    {
        Check();
        var products = catalog.Products
            .Index()
            .ToDictionary(product => product.Item.Id, product => product.Index, StringComparer.Ordinal);
        var lists = Read(Messages, products).ToDictionary(
            list => list.Key, list => (List: list.Value, Lift), StringComparer.Ordinal);
        foreach (var (user, list) in Read(HeldOutOf(Messages), products))
        {
            lists[user] = (list, 0);
        }

        using var table = TableFile.Create(path, GeneratedTables.Behavior);
        var first = end.AddDays(1).ToDateTime(TimeOnly.MinValue);
        foreach (var (number, user) in users.Index())
        {
            var random = new Prng(Seed ^ Stream, (ulong)number);
            // The table ends on the last day, whoever buys.
            var day = first.AddDays(number == 0 ? Days - 1 : random.Below(Days)).AddSeconds(random.Below(86_400));
            var (list, lift) = lists.GetValueOrDefault(user, ([], 0));
            var other = random.Below(catalog.Products.Length);
            var buysOther = random.Chance(OtherChance) && !list.Contains(other);
            Row(table, user, catalog.Products[other], BehaviorKind.View, day, "");
            if (buysOther)
            {
                Row(table, user, catalog.Products[other], BehaviorKind.Purchase, day, $"{user}-A1");
            }

            var chance = BaseRate * (0.5 + random.Unit());
            if (random.Unit() < chance + lift && list.Count > 0)
            {
                var product = catalog.Products[list[random.Below(Math.Min(3, list.Count))]];
                Row(
                    table,
                    user,
                    product,
                    BehaviorKind.Purchase,
                    first.AddDays(random.Below(Days)).AddSeconds(random.Below(86_400)),
                    $"{user}-A2");
            }
        }

        table.Complete();
    }

    private static string HeldOutOf(string messages) =>
        Path.ChangeExtension(messages, null) + ".holdout" + Path.GetExtension(messages);

    private static Dictionary<string, List<int>> Read(string path, Dictionary<string, int> products)
    {
        using var table = TableFile.Open(path, ["user_id", "item_id"]);
        var lists = new Dictionary<string, List<int>>(StringComparer.Ordinal);
        while (table.Read())
        {
            if (table.Fault != RowFault.None || !products.TryGetValue(table.Text(1).ToString(), out var product))
            {
                throw new InputException(
                    $"{path}, line {table.Line}: product '{(table.Fault == RowFault.None ? table.Text(1) : "")}' is "
                    + "not in this brand. Generate with the same --size, --brand and --seed");
            }

            var user = table.Text(0).ToString();
            if (!lists.TryGetValue(user, out var list))
            {
                lists.Add(user, list = []);
            }

            list.Add(product);
        }

        return lists;
    }

    private static void Row(
        TableWriter table, string user, BrandProduct product, BehaviorKind kind, DateTime time, string order)
    {
        table.Write(user);
        table.Write(product.Id);
        table.Write(GeneratedTables.TypeValue(kind));
        table.Write(time);
        table.Write(1L);
        if (kind == BehaviorKind.Purchase)
        {
            table.Write(Math.Round(product.Price, 2));
        }
        else
        {
            table.WriteNull();
        }

        table.Write("app");
        table.Write(order);
        table.EndRow();
    }
}

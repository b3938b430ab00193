using System.Globalization;
using System.Text;
using Tests.Shared;

namespace Trainer.Tests.Pipeline;

/// <summary>
/// Two small tables with a dataset.json: users of two tastes who purchase again and again over 400 days or as many as
/// are asked for.
/// </summary>
internal static class TinyBrand
{
    /// <summary>The last day of the behaviors.</summary>
    public static readonly DateOnly LastDay = new(2021, 8, 1);

    /// <summary>Writes the tables; returns the path of dataset.json.</summary>
    public static string Write(TemporaryFolder folder, int users = 60, int products = 16, int seed = 1, int days = 400)
    {
        var random = new Random(seed);
        var behaviors = new StringBuilder("user_id,product_id,behavior_type,behavior_time,count\n");
        for (var user = 0; user < users; user++)
        {
            var favorite = (user % 2) + (2 * random.Next(products / 2));
            for (var day = random.Next(20); day <= days; day += 1 + random.Next(25))
            {
                // Half of the time the favorite, else any of the same taste.
                var product = random.Next(2) == 0 ? favorite : (user % 2) + (2 * random.Next(products / 2));
                var time = LastDay.ToDateTime(new TimeOnly(11, 59)).AddDays(day - days);
                behaviors.Append(CultureInfo.InvariantCulture, $"U{user},P{product},pv,{time:yyyy-MM-dd HH:mm},1\n");
                behaviors.Append(
                    CultureInfo.InvariantCulture,
                    $"U{user},P{product},buy,{time:yyyy-MM-dd HH:mm},{random.Next(1, 4)}\n");
            }
        }

        behaviors.Append(CultureInfo.InvariantCulture, $"U0,P0,buy,{LastDay:yyyy-MM-dd} 12:00,1\n");
        folder.Write("behavior.csv", behaviors.ToString());
        folder.Write("product.csv", "product_id,product_name,category,sizes,price,launched\n" + string.Concat(
            Enumerable.Range(0, products).Select(
                p => $"P{p},Product {p},{(p % 2 == 0 ? "Tea" : "Coffee")},S/M,{p}.5,2020-01-{(p % 28) + 1:00}\n")));
        return folder.Write("dataset.json", """
            { "behavior": { "files": ["behavior.csv"], "user_id": "user_id", "product_id": "product_id", "type": "behavior_type",
                            "time": "behavior_time", "count": "count", "types": { "buy": "purchase", "pv": "view" } },
              "product": { "files": ["product.csv"], "product_id": "product_id", "product_name": "product_name",
                           "tags": [ { "column": "category", "type": "text" }, { "column": "sizes", "type": "multi", "separator": "/" },
                                     { "column": "price", "type": "number" }, { "column": "launched", "alias": "Launch date", "type": "date" } ] } }
            """);
    }
}

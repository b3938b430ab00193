using System.CommandLine;
using System.Globalization;
using Engine.Campaigns.Allocation;
using Engine.Kernels;
using Engine.Scoring.Batch;
using Engine.Scoring.Ids;
using Engine.Scoring.Models;
using Engine.Scoring.Pools;
using Engine.Scoring.Queries;
using Engine.Server.Catalog;
using Engine.Snapshots;
using Engine.Snapshots.Ids;
using Engine.Tables;
using Engine.Tables.Rows;
using Spectre.Console;

namespace Engine.Server.Commands;

/// <summary>allocate: who gets which product when contacts and stock are scarce.</summary>
internal static class AllocateCommand
{
    private const int Printed = 20;
    private const int MaximumProducts = RecommendQuery.MaximumTopK;

    /// <summary>The verb.</summary>
    public static Command Create()
    {
        var snapshots = new Option<string>("--snapshots", "--snapshot")
        {
            Description = "A folder with CURRENT, or a .snapshot file.",
            Required = true,
        };
        var audience = new Option<string>("--audience")
        {
            Description = "all, a file of user ids, or the name of a saved audience.",
            DefaultValueFactory = _ => "all",
        };
        var products = new Option<string>("--products")
        {
            Description = "A table file with product_id and stock and, if you like, minimum, value and cost.",
            Required = true,
        };
        var perUser = new Option<int>("--contacts-per-user")
        {
            Description = "Contacts of one user at most.",
            DefaultValueFactory = _ => 1,
        };
        var contacts = new Option<long?>("--contacts") { Description = "Contacts in all at most. Default: no limit." };
        var candidates = new Option<int>("--candidates")
        {
            Description = "Candidates that are kept of each user. More take more memory (8 bytes each) and may "
                + "allocate a little better.",
            DefaultValueFactory = _ => 24,
        };
        var threads = new Option<int>("--threads")
        {
            Description = "Threads of the pass over the users; the result does not depend on it.",
            DefaultValueFactory = _ => Environment.ProcessorCount,
        };
        var file = new Option<string>("--out")
        {
            Description = "A .csv, .csv.gz or .parquet file: user_id, item_id, value. "
                + "Beside it OUT.prices.csv with the shadow prices.",
            Required = true,
        };
        var json = JsonOutput.Option();
        var command = new Command(
            "allocate", "Allocate scarce contacts and stock: probability x value - cost, best in all.")
        {
            snapshots, audience, products, perUser, contacts, candidates, threads, file, json,
        };
        command.SetAction((parsed, cancellation) =>
        {
            BatchSources.KeepInputs(
                parsed.GetRequiredValue(file), parsed.GetRequiredValue(audience), parsed.GetRequiredValue(products));
            var path = SnapshotPath.Resolve(parsed.GetRequiredValue(snapshots));
            using var model = new ScoringModel(
                Snapshot.OpenVerified(path, cancellation: cancellation), cancellation: cancellation);
            var catalog = new WorkspaceCatalog(Path.GetDirectoryName(Path.GetFullPath(path))!);
            Require.Between("--contacts-per-user", parsed.GetRequiredValue(perUser), 1, 100);
            Require.Between(
                "--candidates", parsed.GetRequiredValue(candidates), parsed.GetRequiredValue(perUser) + 1, 1_000);
            Require.Between("--threads", parsed.GetRequiredValue(threads), 1, 1_024);
            var members = BatchSources.Audience(model, catalog, parsed.GetRequiredValue(audience));
            var offers = Offers(model, parsed.GetRequiredValue(products));
            var ids = offers.Select(offer => model.Snapshot.ProductIds.Get(offer.Product.Value)).ToArray();
            var pool = model.Resolve(PoolDefinition.OfIds(ids), cancellation);
            var query = new RecommendQuery
            {
                TopK = offers.Count,
                Filter = { SavedPool = pool, Blocked = catalog.Blocked.Resolve(model, cancellation) },
            };
            var plan = new BatchPlan(model, members, query);
            var (problem, result) = new CandidatePass(plan, offers).Run(
                parsed.GetRequiredValue(candidates),
                parsed.GetRequiredValue(perUser),
                parsed.GetValue(contacts) ?? (long)plan.Users.Length * parsed.GetRequiredValue(perUser),
                parsed.GetRequiredValue(threads), cancellation);
            Write(plan, offers, problem, result, parsed.GetRequiredValue(file));
            if (parsed.GetValue(json))
            {
                PrintJson(plan, ids, offers, result);
            }
            else
            {
                Print(plan, offers, result);
            }

            return System.Threading.Tasks.Task.FromResult(0);
        });
        return command;
    }

    private static List<OfferedProduct> Offers(ScoringModel model, string path)
    {
        try
        {
            using var table = TableFile.Open(path);
            return Read(model, path, table);
        }
        catch (TableException e)
        {
            throw new InputException(e.Message, e);
        }
    }

    private static List<OfferedProduct> Read(ScoringModel model, string path, TableReader table)
    {
        var columns = table.Columns.ToList();
        string[] known = ["product_id", "stock", "minimum", "value", "cost"];
        var (id, stock, minimum, value, cost) = (
            columns.IndexOf(known[0]),
            columns.IndexOf(known[1]),
            columns.IndexOf(known[2]),
            columns.IndexOf(known[3]),
            columns.IndexOf(known[4]));
        // A mistyped minimum, value or cost would be taken for none.
        if (id < 0 || stock < 0 || columns.Except(known).Any() || columns.Distinct().Count() < columns.Count)
        {
            throw new InputException(
                $"found the columns {string.Join(", ", columns)} in {path}; expected product_id and stock and, "
                + "if you like, minimum, value and cost, each once and no others. Rename or remove the others");
        }

        var offers = new List<OfferedProduct>();
        var seen = new HashSet<int>();
        while (table.Read())
        {
            if (table.Fault != RowFault.None)
            {
                throw new InputException(
                    $"{path}, line {table.Line}: cannot read the row ({table.Fault}): {table.RowText(80)}");
            }

            var product = model.Snapshot.ProductIds.Find(table.Text(id).ToString());
            if (product < 0 || !seen.Add(product))
            {
                var problem = product < 0 ? "is not in the snapshot. Remove the row" : "is there twice. Remove one row";
                throw new InputException($"{path}, line {table.Line}: product '{table.Text(id)}' {problem}");
            }

            var offer = new OfferedProduct(
                new ProductOrdinal(product),
                Number(path, table, value, "value", 1),
                Number(path, table, cost, "cost", 0),
                Whole(path, table, stock, "stock"), Whole(path, table, minimum, "minimum"));
            offers.Add(offer.Minimum <= offer.Stock ? offer : throw new InputException(
                $"{path}, line {table.Line}: found minimum {offer.Minimum} of stock {offer.Stock}; "
                + "expected 0 up to the stock"));
        }

        return offers.Count is > 0 and <= MaximumProducts
            ? offers
            : throw new InputException($"found {offers.Count} products in {path}; expected 1 to {MaximumProducts}");
    }

    private static long Whole(string path, TableReader table, int column, string name) =>
        column < 0 || (name == "minimum" && table.Text(column).IsEmpty) ? 0
        : long.TryParse(table.Text(column), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number
        : throw new InputException(
            $"{path}, line {table.Line}: found {name} '{table.Text(column)}'; expected a whole number of 0 or more");

    private static double Number(string path, TableReader table, int column, string name, double fallback) =>
        column < 0 || table.Text(column).IsEmpty ? fallback
        : double.TryParse(table.Text(column), NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            && number is >= 0 and <= 1e12 ? number
        : throw new InputException(
            $"{path}, line {table.Line}: found {name} '{table.Text(column)}'; expected a number from 0 to 1e12");

    private static void Write(
        BatchPlan plan, List<OfferedProduct> offers, AllocationProblem problem, AllocationResult result, string path)
    {
        var snapshot = plan.Model.Snapshot;
        using (var table = TableFile.Create(
            path, [new("user_id", ColumnType.Text), new("item_id", ColumnType.Text), new("value", ColumnType.Number)]))
        {
            for (var candidate = 0; candidate < result.Taken.Length; candidate++)
            {
                if (result.Taken[candidate])
                {
                    table.Write(snapshot.UserIds.Get(plan.Users[candidate / problem.Width].Value));
                    table.Write(snapshot.ProductIds.Get(offers[problem.Items[candidate]].Product.Value));
                    table.Write((double)problem.Values[candidate]);
                    table.EndRow();
                }
            }

            table.Complete();
        }

        using var prices = TableFile.Create(path + ".prices.csv", [
            new("product_id", ColumnType.Text),
            new("contacts", ColumnType.WholeNumber),
            new("stock", ColumnType.WholeNumber),
            new("minimum", ColumnType.WholeNumber),
            new("shadow_price", ColumnType.Number)]);
        foreach (var (index, offer) in offers.Index())
        {
            prices.Write(snapshot.ProductIds.Get(offer.Product.Value));
            prices.Write(result.Load[index]);
            prices.Write(offer.Stock);
            prices.Write(offer.Minimum);
            prices.Write(result.Prices.Product[index]);
            prices.EndRow();
        }

        prices.Complete();
    }

    private static void PrintJson(
        BatchPlan plan, string[] ids, List<OfferedProduct> offers, AllocationResult result) =>
        Console.WriteLine(JsonText.Of(new
        {
            result.Contacts,
            Users = plan.Users.Length,
            result.Value,
            result.Bound,
            result.Gap,
            result.BoundOfAllPairs,
            result.GreedyValue,
            result.GreedyMeetsMinimums,
            ContactPrice = result.Prices.Contact,
            result.NextContacts,
            Products = offers.Select((offer, index) => new
            {
                ProductId = ids[index],
                Contacts = result.Load[index],
                offer.Stock,
                offer.Minimum,
                ShadowPrice = result.Prices.Product[index],
            }),
        }));

    private static void Print(BatchPlan plan, List<OfferedProduct> offers, AllocationResult result)
    {
        var console = Screen.Create();
        Line(
            $"allocated {result.Contacts:N0} contacts of {plan.Users.Length:N0} users and {offers.Count:N0} "
            + $"products, worth {result.Value:N4}");
        Line(
            $"bound     no allocation of these candidates is worth more than {result.Bound:N4}: "
            + $"at most {result.Gap:P3} is missed. Over all pairs the bound is {result.BoundOfAllPairs:N4}");
        Line(
            $"greedy    worth {result.GreedyValue:N4}, "
            + $"{(result.GreedyMeetsMinimums ? "all minimums met" : "minimums not met")}");
        Line(
            $"prices    one more contact in all is worth {result.Prices.Contact:N6}; "
            + $"one more contact for every user {result.NextContacts:N4}");
        var table = Screen.Table("product", "contacts", "stock", "minimum", "one more unit is worth");
        foreach (var index in Enumerable.Range(0, offers.Count)
            .OrderByDescending(index => Math.Abs(result.Prices.Product[index])).Take(Printed))
        {
            table.AddRow(
                Screen.Text(plan.Model.Snapshot.ProductIds.Get(offers[index].Product.Value)),
                result.Load[index].ToString("N0", CultureInfo.InvariantCulture),
                offers[index].Stock.ToString("N0", CultureInfo.InvariantCulture),
                offers[index].Minimum.ToString("N0", CultureInfo.InvariantCulture),
                result.Prices.Product[index].ToString("N6", CultureInfo.InvariantCulture));
        }

        console.Write(table);
        void Line(InvariantText text) => console.WriteLine(text.Take());
    }
}

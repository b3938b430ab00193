using System.CommandLine;
using Engine.Scoring.Ids;
using Engine.Scoring.Models;
using Engine.Scoring.Orders;
using Engine.Server.Catalog;
using Engine.Server.Contract;
using Engine.Snapshots;
using Engine.Snapshots.Ids;
using Engine.Tables;
using Engine.Tables.Rows;

namespace Engine.Server.Commands;

/// <summary>next-orders: query next-order for a whole audience, as a table file.</summary>
internal static class NextOrdersCommand
{
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
        var within = new Option<int>("--within")
        {
            Description = "Days after the last day of the data, 1 to 90. Default: the snapshot's horizon.",
            Validators = { OptionRules.RefuseBelowOne },
        };
        var top = new Option<int>("--top")
        {
            Description = "0: a row for each user. Otherwise a row for each of so many products that are most "
                + "probably bought again.",
        };
        var file = new Option<string>("--out")
        {
            Description = "A .csv, .csv.gz or .parquet file. It is complete or absent.",
            Required = true,
        };
        var json = JsonOutput.Option();
        var command = new Command("next-orders", "Write when the users of an audience order again, and what is due.")
        {
            snapshots, audience, within, top, file, json,
        };
        command.SetAction((parsed, cancellation) =>
        {
            BatchSources.KeepInputs(parsed.GetRequiredValue(file), parsed.GetRequiredValue(audience));
            var path = SnapshotPath.Resolve(parsed.GetRequiredValue(snapshots));
            using var model = new ScoringModel(
                Snapshot.OpenVerified(path, cancellation: cancellation), cancellation: cancellation);
            var catalog = new WorkspaceCatalog(Path.GetDirectoryName(Path.GetFullPath(path))!);
            var days = RequestFields.OrDefault(
                parsed.GetValue(within), model.Snapshot.Manifest.Scope.HorizonDays);
            NextOrders.CheckDays("--within", days);
            Require.Between("--top", parsed.GetValue(top), 0, 100);
            var users = BatchSources.Audience(model, catalog, parsed.GetRequiredValue(audience)).Ordinals();
            var rows = parsed.GetValue(top) == 0
                ? Users(model, users, days, parsed.GetRequiredValue(file), cancellation)
                : Products(
                    model, catalog, users, days, parsed.GetValue(top), parsed.GetRequiredValue(file), cancellation);
            Console.WriteLine(parsed.GetValue(json)
                ? JsonText.Of(new
                {
                    SnapshotId = model.Snapshot.Id,
                    WithinDays = days,
                    Rows = rows,
                    Path = parsed.GetRequiredValue(file),
                })
                : $"wrote {rows} rows to {parsed.GetRequiredValue(file)}");
            return System.Threading.Tasks.Task.FromResult(0);
        });
        return command;
    }

    private static long Users(
        ScoringModel model, IEnumerable<UserOrdinal> users, int days, string path, CancellationToken cancellation)
    {
        var orders = new NextOrders(model.Snapshot);
        using var table = TableFile.Create(path, [
            new("user_id", ColumnType.Text),
            new("probability", ColumnType.Number),
            new("expected_orders", ColumnType.Number),
            new("likely_date", ColumnType.Text),
            new("last_order_date", ColumnType.Text),
            new("order_days", ColumnType.WholeNumber),
            new("interval_days", ColumnType.Number)]);
        foreach (var user in users)
        {
            cancellation.ThrowIfCancellationRequested();
            var next = orders.Forecast(user, days);
            table.Write(model.Snapshot.UserIds.Get(user.Value));
            table.Write(next.Probability);
            table.Write(next.ExpectedOrders);
            table.Write(NextOrderCall.Date(model.Snapshot, next.LikelyDay));
            table.Write(NextOrderCall.Date(model.Snapshot, -next.Age));
            table.Write((long)next.OrderDays);
            table.Write(next.Interval);
            table.EndRow();
        }

        table.Complete();
        return table.Rows;
    }

    private static long Products(
        ScoringModel model, WorkspaceCatalog catalog, IEnumerable<UserOrdinal> users, int days, int top, string path,
        CancellationToken cancellation)
    {
        var (orders, snapshot) = (new NextOrders(model.Snapshot), model.Snapshot);
        var blocked = catalog.Blocked.Resolve(model, cancellation);
        using var table = TableFile.Create(path, [
            new("user_id", ColumnType.Text),
            new("item_rank", ColumnType.WholeNumber),
            new("item_id", ColumnType.Text),
            new("probability", ColumnType.Number),
            new("due_date", ColumnType.Text),
            new("last_purchase_date", ColumnType.Text),
            new("item_name", ColumnType.Text)]);
        foreach (var user in users)
        {
            cancellation.ThrowIfCancellationRequested();
            foreach (var (index, product) in orders.Products(user, days, null, blocked).Take(top).Index())
            {
                table.Write(snapshot.UserIds.Get(user.Value));
                table.Write(index + 1L);
                table.Write(snapshot.ProductIds.Get(product.Product.Value));
                table.Write(product.Probability);
                table.Write(NextOrderCall.Date(snapshot, product.DueIn));
                table.Write(NextOrderCall.Date(snapshot, -product.Age));
                table.Write(snapshot.ProductNames.Get(product.Product.Value));
                table.EndRow();
            }
        }

        table.Complete();
        return table.Rows;
    }
}

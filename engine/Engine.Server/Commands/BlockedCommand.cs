using System.CommandLine;
using System.Globalization;
using Engine.Server.Audit;
using Engine.Server.Catalog;
using Engine.Server.Contract;
using Engine.Snapshots;
using Engine.Tables;
using Engine.Tables.Rows;

namespace Engine.Server.Commands;

/// <summary>blocked stock: blocks what is out of stock. Running engines follow with their next request.</summary>
internal static class BlockedCommand
{
    // Sums of larger quantities could overflow.
    private const decimal Largest = 1_000_000_000_000;

    /// <summary>The verb with its parts.</summary>
    public static Command Create()
    {
        var root = new Option<string>("--snapshots") { Description = "The snapshot root folder.", Required = true };
        var workspace = new Option<string>("--workspace")
        {
            Description = "The workspace.",
            DefaultValueFactory = _ => SnapshotDirectory.DefaultWorkspace,
        };
        var file = new Argument<string>("FILE")
        {
            Description = "A .csv, .csv.gz or .parquet file with the columns product_id and quantity.",
        };
        var json = JsonOutput.Option();
        var stock = new Command(
            "stock",
            "Block the products of a file whose quantity is 0 or less, and unblock its others. Quantities of several "
            + "rows of a product add up. Products that the file does not name stay as they are.")
        {
            file, root, workspace, json,
        };
        stock.SetAction(parsed =>
        {
            var directory = new SnapshotDirectory(parsed.GetRequiredValue(root), parsed.GetRequiredValue(workspace));
            var store = new BlockedStore(directory.Path);
            var (gone, there) = Read(parsed.GetRequiredValue(file));
            var blocked = CommandAudit.Run(
                parsed.GetRequiredValue(root),
                "blocked stock",
                directory.Workspace,
                "blocked products",
                () => $"version {store.Current.Version}: {store.Current.ProductIds.Count} products",
                () => store.Change(replace: false, there, gone));
            var reply = BlockedAnswers.Describe(blocked);
            reply.Notes.AddRange(Unknown(directory, [.. gone, .. there]));
            Console.WriteLine(parsed.GetValue(json)
                ? JsonOutput.Format(reply)
                : string.Create(
                    CultureInfo.InvariantCulture,
                    $"{gone.Count:N0} products are out of stock, {there.Count:N0} are there; "
                        + $"{blocked.ProductIds.Count:N0} are blocked (version {blocked.Version}).")
                    + string.Concat(reply.Notes.Select(note => $"\n{note}.")));
        });
        return new Command("blocked", "Products that no request returns.") { stock };
    }

    private static IEnumerable<string> Unknown(SnapshotDirectory directory, List<string> products)
    {
        if (directory.ReadCurrent() is { } id)
        {
            using var snapshot = Snapshot.Open(directory.FilePath(id));
            if (UnknownIds.Note("product ids", products, product => snapshot.ProductIds.Find(product) >= 0) is { } note)
            {
                yield return note;
            }
        }
    }

    // All rows are read before anything changes.
    private static (List<string> Gone, List<string> There) Read(string path)
    {
        var quantities = new Dictionary<string, decimal>(StringComparer.Ordinal);
        using var reader = TableFile.Open(path, ["product_id", "quantity"]);
        while (reader.Read())
        {
            if (reader.Fault != RowFault.None || reader.Text(0).IsEmpty
                || !decimal.TryParse(
                    reader.Text(1), NumberStyles.Float, CultureInfo.InvariantCulture, out var quantity))
            {
                throw new InputException(
                    $"{path}, line {reader.Line}: found '{reader.RowText(80)}', expected a product_id and a quantity. "
                    + "Nothing was changed");
            }

            var product = reader.Text(0).ToString();
            quantities[product] = quantities.GetValueOrDefault(product) + Math.Clamp(quantity, -Largest, Largest);
        }

        return (
            [.. quantities.Where(one => one.Value <= 0).Select(one => one.Key)],
            [.. quantities.Where(one => one.Value > 0).Select(one => one.Key)]);
    }
}

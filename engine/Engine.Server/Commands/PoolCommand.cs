using Engine.Server.Audit;
using System.CommandLine;
using System.Globalization;
using Engine.Protos.V1;
using Engine.Scoring.Pools;
using Engine.Server.Contract;
using Engine.Server.Errors;
using Spectre.Console;

namespace Engine.Server.Commands;

/// <summary>
/// pool: save, preview, show, list and delete pools beside the snapshots; a running server sees changes at once.
/// </summary>
internal static class PoolCommand
{
    /// <summary>The verb with its five actions.</summary>
    public static Command Create() => new("pool", "Named sets of products: rules over tags, lists of ids.")
    {
        Save(), Preview(), Show(), List(), Delete(),
    };

    private static Command Save()
    {
        var name = Name();
        var rule = Rule();
        var ids = new Option<string>("--ids")
        {
            Description = "A table file with product ids, one a row.",
            DefaultValueFactory = _ => "",
        };
        var column = new Option<string>("--column")
        {
            Description = "The column of --ids. Default: product_id, or the first.",
            DefaultValueFactory = _ => "",
        };
        return new QueryOptions().Complete(
            new Command("save", "Create or replace a pool.") { name, rule, ids, column },
            (queried, parsed, _) =>
            {
                var request = new SavePoolRequest
                {
                    Name = parsed.GetRequiredValue(name),
                    Rule = parsed.GetRequiredValue(rule),
                };
                if (parsed.GetRequiredValue(ids) is { Length: > 0 } file)
                {
                    request.ProductIds.AddRange(
                        IdFile.Read(
                            file, queried.Model.Snapshot.ProductIds, parsed.GetRequiredValue(column), "product_id"));
                }

                return queried.Audited(
                    "pool save",
                    $"pool {request.Name}",
                    () => AuditedState.Pool(queried.Catalog, request.Name),
                    () => CatalogAnswers.Describe(
                        queried.Model, queried.Catalog.Pools.Save(CatalogAnswers.ToSave(queried.Model, request))));
            },
            pool => Print([pool]));
    }

    private static Command Preview()
    {
        var rule = Rule();
        var ids = new Option<string>("--ids")
        {
            Description = "A table file with product ids, one a row.",
            DefaultValueFactory = _ => "",
        };
        return new QueryOptions().Complete(
            new Command("preview", "Count the products of a rule or a list, condition by condition.") { rule, ids },
            (queried, parsed, _) =>
            {
                var request = new PreviewPoolRequest
                {
                    Rule = parsed.GetRequiredValue(rule),
                    ProductIds = { parsed.GetRequiredValue(ids) is { Length: > 0 } file
                        ? IdFile.Read(file, queried.Model.Snapshot.ProductIds, usual: "product_id")
                        : [] },
                };
                var reply = CatalogAnswers.Preview(queried.Model, request);
                if (reply.ProductCount == 0)
                {
                    var pool = new PoolDefinition("", request.Rule, [.. request.ProductIds]);
                    Console.Error.WriteLine($"warning: {queried.Model.Resolve(pool).Problem}");
                }

                return reply;
            },
            reply =>
            {
                var table = Screen.Table("condition", "products");
                foreach (var clause in reply.Clauses)
                {
                    table.AddRow(
                        Screen.Text(clause.Clause), clause.ProductCount.ToString("N0", CultureInfo.InvariantCulture));
                }

                table.AddRow("listed but unknown", reply.OutOfScopeCount.ToString("N0", CultureInfo.InvariantCulture));
                table.AddRow("the whole pool", reply.ProductCount.ToString("N0", CultureInfo.InvariantCulture));
                Screen.Create().Write(table);
            });
    }

    private static Command Show()
    {
        var name = Name();
        var version = new Option<long>("--version")
        {
            Description = "An earlier version. Default: the current one.",
            Validators = { OptionRules.RefuseBelowOne },
        };
        return new QueryOptions().Complete(
            new Command("show", "Show a pool, or an earlier version of it.") { name, version },
            (queried, parsed, _) => CatalogAnswers.DescribeWhole(
                queried.Model, queried.Catalog.Pools.Get(parsed.GetRequiredValue(name), parsed.GetValue(version))),
            pool => Print([pool]));
    }

    private static Command List() => new QueryOptions().Complete(
        new Command("list", "List the saved pools and how many products of the snapshot they hold."),
        (queried, _, _) => new ListPoolsReply
        {
            Pools = { queried.Catalog.Pools.List().Select(pool => CatalogAnswers.Describe(queried.Model, pool)) },
        },
        reply => Print(reply.Pools));

    private static Command Delete()
    {
        var name = Name();
        return new QueryOptions().Complete(
            new Command("delete", "Delete a pool.") { name },
            (queried, parsed, _) =>
            {
                var pool = parsed.GetRequiredValue(name);
                return queried.Audited(
                    "pool delete",
                    $"pool {pool}",
                    () => AuditedState.Pool(queried.Catalog, pool),
                    () =>
                    {
                        queried.Catalog.Pools.Delete(pool);
                        return new DeletePoolReply();
                    });
            },
            _ => { });
    }

    private static Option<string> Name() => new("--name") { Description = "Case-sensitive.", Required = true };

    private static Option<string> Rule() =>
        new("--rule")
        {
            Description = "For example: category = 'Tea' and price between 5 and 20 except color contains any ('red').",
            DefaultValueFactory = _ => "",
        };

    private static void Print(IReadOnlyCollection<Pool> pools)
    {
        var table = Screen.Table("pool", "version", "products", "out of scope", "rule", "problem");
        foreach (var pool in pools)
        {
            table.AddRow(
                Screen.Text(pool.Name),
                pool.Version.ToString(CultureInfo.InvariantCulture),
                pool.ProductCount.ToString("N0", CultureInfo.InvariantCulture),
                pool.OutOfScopeCount.ToString("N0", CultureInfo.InvariantCulture),
                Screen.Text(pool.Rule.Length > 0 ? pool.Rule : $"{pool.ListedCount} ids"),
                Screen.Text(pool.Problem));
        }

        Screen.Create().Write(table);
        foreach (var pool in pools.Where(pool => pool.Skipped.Count > 0))
        {
            var unknown = pool.Skipped.Where(skipped => skipped.Reason == SkipReason.UnknownProduct);
            Console.WriteLine(
                $"{pool.Name}: {pool.OutOfScopeCount} of {pool.ListedCount} ids unknown: "
                + Names.List(unknown.Select(skipped => skipped.Id)));
        }
    }
}

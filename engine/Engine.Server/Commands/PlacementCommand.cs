using System.Buffers;
using System.CommandLine;
using System.Globalization;
using Engine.Protos.V1;
using Engine.Server.Audit;
using Engine.Server.Contract;
using Engine.Server.Json;
using Spectre.Console;

namespace Engine.Server.Commands;

/// <summary>
/// placement: save, preview, get, list and delete placements beside the snapshots; a running server sees changes at
/// once.
/// </summary>
internal static class PlacementCommand
{
    /// <summary>The verb with its five actions.</summary>
    public static Command Create() => new("placement", "Slots of a storefront: sources, pins, boosts, caps, minimums.")
    {
        Save(), Preview(), Get(), List(), Delete(),
    };

    private static Command Save()
    {
        var file = File(required: true);
        var check = new Option<bool>("--validate-only") { Description = "Check the placement; save nothing." };
        var expected = new Option<long?>("--expected-version")
        {
            Description = "Save only when this is the present version; 0 for none.",
        };
        return new QueryOptions().Complete(
            new Command("save", "Create or replace a placement.") { file, check, expected },
            (queried, parsed, _) =>
            {
                var request = new SavePlacementRequest
                {
                    Placement = Read(parsed.GetRequiredValue(file)),
                    ValidateOnly = parsed.GetValue(check),
                };
                if (parsed.GetValue(expected) is { } version)
                {
                    request.ExpectedVersion = version;
                }

                return request.ValidateOnly
                    ? PlacementAnswers.Save(queried.Model, queried.Catalog, request)
                    : queried.Audited(
                        "placement save",
                        $"placement {request.Placement.Name}",
                        () => AuditedState.Placement(queried.Catalog, request.Placement.Name),
                        () => PlacementAnswers.Save(queried.Model, queried.Catalog, request));
            },
            placement => Print([placement]));
    }

    private static Command Preview()
    {
        var file = File(required: false);
        var names = new Option<string[]>("--name")
        {
            Description = "Saved placements; several are a page.",
            AllowMultipleArgumentsPerToken = true,
            DefaultValueFactory = _ => [],
        };
        var user = new Option<string>("--user") { Description = "User id.", DefaultValueFactory = _ => "" };
        var recent = QueryOptions.Ids(
            "--recent", "Recent behavior of the shopper: PRODUCT or PRODUCT=view|favorite|cart|purchase.");
        var page = QueryOptions.Ids("--page", "The products on the page.");
        var at = new Option<string>("--at")
        {
            Description = "Scheduled rules as at this time, for example 2026-05-01T00:00:00Z. Default: now.",
            DefaultValueFactory = _ => "",
        };
        var explain = new Option<bool>("--explain") { Description = "Print the terms of each score." };
        return new QueryOptions().Complete(
            new Command("preview", "Show what a placement, saved or in a file, or a page of them would show.")
            {
                file, names, user, recent, page, at, explain,
            },
            (queried, parsed, clock) =>
            {
                if (parsed.GetRequiredValue(file) is { Length: > 0 } path)
                {
                    var one = PlacementCall.Answer(
                        queried.Model,
                        queried.Catalog,
                        new RecommendPlacementRequest
                        {
                            Trial = Read(path),
                            UserId = parsed.GetRequiredValue(user),
                            Recent = { parsed.GetRequiredValue(recent).Select(QueryRecommend.ParseRecent) },
                            PageProductIds = { parsed.GetRequiredValue(page) },
                            At = parsed.GetRequiredValue(at),
                            Explain = parsed.GetValue(explain),
                        },
                        clock);
                    return new RecommendPageReply { Placements = { one }, SnapshotId = one.SnapshotId };
                }

                return PlacementCall.Answer(
                    queried.Model,
                    queried.Catalog,
                    new RecommendPageRequest
                    {
                        Placements = { parsed.GetRequiredValue(names) },
                        UserId = parsed.GetRequiredValue(user),
                        Recent = { parsed.GetRequiredValue(recent).Select(QueryRecommend.ParseRecent) },
                        PageProductIds = { parsed.GetRequiredValue(page) },
                        At = parsed.GetRequiredValue(at),
                        Explain = parsed.GetValue(explain),
                    },
                    clock);
            },
            reply =>
            {
                foreach (var placement in reply.Placements)
                {
                    Print(placement);
                }
            });
    }

    private static Command Get()
    {
        var name = Name();
        var version = new Option<long>("--version")
        {
            Description = "An earlier version. Default: the current one.",
            Validators = { OptionRules.RefuseBelowOne },
        };
        return new QueryOptions().Complete(
            new Command("get", "Show a placement as a file for save.") { name, version },
            (queried, parsed, _) => PlacementAnswers.Describe(
                queried.Model,
                queried.Catalog,
                queried.Catalog.Placements.Get(parsed.GetRequiredValue(name), parsed.GetValue(version))),
            placement => Console.WriteLine(JsonOutput.Format(placement)));
    }

    private static Command List() => new QueryOptions().Complete(
        new Command("list", "List the saved placements."),
        (queried, _, _) => new ListPlacementsReply
        {
            Placements =
            {
                queried.Catalog.Placements.List()
                    .Select(one => PlacementAnswers.Describe(queried.Model, queried.Catalog, one)),
            },
        },
        reply => Print(reply.Placements));

    private static Command Delete()
    {
        var name = Name();
        return new QueryOptions().Complete(
            new Command("delete", "Delete a placement.") { name },
            (queried, parsed, _) =>
            {
                var placement = parsed.GetRequiredValue(name);
                return queried.Audited(
                    "placement delete",
                    $"placement {placement}",
                    () => AuditedState.Placement(queried.Catalog, placement),
                    () =>
                    {
                        queried.Catalog.Placements.Delete(placement);
                        return new DeletePlacementReply();
                    });
            },
            _ => { });
    }

    private static Option<string> Name() => new("--name") { Description = "Case-sensitive.", Required = true };

    private static Option<string> File(bool required) => new("--file")
    {
        Description = "A JSON file with a placement, as in the contract.",
        Required = required,
        DefaultValueFactory = _ => "",
    };

    private static Placement Read(string path) => (Placement)JsonRequest.Read(
        new ReadOnlySequence<byte>(System.IO.File.ReadAllBytes(path)), Placement.Descriptor);

    private static void Print(IReadOnlyCollection<Placement> placements)
    {
        var table = Screen.Table("placement", "version", "places", "products", "rules", "problem");
        foreach (var placement in placements)
        {
            table.AddRow(
                Screen.Text(placement.Name),
                Number(placement.Version),
                Number(placement.TopK),
                Number(placement.ProductCount),
                Number(placement.Rules.Count),
                Screen.Text(placement.Problem));
        }

        Screen.Create().Write(table);
    }

    private static void Print(PlacementReply reply)
    {
        var (console, table) =
            (Screen.Create(), Screen.Table("rank", "product", "name", "from", "score", "without rules"));
        foreach (var product in reply.Products)
        {
            table.AddRow(
                Number(product.Rank),
                Screen.Text(product.ProductId),
                Screen.Text(product.ProductName),
                product.Pinned ? $"{product.Source}, pinned" : $"{product.Source}",
                product.AdjustedScore.ToString("F4", CultureInfo.InvariantCulture),
                product.UnruledRank > 0 ? Number(product.UnruledRank) : "-");
            foreach (var term in product.Contributions)
            {
                table.AddRow(
                    "",
                    "",
                    $"  {QueryExplain.Words(term)}",
                    "",
                    term.Value.ToString("F4", CultureInfo.InvariantCulture),
                    "");
            }
        }

        console.Write(table);
        foreach (var effect in reply.Effects)
        {
            console.WriteLine(
                effect.Active
                    ? $"rules[{effect.Rule}]: {effect.HeldCount} held, {effect.Added} added, {effect.Moved} moved, "
                        + $"{effect.Removed} removed, {effect.Missing} missing"
                    : $"rules[{effect.Rule}]: not active at this time");
        }

        if (reply.BelowMinimumCount > 0)
        {
            console.WriteLine($"{reply.BelowMinimumCount} products are fewer than the minimum count: none is shown");
        }

        console.WriteLine($"{reply.EligibleCount} of {reply.ProductCount} products eligible");
        Footer.Write(console, reply.SnapshotId, reply.Skipped, reply.SkippedCount, reply.Warnings, reply.ServerMicros);
    }

    private static string Number(long value) => value.ToString("N0", CultureInfo.InvariantCulture);
}

using Engine.Scoring.Ids;
using System.CommandLine;
using System.Globalization;
using Engine.Campaigns.Holdouts;
using Engine.Protos.V1;
using Engine.Reranking;
using Engine.Scoring.Batch;
using Engine.Scoring.Models;
using Engine.Server.Batch;
using Engine.Server.Catalog;
using Engine.Server.Contract;
using Engine.Server.Errors;
using Engine.Server.Holdouts;
using Engine.Server.Results;
using RecommendQuery = Engine.Scoring.Queries.RecommendQuery;
using JsonText = Engine.Snapshots.JsonText;
using Snapshot = Engine.Snapshots.Snapshot;

namespace Engine.Server.Commands;

/// <summary>
/// batch: the top N products for every user of an audience, into one file that is complete or absent.
/// </summary>
internal static class BatchCommand
{
    /// <summary>The verb.</summary>
    public static Command Create()
    {
        var shared = new QueryOptions();
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
        var pool = new Option<string>("--pool")
        {
            Description = "all, a file of product ids, the name of a saved pool, or a rule over tags.",
            DefaultValueFactory = _ => "all",
        };
        var file = new Option<string>("--out")
        {
            Description =
                "A .csv or .parquet file, or 'table' to write only to the table of --source, --table and --task.",
            Required = true,
        };
        var rerank = new Option<bool>("--rerank")
        {
            Description = "Re-rank with the snapshot's re-ranker, if it has one. Such rows are marked re_ranked.",
        };
        var share = new Option<double?>("--holdout-share")
        {
            Description = "Hold out this share of the users, more than 0 and less than 1: "
                + "they get a file of their own, OUT.holdout.csv, and no message. See `engine lift`.",
        };
        var seed = new Option<string?>("--holdout-seed")
        {
            Description = "What the draw depends on besides the user id. Default: --task, or the name of the file.",
        };
        var best = new Option<int?>("--best")
        {
            Description = "Of a pool of one product: only so many users with the highest scores.",
        };
        var json = new Option<bool>("--json")
        {
            Description = "Print one JSON document about the finished result; notes go to standard error.",
        };
        var threads = new Option<int>("--threads")
        {
            Description = "Threads; the result does not depend on it.",
            DefaultValueFactory = _ => Environment.ProcessorCount,
        };
        var target = new TableOptions(required: false);
        var command = new Command(
            "batch", "Recommend for a whole audience. An interrupted batch resumes when the same command runs again.")
        {
            snapshots, audience, pool, shared.Top, shared.Exclude, shared.Purchased, best, rerank, share, seed, file,
            threads, json,
            target.Source, target.Table, target.Task, target.Streams,
        };
        seed.Need(share);
        command.SetAction((parsed, cancellation) =>
        {
            BatchSources.KeepInputs(
                parsed.GetRequiredValue(file), parsed.GetRequiredValue(audience), parsed.GetRequiredValue(pool));
            var path = SnapshotPath.Resolve(parsed.GetRequiredValue(snapshots));
            using var model = new ScoringModel(
                Snapshot.OpenVerified(path, cancellation: cancellation), OnnxReranker.Open, cancellation);
            var catalog = new WorkspaceCatalog(Path.GetDirectoryName(Path.GetFullPath(path))!);
            Require.Between("--threads", parsed.GetRequiredValue(threads), 1, 1024);
            var members = BatchSources.Audience(model, catalog, parsed.GetRequiredValue(audience));
            var query = new RecommendQuery
            {
                TopK = parsed.GetRequiredValue(shared.Top),
                Purchased = RequestFields.Purchased(
                    QueryOptions.Word<PurchasedPolicy>(parsed.GetRequiredValue(shared.Purchased))),
                Filter =
                {
                    SavedPool = BatchSources.Pool(model, catalog, parsed.GetRequiredValue(pool)),
                    Blocked = catalog.Blocked.Resolve(model, cancellation),
                },
            };
            query.Filter.ExcludedProductIds.AddRange(parsed.GetRequiredValue(shared.Exclude));
            var plan = new BatchPlan(model, members, query, rerank: parsed.GetValue(rerank));
            CheckBest(parsed.GetValue(best), plan);
            var said = parsed.GetValue(json) ? Console.Error : Console.Out;
            Describe(plan, said);
            if (parsed.GetValue(rerank) && plan is { Reranker: null, IsSingleProduct: false })
            {
                said.WriteLine($"note     {TaskCreation.NoReranker}");
            }

            var draw = parsed.GetValue(share) is { } heldOut
                ? new HoldoutDraw(parsed.GetValue(seed) ?? parsed.GetValue(target.Task)
                    ?? Path.GetFileName(parsed.GetRequiredValue(file)), heldOut)
                : null;
            var intoTable = TableOptions.IsGiven(parsed, target.Source, target.Table, target.Task);
            if (intoTable)
            {
                target.Check(parsed, ranked: !plan.IsSingleProduct);
            }

            var (output, isKept) = Output(parsed, parsed.GetRequiredValue(file), target, intoTable);
            var options = new BatchRunOptions
            {
                Threads = parsed.GetRequiredValue(threads),
                Best = parsed.GetValue(best),
            };
            var summary = draw is null
                ? Run(plan, output, options, null, said, cancellation)
                : RunGroups(plan, draw, output, options, said, cancellation);
            if (intoTable)
            {
                target.Publish(parsed, output, said, cancellation);
            }

            if (!isKept)
            {
                File.Delete(output);
            }

            if (parsed.GetValue(json))
            {
                Console.WriteLine(JsonText.Of(summary));
            }

            return System.Threading.Tasks.Task.FromResult(0);
        });
        return command;
    }

    // Rows reach a table through a file named after table and task, so that an interrupted batch resumes.
    private static (string File, bool IsKept) Output(
        ParseResult parsed, string word, TableOptions target, bool intoTable) =>
        word != "table" ? (word, true)
        : intoTable ? ($"{parsed.GetValue(target.Table)}.{parsed.GetValue(target.Task)}.parquet", false)
        : throw new InputException(
            "--out table needs --source, --table and --task. Give all of them, or the name of a file");

    private static object RunGroups(
        BatchPlan plan,
        HoldoutDraw draw,
        string file,
        BatchRunOptions options,
        TextWriter said,
        CancellationToken cancellation)
    {
        var split = HoldoutSplit.Of(plan, draw);
        var (heldOut, all) = (split.HeldOut.Users.Length, plan.Users.Length);
        said.WriteLine(FormattableString.Invariant(
            $"holdout  {heldOut:N0} of {all:N0} users (seed '{draw.Seed}'): {HoldoutRecord.FileOf(file)}"));
        HoldoutRecord.Of(split, draw).Write(file);
        var others = HoldoutRecord.FileOf(file);
        var untreated = Run(split.HeldOut, others, options with { ListSkipped = false }, null, said, cancellation);
        return Run(split.Treated, file, options, untreated, said, cancellation);
    }

    // Gives the summary of the result, with that of the held-out users.
    private static object Run(
        BatchPlan plan,
        string file,
        BatchRunOptions options,
        object? heldOut,
        TextWriter said,
        CancellationToken cancellation)
    {
        try
        {
            var result =
                BatchRun.Run(plan, file, options, new BatchProgressLine(TimeProvider.System).Report, cancellation);
            var resumed = result.ResumedParts > 0 ? $", {result.ResumedParts} parts resumed from an earlier run" : "";
            said.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{result.Rows:N0} rows, {result.Bytes:N0} bytes in {result.Elapsed.TotalSeconds:F1} s{resumed}: "
                + $"{result.Path}"));
            if (File.Exists(BatchSkipped.PathOf(result.Path)))
            {
                said.WriteLine($"skipped ids with reasons: {BatchSkipped.PathOf(result.Path)}");
            }

            return Summary(plan, result, heldOut);
        }
        catch (OperationCanceledException)
        {
            throw new InputException(
                $"canceled: {file} is not complete. Run the same command again to resume, "
                + $"or delete {file}.partial and {file}.journal");
        }
    }

    private static object Summary(BatchPlan plan, BatchResult result, object? heldOut) => new
    {
        SnapshotId = plan.Model.Snapshot.Id,
        AudienceDeclared = plan.Audience.DeclaredCount,
        AudienceInScope = plan.Audience.InScopeCount,
        PoolDeclared = plan.DeclaredProducts,
        PoolEligible = plan.EligibleCount,
        SingleProduct = plan.IsSingleProduct,
        plan.TopK,
        Columns = ResultColumns.Of(plan).Select(column => column.Name),
        Order = plan.IsSingleProduct ? "score, highest first" : "user in the order of the snapshot, then rank",
        result.Rows,
        result.Bytes,
        result.ResumedParts,
        Seconds = result.Elapsed.TotalSeconds,
        result.Path,
        SkippedPath = File.Exists(BatchSkipped.PathOf(result.Path)) ? BatchSkipped.PathOf(result.Path) : null,
        HeldOut = heldOut,
    };

    private static void CheckBest(int? best, BatchPlan plan)
    {
        if (best is not { } most)
        {
            return;
        }

        Require.Between("--best", most, 1, int.MaxValue);
        if (!plan.IsSingleProduct)
        {
            throw new InputException(
                $"--best is for a pool of exactly one product; found {plan.DeclaredProducts:N0} products. "
                + "Give one product with --pool, or use --top for the best products of each user");
        }
    }

    private static IEnumerable<string> UnknownOf(IEnumerable<SkippedId>? skipped) =>
        (skipped ?? []).Where(id => id.Reason == Engine.Scoring.Ids.SkipReason.UnknownProduct).Select(id => id.Id);

    private static void Describe(BatchPlan plan, TextWriter said)
    {
        var culture = CultureInfo.InvariantCulture;
        said.WriteLine($"snapshot {plan.Model.Snapshot.Id}");
        said.WriteLine(
            string.Create(
                culture,
                $"audience {plan.Audience.DeclaredCount:N0} declared: {plan.Users.Length:N0} in scope, "
                + $"{plan.Audience.OutOfScope.Count:N0} not in the snapshot; "
                + $"{plan.Audience.DuplicateCount:N0} duplicates"));
        said.WriteLine(
            string.Create(
                culture,
                $"pool     {plan.DeclaredProducts:N0} declared: {plan.EligibleCount:N0} compete, "
                + $"{plan.Pool?.OutOfScopeCount ?? 0:N0} not in the snapshot, {plan.BlockedCount:N0} blocked, "
                + $"{plan.ExcludedCount:N0} excluded"));
        said.WriteLine(
            string.Create(
                culture,
                $"scoring  "
                + $"{(plan.IsSingleProduct ? "1 product" : $"top {plan.TopK} of {plan.EligibleCount:N0} products")} "
                + $"for {plan.Users.Length:N0} users"));
        foreach (var (what, unknown) in new (string, IEnumerable<string>)[]
        {
            ("users", plan.Audience.OutOfScope),
            ("products of the pool", UnknownOf(plan.Pool?.Skipped.Kept)),
            ("excluded products", UnknownOf(plan.Excluded.Kept)),
        })
        {
            if (unknown.Any())
            {
                said.WriteLine($"warning  unknown {what}: {Names.List(unknown)}");
            }
        }

        if (plan.EligibleCount == 0)
        {
            said.WriteLine("warning  no product is eligible: the result is empty");
            if (plan.Pool is { Problem: { Length: > 0 } problem })
            {
                said.WriteLine($"warning  {problem}");
            }
        }
    }
}

using System.CommandLine;
using Engine.Protos.V1;
using Engine.Scoring.Ids;
using Engine.Server.Audit;
using Engine.Server.Contract;
using Engine.Server.Results;
using BehaviorFilter = Engine.Scoring.Audiences.BehaviorFilter;
using BehaviorType = Engine.Protos.V1.BehaviorType;

namespace Engine.Server.Commands;

/// <summary>audience save: one way to say which users it holds, and what goes with that way.</summary>
internal static class AudienceSave
{
    /// <summary>The verb.</summary>
    public static Command Create()
    {
        var name = AudienceCommand.Name();
        var ids = new Option<string>("--ids")
        {
            Description = "A table file with user ids, one a row.",
            DefaultValueFactory = _ => "",
        };
        var column = new Option<string>("--column")
        {
            Description = "The column of --ids. Default: user_id, or the first.",
            DefaultValueFactory = _ => "",
        };
        var result = new Option<string>("--from-result")
        {
            Description = "Users of this batch result for the product of --products.",
            DefaultValueFactory = _ => "",
        };
        var ranks = new Option<int[]>("--ranks")
        {
            Description = "With --from-result or --from-task: first and last rank, for example 1 10. Default: all.",
            Arity = new ArgumentArity(2, 2),
            AllowMultipleArgumentsPerToken = true,
        };
        var least = new Option<float?>("--least-score")
        {
            Description = "With --from-result or --from-task: minimum score.",
        };
        var best = new Option<int?>("--best")
        {
            Description = "With --from-result or --from-task: only so many users with the highest scores.",
        };
        var task = new Option<string>("--from-task")
        {
            Description = "Users of this task's result for the product of --products.",
            DefaultValueFactory = _ => "",
        };
        var did = QueryOptions.Ids("--did", "Users with any of these behaviors: view, favorite, cart, purchase.");
        did.AcceptOnlyFromAmong("view", "favorite", "cart", "purchase");
        var products = QueryOptions.Ids("--products", "With any of these products.");
        var pool = new Option<string>("--saved-pool")
        {
            Description = "With any product of this saved pool.",
            DefaultValueFactory = _ => "",
        };
        var rule = new Option<string>("--pool-rule")
        {
            Description = "With any product that matches this rule.",
            DefaultValueFactory = _ => "",
        };
        var atLeast = new Option<int>("--at-least")
        {
            Description = "Minimum number of times.",
            DefaultValueFactory = _ => 1,
            Validators = { OptionRules.RefuseBelowOne },
        };
        var within = new Option<int?>("--within-days")
        {
            Description = "Within this many days before the end of the data, 1 to 36,525. Without it: ever.",
        };
        var union = QueryOptions.Ids("--union", "Users in any of these audiences.");
        var intersect = QueryOptions.Ids("--intersect", "Users in all of these audiences.");
        var minus = QueryOptions.Ids("--minus", "Users in the first of these audiences and in none of the others.");
        var heldOut = new Option<bool>("--held-out")
        {
            Description = "With --from-task: the held-out users instead of the treated ones.",
        };
        var everyone = new Option<bool>("--all-products")
        {
            Description = "With --from-task: every user of the group, whatever the product.",
        };
        var due = new Option<int?>("--due-within")
        {
            Description = "Users who have a product due within this many days, 1 to 90. Also --products, --saved-pool, "
                + "--pool-rule.",
        };
        var probability = new Option<double?>("--least-probability")
        {
            Description = "With --due-within: minimum probability that the user buys the product. Default: 0.1.",
        };
        var churn = new Option<double?>("--churn-risk")
        {
            Description = "Users with two orders or more who order nothing with this probability or more, 0 to 1.",
        };
        var order = new Option<int>("--order-within")
        {
            Description = "With --churn-risk: days, 1 to 90. Default: the snapshot's horizon.",
            Validators = { OptionRules.RefuseBelowOne },
        };
        var dry = new Option<bool>("--dry-run") { Description = "Count only; save nothing." };
        var command = new Command("save", "Create or replace an audience.")
        {
            name, ids, column, result, task, ranks, least, best, did, products, pool, rule, atLeast, within, union,
            intersect, minus, heldOut, everyone, due, probability, churn, order, dry,
        };
        command.AllowOneOf(ids, result, task, did, due, churn, union, intersect, minus);
        column.Need(ids);
        foreach (var option in new Option[] { ranks, least, best })
        {
            option.Need(result, task);
        }

        heldOut.Need(task);
        everyone.Need(task);
        products.Need(result, task, did, due);
        pool.Need(did, due);
        rule.Need(did, due);
        atLeast.Need(did);
        within.Need(did);
        probability.Need(due);
        order.Need(churn);
        return new QueryOptions().Complete(
            command,
            (queried, parsed, _) =>
            {
                if (parsed.GetValue(best) is { } most)
                {
                    Require.Between("--best", most, 1, int.MaxValue);
                }

                // A request cannot tell 0 from nothing: here 0 was given.
                if (parsed.GetValue(within) is { } days)
                {
                    Require.Between("--within-days", days, 1, BehaviorFilter.MaximumDays);
                }

                if (parsed.GetValue(least) is { } lowest)
                {
                    Require.Between("--least-score", lowest, float.MinValue, float.MaxValue);
                }

                var (first, last) = parsed.GetValue(ranks) is [var from, var to] ? (from, to) : (1, int.MaxValue);
                var request = new SaveAudienceRequest
                {
                    Name = parsed.GetRequiredValue(name),
                    ValidateOnly = parsed.GetValue(dry),
                };
                if (parsed.GetRequiredValue(ids) is { Length: > 0 } file)
                {
                    request.UserIds.AddRange(
                        IdFile.Read(file, queried.Model.Snapshot.UserIds, parsed.GetRequiredValue(column)));
                }

                if (parsed.GetRequiredValue(result) is { Length: > 0 } results)
                {
                    var product = One(parsed.GetRequiredValue(products), "--from-result")
                        ?? throw new InputException(
                            "--from-result needs --products with the product whose users you want");
                    request.UserIds.AddRange(
                        new ResultUsers(
                            product, first, last, parsed.GetValue(least), parsed.GetValue(best)).Read(results));
                    if (request.UserIds.Count == 0)
                    {
                        throw new InputException(
                            $"no row of {results} for product '{product}' passes --ranks and --least-score. "
                            + "The audience would be empty");
                    }
                }

                if (parsed.GetRequiredValue(task) is { Length: > 0 } taskId)
                {
                    request.Result = new ResultAudience
                    {
                        TaskId = taskId,
                        ProductId = One(parsed.GetRequiredValue(products), "--from-task") ?? "",
                        FirstRank = first == 1 ? 0 : first,
                        LastRank = last == int.MaxValue ? 0 : last,
                        HeldOut = parsed.GetValue(heldOut),
                        AllProducts = parsed.GetValue(everyone),
                        Best = parsed.GetValue(best) ?? 0,
                    };
                    if (parsed.GetValue(least) is { } score)
                    {
                        request.Result.LeastScore = score;
                    }
                }

                if (parsed.GetRequiredValue(did) is { Length: > 0 } types)
                {
                    request.Behavior = new BehaviorAudience
                    {
                        Types_ = { types.Select(QueryOptions.Word<BehaviorType>) },
                        ProductIds = { parsed.GetRequiredValue(products) },
                        Pool = parsed.GetRequiredValue(pool),
                        Rule = parsed.GetRequiredValue(rule),
                        AtLeast = parsed.GetRequiredValue(atLeast),
                        WithinDays = parsed.GetValue(within) ?? 0,
                    };
                }

                if (parsed.GetValue(due) is { } dueDays)
                {
                    request.Due = new DueAudience
                    {
                        WithinDays = dueDays,
                        ProductIds = { parsed.GetRequiredValue(products) },
                        Pool = parsed.GetRequiredValue(pool),
                        Rule = parsed.GetRequiredValue(rule),
                    };
                    if (parsed.GetValue(probability) is { } chance)
                    {
                        request.Due.MinProbability = chance;
                    }
                }

                if (parsed.GetValue(churn) is { } risk)
                {
                    Require.Between("--churn-risk", risk, 0, 1);
                    request.Orders = new OrderAudience
                    {
                        WithinDays = parsed.GetValue(order),
                        MaxProbability = 1 - risk,
                        MinOrders = 2,
                    };
                }

                foreach (var (option, operation) in new[]
                {
                    (union, AudienceOperation.Union),
                    (intersect, AudienceOperation.Intersection),
                    (minus, AudienceOperation.Difference),
                })
                {
                    if (parsed.GetRequiredValue(option) is { Length: > 0 } audiences)
                    {
                        request.Combination = new AudienceCombination
                        {
                            Operation = operation,
                            Audiences = { audiences },
                        };
                    }
                }

                return request.ValidateOnly
                    ? AudienceAnswers.Save(queried.Model, queried.Catalog, request)
                    : queried.Audited(
                        "audience save",
                        $"audience {request.Name}",
                        () => AuditedState.Audience(queried.Catalog, request.Name),
                        () => AudienceAnswers.Save(queried.Model, queried.Catalog, request));
            },
            audience => AudienceCommand.Print([audience]));
    }

    private static string? One(string[] products, string option) => products.Length <= 1
        ? products.FirstOrDefault()
        : throw new InputException($"found {products.Length} --products with {option}; expected one");
}

using Engine.Scoring.Models;
using Engine.Scoring.Pools;
using Proto = Engine.Protos.V1;

namespace Engine.Server.Contract;

/// <summary>Pools in the terms of the contract: the same code in the server and on the command line.</summary>
internal static class CatalogAnswers
{
    /// <summary>The pool that a request asks to save, checked against the model: a rule must fit its tags.</summary>
    /// <exception cref="InputException">The rule is malformed, or there is neither a rule nor a list.</exception>
    public static PoolDefinition ToSave(
        ScoringModel model, Proto.SavePoolRequest request, CancellationToken cancellation = default)
    {
        var rule = RuleTexts.Of(request.Rule, request.Tree);
        if (rule.Length == 0 && request.ProductIds.Count == 0)
        {
            throw new InputException($"pool '{request.Name}' is empty. Give a rule, product_ids, or both");
        }

        var definition = new PoolDefinition(request.Name, rule, [.. request.ProductIds]);
        model.Resolve(definition, cancellation);
        return definition;
    }

    /// <summary>The same, with as many of its ids as fit into a reply.</summary>
    public static Proto.Pool DescribePart(
        ScoringModel model, PoolDefinition definition, string token, CancellationToken cancellation)
    {
        var pool = Describe(model, definition, cancellation);
        pool.NextPageToken = Pages.Fill(pool.ProductIds, definition.ProductIds, definition.Version, token);
        return pool;
    }

    /// <summary>A saved pool with what it holds in the model and with the ids that it lists.</summary>
    public static Proto.Pool DescribeWhole(
        ScoringModel model, PoolDefinition definition, CancellationToken cancellation = default)
    {
        var pool = Describe(model, definition, cancellation);
        pool.ProductIds.AddRange(definition.ProductIds);
        return pool;
    }

    /// <summary>A saved pool with what it holds in the model.</summary>
    public static Proto.Pool Describe(
        ScoringModel model, PoolDefinition definition, CancellationToken cancellation = default)
    {
        var pool = new Proto.Pool
        {
            Name = definition.Name,
            Rule = definition.Rule,
            Version = definition.Version,
            ListedCount = definition.ProductIds.Distinct(StringComparer.Ordinal).Count(),
        };
        try
        {
            var resolved = model.Resolve(definition, cancellation);
            pool.ProductCount = resolved.Count;
            pool.OutOfScopeCount = resolved.OutOfScopeCount;
            pool.Problem = resolved.Problem;
            ReplyFields.Fill(pool.Skipped, resolved.Skipped);
            pool.Tree = definition.Rule.Length > 0 ? RuleTrees.ToProto(ResolvedPool.Parse(definition.Rule)) : null;
        }
        catch (RuleException e)
        {
            pool.Problem = e.Message;
        }

        return pool;
    }

    /// <summary>Counts of a rule and a list.</summary>
    /// <exception cref="RuleException">It is malformed or does not fit the tags.</exception>
    public static Proto.PreviewPoolReply Preview(
        ScoringModel model, Proto.PreviewPoolRequest request, CancellationToken cancellation = default)
    {
        var rule = RuleTexts.Of(request.Rule, request.Tree);
        if (rule.Length == 0 && request.ProductIds.Count == 0)
        {
            throw new InputException("Give a rule, product_ids, or both");
        }

        var resolved = model.Resolve(new PoolDefinition("", rule, [.. request.ProductIds]), cancellation);
        var reply = new Proto.PreviewPoolReply
        {
            ProductCount = resolved.Count,
            Clauses = { resolved.Clauses.Select(clause => new Proto.ClausePreview
            {
                Clause = clause.Text,
                ProductCount = clause.Products,
                LeftCount = clause.Left,
            }) },
            Rule = rule,
            Tree = rule.Length > 0 ? RuleTrees.ToProto(ResolvedPool.Parse(rule)) : null,
            SnapshotId = model.Snapshot.Id,
            OutOfScopeCount = resolved.OutOfScopeCount,
        };
        ReplyFields.Fill(reply.Skipped, resolved.Skipped);
        return reply;
    }
}

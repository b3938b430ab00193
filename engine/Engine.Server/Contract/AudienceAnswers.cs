using Engine.Scoring.Audiences;
using Engine.Scoring.Models;
using Engine.Scoring.Pools;
using Engine.Server.Catalog;
using Engine.Server.Errors;
using Engine.Server.Tasks;
using Engine.Snapshots.Ids;
using Proto = Engine.Protos.V1;

namespace Engine.Server.Contract;

/// <summary>Audiences in the terms of the contract: the same code in the server and on the command line.</summary>
internal static class AudienceAnswers
{
    /// <summary>
    /// Finds the users of a request, and saves them unless it only validates. On a shard, those of its buckets.
    /// </summary>
    /// <exception cref="InputException">
    /// The name or the identity type is wrong, the users are not given exactly once, or no product id is known.
    /// </exception>
    public static Proto.Audience Save(
        ScoringModel model,
        WorkspaceCatalog catalog,
        Proto.SaveAudienceRequest request,
        CancellationToken cancellation = default)
    {
        NamedFiles.Check("audience", request.Name);
        var identity = model.Snapshot.Manifest.IdentityType;
        CheckIdentity(
            request.IdentityType.Length == 0 ? identity : request.IdentityType, identity, $"audience '{request.Name}'");
        var (ids, source, unseen) = Find(model, catalog, request, cancellation);
        var distinct = Distinct(ids.Where(model.Snapshot.Owns), cancellation);
        var notes = new[]
        {
            UnknownIds.NoteOrThrow(
                "behavior.product_ids",
                request.Behavior?.ProductIds ?? [],
                id => model.Snapshot.ProductIds.Find(id) >= 0 || model.Snapshot.OutOfScope?.FindProduct(id) >= 0),
            UnknownIds.NoteOrThrow(
                "due.product_ids", request.Due?.ProductIds ?? [], id => model.Snapshot.ProductIds.Find(id) >= 0),
            unseen == 0
                ? null
                : $"the rule could not see {unseen:N0} products with such behavior: "
                    + "they have no purchase in the scope year, so the snapshot has no tags of them. "
                    + "Users who did it with these products alone are missing; give product_ids to include them",
            EmptyPool(model, catalog, request, cancellation),
            UnknownIds.Note(
                "user_ids",
                request.UserIds,
                id => model.Snapshot.UserIds.Find(id) >= 0 || !model.Snapshot.Owns(id)),
        };
        var audience = request.ValidateOnly
            ? new SavedAudience(request.Name, identity, source, distinct.Count)
            : catalog.Audiences.Save(request.Name, identity, source, distinct);
        var reply = Describe(audience, AudienceMembers.Of(model.Snapshot, distinct, cancellation).InScopeCount);
        reply.Notes.AddRange(notes.OfType<string>());
        return reply;
    }

    /// <summary>A saved audience with its users in the model.</summary>
    public static Proto.Audience Describe(
        ScoringModel model,
        WorkspaceCatalog catalog,
        SavedAudience audience,
        CancellationToken cancellation = default) =>
        Describe(
            audience,
            AudienceMembers.Of(model.Snapshot, catalog.Audiences.Ids(audience.Name), cancellation).InScopeCount);

    /// <summary>The members of a saved audience in the model.</summary>
    /// <exception cref="NotFoundException">There is none of that name.</exception>
    /// <exception cref="InputException">Its users have another kind of id than the dataset's.</exception>
    public static AudienceMembers Members(
        ScoringModel model, WorkspaceCatalog catalog, string name, CancellationToken cancellation = default)
    {
        CheckIdentity(
            catalog.Audiences.Get(name).IdentityType, model.Snapshot.Manifest.IdentityType, $"audience '{name}'");
        return AudienceMembers.Of(model.Snapshot, catalog.Audiences.Ids(name), cancellation);
    }

    private static Proto.Audience Describe(SavedAudience audience, int inScope) => new()
    {
        Name = audience.Name,
        IdentityType = audience.IdentityType,
        UserCount = audience.UserCount,
        InScopeCount = inScope,
        Source = audience.Source,
    };

    private static (IEnumerable<string> Ids, string Source, int Unseen) Find(
        ScoringModel model, WorkspaceCatalog catalog, Proto.SaveAudienceRequest request, CancellationToken cancellation)
    {
        var ways = (request.UserIds.Count > 0 ? 1 : 0) + (request.Behavior is null ? 0 : 1)
            + (request.Combination is null ? 0 : 1) + (request.Result is null ? 0 : 1)
            + (request.Due is null ? 0 : 1) + (request.Orders is null ? 0 : 1);
        if (ways != 1)
        {
            throw new InputException(
                $"found {ways} of user_ids, behavior, combination, result, due and orders for audience "
                + $"'{request.Name}'; "
                + "expected exactly one");
        }

        if (request.Behavior is { } behavior)
        {
            var users =
                BehaviorAudience.Find(model.Snapshot, FilterOf(model, catalog, behavior, cancellation), cancellation);
            return (
                users.InScope.Select(user => model.Snapshot.UserIds.Get(user.Value)).Concat(users.OutOfScope),
                $"behavior in {model.Snapshot.Id}",
                users.UntaggedProducts);
        }

        if (request.Due is { } due)
        {
            return (
                NextOrderCall.Due(model, catalog, due, cancellation).Select(Id),
                $"due within {due.WithinDays} days after {model.Snapshot.Manifest.Scope.LastDay:yyyy-MM-dd}",
                0);
        }

        if (request.Orders is { } orders)
        {
            return (
                NextOrderCall.Ordering(model, orders, cancellation).Select(Id),
                $"probability of an order in {model.Snapshot.Id}",
                0);
        }

        if (request.Result is { } result)
        {
            return (
                TaskResults.Members(new TaskStore(catalog.Folder), result),
                $"results of task {result.TaskId}{(result.ProductId.Length > 0 ? $" for {result.ProductId}" : "")}",
                0);
        }

        return request.Combination is { } combination
            ? (
                Combine(model, catalog, combination, cancellation),
                $"{combination.Operation} of {string.Join(", ", combination.Audiences)}",
                0)
            : (request.UserIds, "ids", 0);

        string Id(UserOrdinal user) => model.Snapshot.UserIds.Get(user.Value);
    }

    /// <summary>The products of an audience; null for any.</summary>
    /// <exception cref="InputException">They are given in several ways, or no id is known.</exception>
    public static ResolvedPool? PoolOf(
        ScoringModel model,
        WorkspaceCatalog catalog,
        string field,
        IReadOnlyCollection<string> ids,
        string name,
        string rule,
        CancellationToken cancellation)
    {
        var ways = (ids.Count > 0 ? 1 : 0) + (name.Length > 0 ? 1 : 0) + (rule.Length > 0 ? 1 : 0);
        if (ways > 1)
        {
            throw new FieldException(
                $"{field}.rule", $"found {ways} of product_ids, pool and rule in {field}; expected at most one");
        }

        return name.Length > 0 ? model.Resolve(catalog.Pools.Get(name), cancellation)
            : rule.Length > 0 ? model.Resolve(PoolDefinition.OfRule(rule), cancellation)
            : ids.Count > 0 ? model.Resolve(PoolDefinition.OfIds([.. ids]), cancellation)
            : null;
    }

    // Listed ids that are unknown have a note of their own.
    private static string? EmptyPool(
        ScoringModel model,
        WorkspaceCatalog catalog,
        Proto.SaveAudienceRequest request,
        CancellationToken cancellation)
    {
        var pool = request switch
        {
            { Behavior: { ProductIds.Count: 0 } did } =>
                PoolOf(model, catalog, "behavior", did.ProductIds, did.Pool, did.Rule, cancellation),
            { Due: { ProductIds.Count: 0 } due } =>
                PoolOf(model, catalog, "due", due.ProductIds, due.Pool, due.Rule, cancellation),
            _ => null,
        };
        return pool is { Count: 0 } ? pool.Problem : null;
    }

    private static BehaviorFilter FilterOf(
        ScoringModel model, WorkspaceCatalog catalog, Proto.BehaviorAudience behavior, CancellationToken cancellation)
    {
        return new BehaviorFilter
        {
            Types = RequestFields.TypesOf("behavior.types", behavior.Types_).ToHashSet(),
            Pool = PoolOf(
                model, catalog, "behavior", behavior.ProductIds, behavior.Pool, behavior.Rule, cancellation),
            AtLeast = RequestFields.OrDefault(behavior.AtLeast, 1),
            WithinDays = behavior.WithinDays == 0 ? null : behavior.WithinDays,
        };
    }

    private static HashSet<string> Combine(
        ScoringModel model,
        WorkspaceCatalog catalog,
        Proto.AudienceCombination combination,
        CancellationToken cancellation)
    {
        if (combination.Audiences.Count < 2)
        {
            throw new FieldException(
                "combination.audiences",
                $"found {combination.Audiences.Count} audiences to combine; expected at least two");
        }

        HashSet<string>? result = null;
        foreach (var name in combination.Audiences)
        {
            cancellation.ThrowIfCancellationRequested();
            CheckIdentity(
                catalog.Audiences.Get(name).IdentityType, model.Snapshot.Manifest.IdentityType, $"audience '{name}'");
            var ids = catalog.Audiences.Ids(name);
            if (result is null)
            {
                result = new HashSet<string>(ids, StringComparer.Ordinal);
                continue;
            }

            switch (combination.Operation)
            {
                case Proto.AudienceOperation.Union:
                    result.UnionWith(ids);
                    break;
                case Proto.AudienceOperation.Intersection:
                    result.IntersectWith(ids.ToHashSet(StringComparer.Ordinal));
                    break;
                case Proto.AudienceOperation.Difference:
                    result.ExceptWith(ids);
                    break;
                default:
                    throw new InputException(
                        $"found operation {(int)combination.Operation}, expected union, intersection or difference");
            }
        }

        return result!;
    }

    private static HashSet<string> Distinct(IEnumerable<string> ids, CancellationToken cancellation)
    {
        var distinct = new HashSet<string>(StringComparer.Ordinal);
        foreach (var id in ids)
        {
            cancellation.ThrowIfCancellationRequested();
            distinct.Add(id);
        }

        return distinct;
    }

    private static void CheckIdentity(string found, string expected, string what)
    {
        if (found != expected)
        {
            throw new InputException(
                $"found identity type '{found}' for {what}, expected '{expected}', the type of the snapshot's dataset. "
                + "Translate the ids first");
        }
    }
}

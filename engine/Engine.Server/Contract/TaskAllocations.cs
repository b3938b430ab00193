using Engine.Scoring.Ids;
using Engine.Scoring.Models;
using Engine.Scoring.Pools;
using Engine.Scoring.Queries;
using Engine.Server.Catalog;
using Engine.Server.Errors;
using Engine.Server.Tasks;
using Proto = Engine.Protos.V1;

namespace Engine.Server.Contract;

/// <summary>Tasks with an allocation in the terms of the contract.</summary>
internal static class TaskAllocations
{
    private const int FewestProducts = 2;
    private const int DefaultCandidates = 24;
    private const double LargestValue = 1e12;

    /// <summary>The question of a task with an allocation.</summary>
    /// <exception cref="InputException">A field does not fit, or the snapshot is not calibrated.</exception>
    public static TaskQuestion Freeze(
        ScoringModel model, WorkspaceCatalog catalog, Proto.CreateTaskRequest request)
    {
        if (request.Campaign is not null || request.ReRank || request.Pool.Length > 0 || request.PoolRule.Length > 0
            || request.PoolProductIds.Count > 0 || request.TopK != 0 || request.ExcludeProductIds.Count > 0)
        {
            throw new FieldException(
                "allocation",
                "found allocation together with campaign, pool, top_k, exclude_product_ids or re_rank; expected it "
                + "alone: its products are the pool, and its limits say how many each user gets");
        }

        if (model.Snapshot.Manifest.Calibration.Scores.Length == 0)
        {
            throw new StateException(
                $"snapshot {model.Snapshot.Id} has no calibrated probabilities, which an allocation needs. "
                + "Train on more purchases");
        }

        var allocation = Of(model, request.Allocation);
        return new TaskQuestion
        {
            Pool = PoolDefinition.OfIds([.. allocation.Products.Select(product => product.ProductId)]),
            TopK = allocation.Products.Count,
            Excluded = [],
            Blocked = catalog.Blocked.Current.ProductIds,
            Purchased = RequestFields.Purchased(request.Purchased),
            Allocation = allocation,
        };
    }

    /// <summary>What is said of an allocation.</summary>
    public static Proto.AllocationSummary Describe(TaskAllocation allocation, TaskAllocationResult found)
    {
        var reply = new Proto.AllocationSummary
        {
            Value = found.Value,
            Bound = found.Bound,
            BoundOfAllPairs = found.BoundOfAllPairs,
            GreedyValue = found.GreedyValue,
            GreedyMeetsMinimums = found.GreedyMeetsMinimums,
            Contacts = found.Contacts,
            ContactPrice = found.ContactPrice,
            NextContactsValue = found.NextContacts,
        };
        foreach (var (index, offer) in allocation.Products.Index())
        {
            reply.Products.Add(new Proto.AllocatedProduct
            {
                ProductId = offer.ProductId,
                Contacts = found.Load[index],
                Stock = offer.Stock,
                Minimum = offer.Minimum,
                ShadowPrice = found.Prices[index],
            });
        }

        return reply;
    }

    private static TaskAllocation Of(ScoringModel model, Proto.CampaignAllocation request)
    {
        Require.Between(
            "allocation.products", request.Products.Count, FewestProducts, RecommendQuery.MaximumTopK);
        var perUser = RequestFields.OrDefault(request.ContactsPerUser, 1);
        var candidates = RequestFields.OrDefault(request.Candidates, DefaultCandidates);
        Require.Between("allocation.contacts_per_user", perUser, 1, 100);
        Require.Between("allocation.candidates", candidates, perUser + 1, 1_000);
        Require.Between("allocation.contacts", request.HasContacts ? request.Contacts : 0, 0, long.MaxValue);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var product in request.Products)
        {
            var field = $"allocation.products '{product.ProductId}'";
            if (model.Snapshot.ProductIds.Find(product.ProductId) < 0 || !seen.Add(product.ProductId))
            {
                throw new FieldException(
                    "allocation.products",
                    $"found {field} twice or not in the snapshot; expected each product once, with a purchase in the "
                    + "scope year. Leave it out");
            }

            Require.Between($"{field} stock", product.Stock, 0, long.MaxValue);
            Require.Between($"{field} minimum", product.Minimum, 0, product.Stock);
            Require.Between($"{field} value", product.HasValue ? product.Value : 1, 0, LargestValue);
            Require.Between($"{field} cost", product.Cost, 0, LargestValue);
        }

        return new TaskAllocation(
            [
                .. request.Products.Select(product => new TaskOffer(
                    product.ProductId, product.Stock, product.Minimum, product.HasValue ? product.Value : 1,
                    product.Cost)),
            ],
            perUser,
            request.HasContacts ? request.Contacts : null,
            candidates);
    }
}

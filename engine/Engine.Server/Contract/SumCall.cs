using Engine.Scoring.Ids;
using Engine.Scoring.Models;
using Engine.Scoring.Profiles;
using Engine.Scoring.Ranking;
using Engine.Server.Catalog;
using Proto = Engine.Protos.V1;

namespace Engine.Server.Contract;

/// <summary>SumAudience, from request to the blocks of its reply, and from these back to the sum.</summary>
internal static class SumCall
{
    private const int ProductsOfBlock = 40_000;

    /// <summary>
    /// Sums at once, then gives one block after the other; the first, which is always there, carries the header fields.
    /// </summary>
    public static IEnumerable<Proto.AudienceSum> Answer(
        ScoringModel model,
        WorkspaceCatalog catalog,
        Proto.RecommendForAudienceRequest request,
        CancellationToken cancellation = default)
    {
        model.Snapshot.CheckBuckets(request.AllowPartial);
        var query = AudienceCall.QueryOf(request);
        AudienceCall.FillUsers(query, model, catalog, request, cancellation);
        var skipped = new SkippedIds();
        var sum = AudienceRecommender.Sum(model, query, skipped, cancellation);
        var header = new Proto.AudienceSum
        {
            SnapshotId = model.Snapshot.SetId,
            UserCount = sum.Members,
            SkippedCount = skipped.Count,
        };
        ReplyFields.Fill(header.Skipped, skipped);
        for (var column = 0; column < model.Users.Stride && !request.ValidateOnly; column++)
        {
            header.VectorHigh.Add(sum.Vectors.High(column));
            header.VectorLow.Add(sum.Vectors.Low(column));
        }

        return Blocks(header, sum);
    }

    /// <summary>Adds the blocks of a shard to a sum.</summary>
    public static void AddTo(AudienceMean sum, Proto.AudienceSum block)
    {
        sum.AddMembers(checked((int)block.UserCount));
        for (var column = 0; column < block.VectorHigh.Count; column++)
        {
            sum.Vectors.Add(column, block.VectorHigh[column], block.VectorLow[column]);
        }

        for (var i = 0; i < block.Products.Count; i++)
        {
            var product = block.Products[i];
            sum.Touch(product);
            sum.Histories.Add(product, block.HistoryHigh[i], block.HistoryLow[i]);
            sum.Owns.Add(product, block.OwnHigh[i], block.OwnLow[i]);
        }
    }

    private static IEnumerable<Proto.AudienceSum> Blocks(Proto.AudienceSum block, AudienceMean sum)
    {
        var products = sum.Products.ToArray();
        for (var done = 0; ;)
        {
            for (var end = Math.Min(done + ProductsOfBlock, products.Length); done < end; done++)
            {
                var product = products[done];
                block.Products.Add(product);
                block.HistoryHigh.Add(sum.Histories.High(product));
                block.HistoryLow.Add(sum.Histories.Low(product));
                block.OwnHigh.Add(sum.Owns.High(product));
                block.OwnLow.Add(sum.Owns.Low(product));
            }

            yield return block;
            if (done == products.Length)
            {
                yield break;
            }

            block = new Proto.AudienceSum();
        }
    }
}

using Engine.Scoring.Models;
using Engine.Server.Catalog;
using Proto = Engine.Protos.V1;

namespace Engine.Server.Contract;

/// <summary>The blocked products in the terms of the contract.</summary>
internal static class BlockedAnswers
{
    /// <summary>Changes the set, and describes it.</summary>
    /// <param name="store">The blocked products.</param>
    /// <param name="model">Tells which ids are unknown; null when nothing is served.</param>
    /// <param name="request">The change.</param>
    public static Proto.BlockedProducts Set(BlockedStore store, ScoringModel? model, Proto.SetBlockedRequest request)
    {
        var blocked = store.Current.ProductIds.ToHashSet(StringComparer.Ordinal);
        var notes = new[]
        {
            UnknownIds.Note("unblock", request.Unblock, blocked.Contains),
            model is null
                ? null
                : UnknownIds.Note("block", request.Block, id => model.Snapshot.ProductIds.Find(id) >= 0),
        };
        long? expected = request.HasExpectedVersion ? request.ExpectedVersion : null;
        var reply = Describe(store.Change(
            request.Replace, request.Unblock, request.Block, expected, pool => model?.Resolve(pool)));
        reply.Notes.AddRange(notes.OfType<string>());
        return reply;
    }

    /// <summary>Describes the set.</summary>
    public static Proto.BlockedProducts Describe(BlockedIds blocked, string token = "")
    {
        var reply = new Proto.BlockedProducts { Version = blocked.Version, ProductCount = blocked.ProductIds.Count };
        reply.NextPageToken = Pages.Fill(reply.ProductIds, blocked.ProductIds, blocked.Version, token);
        return reply;
    }
}

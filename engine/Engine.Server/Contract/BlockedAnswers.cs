using Engine.Server.Catalog;
using Proto = Engine.Protos.V1;

namespace Engine.Server.Contract;

/// <summary>The blocked products in the terms of the contract.</summary>
internal static class BlockedAnswers
{
    /// <summary>Changes the set and says what it is now.</summary>
    public static Proto.BlockedProducts Set(BlockedStore store, Proto.SetBlockedRequest request) =>
        Of(store.Change(request.Replace, request.Unblock, request.Block));

    /// <summary>Says what it is.</summary>
    public static Proto.BlockedProducts List(BlockedStore store) => Of(store.Current);

    private static Proto.BlockedProducts Of(BlockedIds blocked) =>
        new() { Version = blocked.Version, ProductIds = { blocked.ProductIds } };
}

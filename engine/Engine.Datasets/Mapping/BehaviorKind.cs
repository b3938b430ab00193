using Engine.Snapshots.Manifest;

namespace Engine.Datasets.Mapping;

/// <summary>What a value of the behavior type column stands for.</summary>
public enum BehaviorKind : byte
{
    /// <summary>Looked at the product.</summary>
    View = BehaviorType.View,

    /// <summary>Marked the product as a favorite.</summary>
    Favorite = BehaviorType.Favorite,

    /// <summary>Put the product into the cart.</summary>
    Cart = BehaviorType.Cart,

    /// <summary>Purchased the product.</summary>
    Purchase = BehaviorType.Purchase,

    /// <summary>Cancels the purchase that it belongs to; never kept itself.</summary>
    Refund = 5,

    /// <summary>Known and of no interest, but it counts for the latest time.</summary>
    Ignored = 6,
}

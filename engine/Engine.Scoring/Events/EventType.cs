using Engine.Snapshots.Manifest;

namespace Engine.Scoring.Events;

/// <summary>What an event is: a <see cref="BehaviorType"/>, or a refund.</summary>
public enum EventType : byte
{
    /// <summary>Looked at the product.</summary>
    View = BehaviorType.View,

    /// <summary>Marked the product as a favorite.</summary>
    Favorite = BehaviorType.Favorite,

    /// <summary>Put the product into the cart.</summary>
    Cart = BehaviorType.Cart,

    /// <summary>Purchased the product.</summary>
    Purchase = BehaviorType.Purchase,

    /// <summary>Gave units of the latest purchases of the product back.</summary>
    Refund = 5,
}

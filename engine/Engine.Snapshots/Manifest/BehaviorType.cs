namespace Engine.Snapshots.Manifest;

/// <summary>
/// The kinds of behavior that a snapshot keeps. A dataset maps its own values to these, to refund or to ignored.
/// </summary>
public enum BehaviorType : byte
{
    /// <summary>Looked at the product.</summary>
    View = 1,

    /// <summary>Marked the product as a favorite.</summary>
    Favorite = 2,

    /// <summary>Put the product into the cart.</summary>
    Cart = 3,

    /// <summary>Purchased the product, net of refunds.</summary>
    Purchase = 4,
}

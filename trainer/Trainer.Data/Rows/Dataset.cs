namespace Trainer.Data.Rows;

/// <summary>A behavior table and a product table, mapped and validated: what training starts from.</summary>
public sealed record Dataset
{
    /// <summary>What kind of id the user ids are.</summary>
    public required string IdentityType { get; init; }

    /// <summary>The ids of all users with a kept behavior or a refund, distinct, in the order of first sight.</summary>
    public required string[] UserIds { get; init; }

    /// <summary>The products.</summary>
    public required ProductCatalog Products { get; init; }

    /// <summary>Views, favorites, carts and purchases; purchases net of refunds.</summary>
    public required BehaviorLog Behaviors { get; init; }

    /// <summary>L: the latest time of any accepted behavior, ignored types and refunds included.</summary>
    public required DateTime LastBehaviorTime { get; init; }

    /// <summary>date(L).</summary>
    public DateOnly LastBehaviorDay => DateOnly.FromDateTime(LastBehaviorTime);

    /// <summary>What reading found.</summary>
    public required ReadReport Report { get; init; }
}

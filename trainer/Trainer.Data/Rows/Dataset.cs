namespace Trainer.Data.Rows;

/// <summary>A behavior table and a product table, mapped and validated: what training starts from.</summary>
public sealed record Dataset
{
    private int[]? _usersById;
    private int[]? _productsById;

    /// <summary>What kind of id the user ids are.</summary>
    public required string IdentityType { get; init; }

    /// <summary>The ids of all users with a kept behavior or a refund, distinct, in the order of first sight.</summary>
    public required string[] UserIds { get; init; }

    /// <summary>
    /// The users in the byte order of their ids, as indices of <see cref="UserIds"/>; sorted at first use.
    /// </summary>
    public int[] UsersById => _usersById ??= Sort(UserIds);

    /// <summary>The products in the byte order of their ids; sorted at first use.</summary>
    public int[] ProductsById => _productsById ??= Sort(Products.Ids);

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

    private static int[] Sort(string[] ids)
    {
        var order = new int[ids.Length];
        for (var i = 0; i < order.Length; i++)
        {
            order[i] = i;
        }

        Array.Sort((string[])ids.Clone(), order, Utf8Order.Instance);
        return order;
    }
}

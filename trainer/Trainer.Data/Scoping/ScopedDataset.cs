using Engine.Snapshots.Manifest;
using Trainer.Data.Rows;

namespace Trainer.Data.Scoping;

/// <summary>
/// The eligible users and products of a scope and their behaviors, in CSR form: user u has the events
/// <c>Offsets[u] .. Offsets[u + 1]</c>, sorted by product, type, day, with one event for all
/// behaviors of one product, type and day. Users and products are dense indices in the
/// byte order of their ids, so that nothing here depends on the order of rows in the files.
/// </summary>
public sealed record ScopedDataset
{
    /// <summary>The scope.</summary>
    public required Scope Scope { get; init; }

    /// <summary>The dataset it was cut from.</summary>
    public required Dataset Dataset { get; init; }

    /// <summary>
    /// Eligible users' ids, ascending by UTF-8 bytes: at least one purchase in the scope, net of refunds.
    /// </summary>
    public required string[] UserIds { get; init; }

    /// <summary>
    /// Eligible products' ids, ascending by UTF-8 bytes: at least one purchase in the scope, net of refunds.
    /// </summary>
    public required string[] ProductIds { get; init; }

    /// <summary>For each eligible user the index in <see cref="Dataset.UserIds"/>.</summary>
    public required int[] UserSource { get; init; }

    /// <summary>For each eligible product the index in <see cref="ProductCatalog.Ids"/>.</summary>
    public required int[] ProductSource { get; init; }

    /// <summary>Where each user's events start; one longer than the users.</summary>
    public required long[] Offsets { get; init; }

    /// <summary>For each event the product, an index into <see cref="ProductIds"/>.</summary>
    public required int[] Products { get; init; }

    /// <summary>For each event the days after the scope's start, 0 .. 366.</summary>
    public required ushort[] Days { get; init; }

    /// <summary>For each event what it is.</summary>
    public required BehaviorType[] Types { get; init; }

    /// <summary>
    /// For each event how many, 1 or more, net of refunds: the total of its user, product, type and day.
    /// </summary>
    public required ushort[] Counts { get; init; }

    /// <summary>What was left out and why.</summary>
    public required ScopeReport Report { get; init; }

    /// <summary>The same without the events of users: products, ids and figures remain.</summary>
    public ScopedDataset WithoutEvents() => this with
    {
        UserIds = [],
        UserSource = [],
        Offsets = [0],
        Products = [],
        Days = [],
        Types = [],
        Counts = [],
    };

    /// <summary>How many users are eligible.</summary>
    public int UserCount => UserIds.Length;

    /// <summary>How many products are eligible.</summary>
    public int ProductCount => ProductIds.Length;

    /// <summary>How many events there are.</summary>
    public long EventCount => Offsets[^1];

    /// <summary>The last day of the scope, as in <see cref="Days"/>.</summary>
    public int LastDay => Scope.End.DayNumber - Scope.Start.DayNumber;
}

/// <summary>What the scope took and left out. Behaviors = InScope + the four kinds left out.</summary>
/// <param name="Behaviors">Behaviors in the dataset's log.</param>
/// <param name="InScope">Events that were taken.</param>
/// <param name="BeforeScope">Left out: before the scope's first day.</param>
/// <param name="AfterScope">Left out: after the scope's last day (an earlier cut).</param>
/// <param name="Cancelled">Left out: purchases inside the scope's days that refunds canceled.</param>
/// <param name="IneligibleUser">Left out: the user has no purchase in the scope.</param>
/// <param name="IneligibleProduct">Left out: the user is eligible, the product has no purchase in the scope.</param>
/// <param name="UsersLeftOut">Users with a behavior in the dataset that are not eligible.</param>
/// <param name="ProductsLeftOut">Products of the catalog that are not eligible.</param>
public sealed record ScopeReport(
    long Behaviors,
    long InScope,
    long BeforeScope,
    long AfterScope,
    long Cancelled,
    long IneligibleUser,
    long IneligibleProduct,
    int UsersLeftOut,
    int ProductsLeftOut);

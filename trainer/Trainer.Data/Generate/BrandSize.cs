using Engine;

namespace Trainer.Data.Generate;

/// <summary>How large a generated brand is.</summary>
/// <param name="Name">What it is called on the command line.</param>
/// <param name="Users">Customers.</param>
/// <param name="Products">Products.</param>
/// <param name="Visits">Visits of an average customer over the whole time; about 7 rows each.</param>
internal sealed record BrandSize(string Name, int Users, int Products, double Visits)
{
    public static readonly IReadOnlyList<BrandSize> All =
    [
        new("tiny", 300, 60, 4.8),
        new("small", 5_000, 500, 7.7),
        new("medium", 100_000, 5_000, 8),
        new("large", 1_000_000, 20_000, 8),
    ];

    /// <summary>The size of a name. Errors: <see cref="InputException"/> for another name.</summary>
    public static BrandSize Named(string name) => All.FirstOrDefault(size => size.Name == name)
        ?? throw new InputException(
            $"there is no size '{name}': choose one of {string.Join(", ", All.Select(size => size.Name))}.");
}

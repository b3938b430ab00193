using Engine.Scoring.Queries;
using Engine.Snapshots.Ids;

namespace Engine.Scoring.Batch;

/// <summary>Some pairs of users and products: a plan with a selection answers with these rows alone.</summary>
/// <param name="description">All that it depends on besides the plan.</param>
public sealed class PairSelection(string description)
{
    private readonly Dictionary<int, int[]> _products = [];

    /// <summary>All that it depends on besides the plan.</summary>
    public string Description { get; } = description;

    /// <summary>Selects some products of a user.</summary>
    public void Add(UserOrdinal user, IEnumerable<ProductOrdinal> products) =>
        _products[user.Value] = [.. products.Select(product => product.Value)];

    /// <summary>The selected ones of some answers, in their order.</summary>
    internal BatchRows Apply(BatchRows found)
    {
        var kept = new List<ScoredProduct>[found.Users.Length];
        for (var i = 0; i < kept.Length; i++)
        {
            kept[i] = [];
            foreach (var row in found.Of(i))
            {
                if (_products.TryGetValue(found.Users[i].Value, out var products)
                    && products.AsSpan().Contains(row.Product.Value))
                {
                    kept[i].Add(row);
                }
            }
        }

        var width = Math.Max(1, kept.Length == 0 ? 1 : kept.Max(rows => rows.Count));
        var answers = new ScoredProduct[kept.Length * width];
        var counts = new int[kept.Length];
        for (var i = 0; i < kept.Length; i++)
        {
            kept[i].CopyTo(answers, i * width);
            counts[i] = kept[i].Count;
        }

        return new BatchRows(found.Users, answers, counts);
    }
}

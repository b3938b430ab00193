using Engine.Snapshots.Manifest;
using Engine.Snapshots.Mapping;

namespace Engine.Scoring.Orders;

/// <summary>
/// The distinct days on which one user purchased anything, and the products. Working memory of one thread.
/// </summary>
public sealed class PurchaseDays
{
    private readonly List<int> _ages = [];
    private readonly List<ProductPurchases> _products = [];

    /// <summary>Days before date(L), ascending: the last purchase day first.</summary>
    public IReadOnlyList<int> Ages => _ages;

    /// <summary>The products purchased, in the order of the history.</summary>
    public IReadOnlyList<ProductPurchases> Products => _products;

    /// <summary>Distinct days.</summary>
    public int Count => _ages.Count;

    /// <summary>Days since the last one.</summary>
    public int Age => _ages[0];

    /// <summary>Days from the first to the last one.</summary>
    public int Span => _ages[^1] - _ages[0];

    /// <summary>Reads the history of a user.</summary>
    /// <param name="history">Sorted by product, type, day.</param>
    /// <param name="lastDay">date(L), as the history counts days.</param>
    public void Read(in HistoryRow history, int lastDay)
    {
        _ages.Clear();
        _products.Clear();
        for (var i = 0; i < history.Count; i++)
        {
            if (history.Type(i) != (byte)BehaviorType.Purchase)
            {
                continue;
            }

            var (product, age) = (history.Product(i), lastDay - history.Day(i));
            _ages.Add(age);
            if (_products is [.., var last] && last.Product == product)
            {
                _products[^1] = last with
                {
                    Days = last.Days + (age < last.Age ? 1 : 0),
                    Age = age,
                };
            }
            else
            {
                _products.Add(new ProductPurchases(product, 1, age, age));
            }
        }

        _ages.Sort();
        var distinct = 0;
        for (var i = 0; i < _ages.Count; i++)
        {
            if (i == 0 || _ages[i] != _ages[i - 1])
            {
                _ages[distinct++] = _ages[i];
            }
        }

        _ages.RemoveRange(distinct, _ages.Count - distinct);
    }
}

/// <summary>A user's purchases of one product.</summary>
/// <param name="Product">The product, as the history numbers it.</param>
/// <param name="Days">Distinct days.</param>
/// <param name="Age">Days since the last one.</param>
/// <param name="FirstAge">Days since the first one.</param>
public readonly record struct ProductPurchases(int Product, int Days, int Age, int FirstAge);

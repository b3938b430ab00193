using System.Numerics;
using Engine.Kernels.Arithmetic;
using Engine.Scoring.Explaining;
using Engine.Scoring.Queries;
using Engine.Scoring.Sets;
using Engine.Snapshots;

namespace Engine.Scoring.Profiles;

/// <summary>
/// The mean member of an audience: a query profile like any user's. A score is linear in the user's vector and profile,
/// so its scores are the means of the members' scores, and every search and explanation works on it unchanged.
/// <para>Definition: for the n members, each column of the vector, and for each product of any member's history h and
/// the own-history term, is the sum of <see cref="FixedSums"/> divided by n, rounded to fp32; a member without the
/// product counts 0. So it does not depend on the order of the members, nor on the shards they are in. The score is
/// then the canonical one of that vector and profile. It differs from the mean of the members' canonical scores by at
/// most twice the mean of their <see cref="RoundingBound"/> plus its own.</para>
/// Scratch of one thread; after warm-up it allocates nothing.
/// </summary>
public sealed class AudienceMean
{
    private readonly Bitset _touched = new();
    private readonly FixedSums _vectorSums = new();
    private readonly FixedSums _historySums = new();
    private readonly FixedSums _ownSums = new();
    private float[] _vector = [];
    private int[] _products = [];
    private float[] _history = [];
    private float[] _own = [];
    private int _entries;

    /// <summary>Members that were added.</summary>
    public int Members { get; private set; }

    /// <summary>The sums of the members' vectors, one a column.</summary>
    public FixedSums Vectors => _vectorSums;

    /// <summary>The sums of h, one a product; of the products of <see cref="Products"/> alone.</summary>
    public FixedSums Histories => _historySums;

    /// <summary>The sums of the own-history terms, one a product; of the same products.</summary>
    public FixedSums Owns => _ownSums;

    /// <summary>The products of any member's history, ascending; valid until members are added.</summary>
    public ReadOnlySpan<int> Products
    {
        get
        {
            _entries = 0;
            var words = _touched.Words;
            for (var i = 0; i < words.Length; i++)
            {
                for (var word = words[i]; word != 0; word &= word - 1)
                {
                    _products[_entries++] = (i * 64) + BitOperations.TrailingZeroCount(word);
                }
            }

            return _products.AsSpan(0, _entries);
        }
    }

    /// <summary>Starts over, without members.</summary>
    /// <param name="snapshot">Whose users and products.</param>
    public void Begin(Snapshot snapshot)
    {
        var products = snapshot.ProductFactors.Rows;
        if (_products.Length < products || _vector.Length == 0)
        {
            _vector = new float[snapshot.UserFactors.Stride];
            _products = new int[products];
            _history = new float[products];
            _own = new float[products];
            _historySums.Clear(products);
            _ownSums.Clear(products);
        }

        _touched.Clear(products);
        _vectorSums.Clear(_vector.Length);
        Members = 0;
    }

    /// <summary>Adds members of another shard: their number.</summary>
    public void AddMembers(int members) => Members += members;

    /// <summary>Makes a product one of <see cref="Products"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such product.</exception>
    public void Touch(int product)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)product, (uint)_products.Length);
        if (_touched.Add(product))
        {
            _historySums.Reset(product);
            _ownSums.Reset(product);
        }
    }

    /// <summary>Adds users of a snapshot.</summary>
    /// <param name="snapshot">As in <see cref="Begin"/>.</param>
    /// <param name="members">User ordinals.</param>
    /// <param name="cancellation">Looked at for every 64 users.</param>
    internal void Add(Snapshot snapshot, Bitset members, CancellationToken cancellation)
    {
        var words = members.Words;
        for (var i = 0; i < words.Length; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            for (var word = words[i]; word != 0; word &= word - 1)
            {
                Add(snapshot, (i * 64) + BitOperations.TrailingZeroCount(word));
            }
        }
    }

    /// <summary>The mean of at least one member; valid until the next call.</summary>
    internal QueryProfile Profile()
    {
        for (var column = 0; column < _vector.Length; column++)
        {
            _vector[column] = _vectorSums.Mean(column, Members);
        }

        var products = Products;
        for (var i = 0; i < products.Length; i++)
        {
            _history[i] = _historySums.Mean(products[i], Members);
            _own[i] = _ownSums.Mean(products[i], Members);
        }

        var row = new ProfileRow(
            products, default, _history.AsSpan(0, products.Length), _own.AsSpan(0, products.Length));
        return new QueryProfile(-1, _vector, row, ScoreSource.Audience);
    }

    private void Add(Snapshot snapshot, int user)
    {
        Members++;
        var vector = snapshot.UserFactors[user];
        for (var column = 0; column < vector.Length; column++)
        {
            _vectorSums.Add(column, vector[column]);
        }

        var profile = ProfileRow.Of(snapshot, user);
        for (var i = 0; i < profile.History.Count; i++)
        {
            var product = profile.History.Indices[i];
            Touch(product);
            _historySums.Add(product, profile.History.Values[i]);
            _ownSums.Add(product, profile.Own.Values[i]);
        }
    }
}

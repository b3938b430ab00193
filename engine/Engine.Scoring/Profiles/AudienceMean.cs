using System.Numerics;
using Engine.Scoring.Explaining;
using Engine.Scoring.Queries;
using Engine.Scoring.Sets;
using Engine.Snapshots;

namespace Engine.Scoring.Profiles;

/// <summary>
/// The mean member of an audience: a query profile like any user's. A score is linear in the user's vector and profile,
/// so its scores are the means of the members' scores, and every search and explanation works on it unchanged.
/// <para>Definition: for the n members by ascending ordinal, each column of the vector, and for each product of any
/// member's history h and the own-history term, is the sum in double divided by n, rounded to fp32 once; a member
/// without the product counts 0. The score is then the canonical one of that vector and profile. It differs from the
/// mean of the members' canonical scores by at most twice the mean of their <see cref="RoundingBound"/> plus its
/// own.</para>
/// Scratch of one thread; after warm-up it allocates nothing.
/// </summary>
internal sealed class AudienceMean
{
    private readonly Bitset _touched = new();
    private double[] _vectorSums = [];
    private double[] _historySums = [];
    private double[] _ownSums = [];
    private float[] _vector = [];
    private int[] _products = [];
    private float[] _history = [];
    private float[] _own = [];

    /// <summary>The mean of at least one member; valid until the next call.</summary>
    /// <param name="snapshot">Whose users.</param>
    /// <param name="members">User ordinals.</param>
    /// <param name="count">How many they are, 1 or more.</param>
    /// <param name="cancellation">Looked at for every 64 users.</param>
    public QueryProfile Of(Snapshot snapshot, Bitset members, int count, CancellationToken cancellation = default)
    {
        Begin(snapshot);
        var words = members.Words;
        for (var i = 0; i < words.Length; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            for (var word = words[i]; word != 0; word &= word - 1)
            {
                Add(snapshot, (i * 64) + BitOperations.TrailingZeroCount(word));
            }
        }

        for (var column = 0; column < _vector.Length; column++)
        {
            _vector[column] = (float)(_vectorSums[column] / count);
        }

        return new QueryProfile(-1, _vector, Profile(count), ScoreSource.Audience);
    }

    private void Begin(Snapshot snapshot)
    {
        var products = snapshot.ProductFactors.Rows;
        if (_historySums.Length < products)
        {
            _vectorSums = new double[snapshot.UserFactors.Stride];
            _vector = new float[snapshot.UserFactors.Stride];
            _historySums = new double[products];
            _ownSums = new double[products];
            _products = new int[products];
            _history = new float[products];
            _own = new float[products];
        }

        _touched.Clear(products);
        _vectorSums.AsSpan().Clear();
    }

    private void Add(Snapshot snapshot, int user)
    {
        var vector = snapshot.UserFactors[user];
        for (var column = 0; column < snapshot.UserFactors.Columns; column++)
        {
            _vectorSums[column] += vector[column];
        }

        var profile = ProfileRow.Of(snapshot, user);
        for (var i = 0; i < profile.History.Count; i++)
        {
            var product = profile.History.Indices[i];
            if (_touched.Add(product))
            {
                _historySums[product] = _ownSums[product] = 0;
            }

            _historySums[product] += profile.History.Values[i];
            _ownSums[product] += profile.Own.Values[i];
        }
    }

    private ProfileRow Profile(int count)
    {
        var entries = 0;
        var words = _touched.Words;
        for (var i = 0; i < words.Length; i++)
        {
            for (var word = words[i]; word != 0; word &= word - 1)
            {
                var product = (i * 64) + BitOperations.TrailingZeroCount(word);
                _products[entries] = product;
                _history[entries] = (float)(_historySums[product] / count);
                _own[entries++] = (float)(_ownSums[product] / count);
            }
        }

        return new ProfileRow(
            _products.AsSpan(0, entries), default, _history.AsSpan(0, entries), _own.AsSpan(0, entries));
    }
}

namespace Engine.Snapshots.Mapping;

/// <summary>
/// Room for the profiles of all users, where a file holds the behaviors that they follow from instead: users x products
/// three times over. Any number of threads may write, each its own users.
/// </summary>
public sealed unsafe class ProfileMatrices : IDisposable
{
    private readonly MappedHistory _history;
    private readonly NativeArray<long> _starts;
    private readonly NativeArray<long> _offsets;
    private readonly NativeArray<int> _products;
    private readonly NativeArray<float> _weights;
    private readonly NativeArray<float> _histories;
    private readonly NativeArray<float> _own;

    /// <summary>Room for at most as many products of a user as the user has behaviors.</summary>
    internal ProfileMatrices(MappedHistory history, int users)
    {
        _history = history;
        _starts = new(users);
        _offsets = new(users + 1L);
        _products = new(_history.Count);
        _weights = new(_history.Count);
        _histories = new(_history.Count);
        _own = new(_history.Count);
    }

    /// <summary>The weights of the user solve.</summary>
    internal MappedSparseMatrix Weights => Matrix(_weights);

    /// <summary>What brings similar products in.</summary>
    internal MappedSparseMatrix History => Matrix(_histories);

    /// <summary>The own-history terms.</summary>
    internal MappedSparseMatrix Own => Matrix(_own);

    private long Count => _offsets.Start[_offsets.Length - 1];

    /// <summary>Bytes that the profiles of so many pairs take.</summary>
    internal static long BytesOf(long pairs, long users) => (16 * pairs) + (8 * users);

    /// <summary>Writes the profile of a user: products by ascending ordinal, and three numbers for each.</summary>
    public void Write(
        int user, ReadOnlySpan<int> products, ReadOnlySpan<float> weights, ReadOnlySpan<float> history,
        ReadOnlySpan<float> own)
    {
        var start = _history.Start(user);
        ArgumentOutOfRangeException.ThrowIfGreaterThan((long)products.Length, _history.Start(user + 1L) - start);
        _starts.Slice(user, 1)[0] = start;
        _offsets.Slice(user + 1, 1)[0] = products.Length;
        products.CopyTo(_products.Slice(start, products.Length));
        weights.CopyTo(_weights.Slice(start, products.Length));
        history.CopyTo(_histories.Slice(start, products.Length));
        own.CopyTo(_own.Slice(start, products.Length));
    }

    /// <summary>Closes the gaps between the users, after all of them were written.</summary>
    internal void Finish()
    {
        var at = _offsets.Start[0] = 0;
        for (var user = 0L; user < _starts.Length; user++)
        {
            var (start, count) = (_starts.Start[user], (int)_offsets.Start[user + 1]);
            if (start != at)
            {
                Move(_products, start, at, count);
                Move(_weights, start, at, count);
                Move(_histories, start, at, count);
                Move(_own, start, at, count);
            }

            _offsets.Start[user + 1] = at += count;
        }

        _starts.Dispose();
    }

    /// <summary>Frees the memory.</summary>
    public void Dispose()
    {
        _starts.Dispose();
        _offsets.Dispose();
        _products.Dispose();
        _weights.Dispose();
        _histories.Dispose();
        _own.Dispose();
    }

    private static void Move<T>(NativeArray<T> array, long from, long to, int count)
        where T : unmanaged => array.Slice(from, count).CopyTo(array.Slice(to, count));

    private MappedSparseMatrix Matrix(NativeArray<float> values) =>
        new(_offsets.View, _products.First(Count), values.First(Count));
}

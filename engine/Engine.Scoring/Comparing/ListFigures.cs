namespace Engine.Scoring.Comparing;

/// <summary>Sums over users of what their two lists have in common.</summary>
internal sealed class ListFigures
{
    private const int Least = 3;

    private readonly Dictionary<int, int> _places = [];

    /// <summary>Users.</summary>
    public long Users { get; private set; }

    /// <summary>Sum of the shares of the top 10 that stay.</summary>
    public double At10 { get; private set; }

    /// <summary>Sum of the shares of the top 50 that stay.</summary>
    public double At50 { get; private set; }

    /// <summary>Users of whose top 10 nothing stays.</summary>
    public long Wholly { get; private set; }

    /// <summary>Sum of the rank correlations.</summary>
    public double Correlation { get; private set; }

    /// <summary>Users that have one.</summary>
    public long Correlated { get; private set; }

    /// <summary>Adds a user.</summary>
    /// <param name="before">Products of the first list, best first.</param>
    /// <param name="after">Those of the second, named in the same way.</param>
    public void Add(ReadOnlySpan<int> before, ReadOnlySpan<int> after)
    {
        Users++;
        _places.Clear();
        for (var place = 0; place < before.Length; place++)
        {
            _places[before[place]] = place;
        }

        var (ten, fifty) = (0, 0);
        Span<int> common = stackalloc int[after.Length];
        for (var place = 0; place < after.Length; place++)
        {
            if (!_places.TryGetValue(after[place], out var old))
            {
                continue;
            }

            common[fifty++] = old;
            ten += old < SnapshotComparer.Short && place < SnapshotComparer.Short ? 1 : 0;
        }

        At10 += Share(ten, Math.Min(SnapshotComparer.Short, Math.Max(before.Length, after.Length)));
        At50 += Share(fifty, Math.Max(before.Length, after.Length));
        Wholly += ten == 0 ? 1 : 0;
        if (fifty >= Least)
        {
            Correlation += Spearman(common[..fifty]);
            Correlated++;
        }
    }

    /// <summary>Adds the sums of another thread.</summary>
    public void Add(ListFigures other) =>
        (Users, At10, At50, Wholly, Correlation, Correlated) = (
            Users + other.Users,
            At10 + other.At10,
            At50 + other.At50,
            Wholly + other.Wholly,
            Correlation + other.Correlation,
            Correlated + other.Correlated);

    // The places in the first list, in the order of the second one: ranks are counted among the common products.
    private static double Spearman(ReadOnlySpan<int> places)
    {
        var sum = 0.0;
        for (var rank = 0; rank < places.Length; rank++)
        {
            var old = 0;
            foreach (var place in places)
            {
                old += place < places[rank] ? 1 : 0;
            }

            sum += (double)(rank - old) * (rank - old);
        }

        return 1 - (6 * sum / (places.Length * (((double)places.Length * places.Length) - 1)));
    }

    private static double Share(int common, int length) => length == 0 ? 1 : (double)common / length;
}

using Engine.Kernels.Arithmetic;
using Engine.Scoring.Queries;
using Engine.Snapshots;
using Engine.Snapshots.Ids;
using Engine.Snapshots.Manifest;

namespace Engine.Scoring.Reranking;

/// <summary>
/// What the re-ranker sees of a user and the candidates, from the snapshot alone: the same code in training and in
/// batches. Scratch of one thread.
/// </summary>
internal sealed class RerankFeatures(Snapshot snapshot)
{
    /// <summary>Stands for "never" where days are counted.</summary>
    public const float Never = 1000;

    private readonly List<Own> _own = [];
    private readonly bool[] _isDay = new bool[PreferenceAges];
    private readonly int[] _younger = new int[PreferenceAges + 1];
    private int _user;
    private float _userLast;
    private float _userGap;

    /// <summary>The features in their order; a model that was trained on others is refused.</summary>
    public static IReadOnlyList<string> Names { get; } =
    [
        "score", "dense", "own", "purchase_days", "last", "first", "gap", "due", "orders_since", "other_days",
        "other_last",
        "product_rate", "buyers", "repeat", "user_days", "user_products", "user_last", "user_gap", "user_rate",
    ];

    private static int PreferenceAges => PreferenceTerms.MaximumAge + 1;

    /// <summary>Turns to a user.</summary>
    public void Begin(UserOrdinal user)
    {
        _user = user.Value;
        _own.Clear();
        _isDay.AsSpan().Clear();
        var history = snapshot.History.Row(_user);
        for (var i = 0; i < history.Count;)
        {
            var own = new Own(history.Product(i));
            for (; i < history.Count && history.Product(i) == own.Product; i++)
            {
                own = Add(
                    own,
                    history.Type(i) == (byte)BehaviorType.Purchase,
                    Math.Clamp(snapshot.ScopeDays - history.Day(i), 0, PreferenceAges - 1));
            }

            _own.Add(own);
        }

        var days = 0;
        for (var age = 0; age < PreferenceAges; age++)
        {
            _younger[age] = days;
            days += _isDay[age] ? 1 : 0;
        }

        _younger[^1] = days;
        _userLast = days == 0 ? Never : Array.IndexOf(_isDay, true);
        _userGap = days < 2 ? Never : (Array.LastIndexOf(_isDay, true) - _userLast) / (days - 1);
    }

    /// <summary>Writes the features of candidates, a row each.</summary>
    /// <param name="candidates">Best first, with the scores that they have.</param>
    /// <param name="rows">candidates x features.</param>
    public void Write(ReadOnlySpan<ScoredProduct> candidates, Span<float> rows)
    {
        for (var i = 0; i < candidates.Length; i++)
        {
            Write(candidates[i], rows.Slice(i * Names.Count, Names.Count));
        }
    }

    private void Write(ScoredProduct candidate, Span<float> row)
    {
        var user = snapshot.UserFactors[_user];
        var product = snapshot.ProductFactors[candidate.Product.Value];
        var factors = snapshot.Manifest.FactorCount;
        var at = Find(candidate.Product.Value);
        var own = at < 0 ? new Own(candidate.Product.Value) : _own[at];
        var ownTerms = snapshot.Derived.ProfileOwn.Row(_user);
        var term = ownTerms.Indices.BinarySearch(candidate.Product.Value);
        var gap = own.Days < 2 ? Never : (own.First - own.Last) / (own.Days - 1);
        row[0] = candidate.Score;
        row[1] = DotProduct.Score(user, product);
        row[2] = term < 0 ? 0 : ownTerms.Values[term];
        row[3] = own.Days;
        row[4] = own.Last;
        row[5] = own.First;
        row[6] = gap;
        row[7] = own.Days < 2 ? -1 : own.Last / Math.Max(1, gap);
        row[8] = own.Days == 0 ? -1 : _younger[(int)own.Last];
        row[9] = own.OtherDays;
        row[10] = own.OtherLast;
        row[11] = product[factors];
        row[12] = snapshot.ProductBuyers[candidate.Product.Value];
        row[13] = snapshot.ProductRepeat[candidate.Product.Value];
        row[14] = _younger[^1];
        row[15] = _own.Count;
        row[16] = _userLast;
        row[17] = _userGap;
        row[18] = user[factors + 1];
    }

    // Behaviors of one type come oldest first, so an equal age is the same day.
    private Own Add(Own own, bool isPurchase, int age)
    {
        if (!isPurchase)
        {
            return own with
            {
                OtherDays = own.OtherDays + (own.OtherLast == age ? 0 : 1),
                OtherLast = Math.Min(own.OtherLast, age),
            };
        }

        _isDay[age] = true;
        return own with
        {
            Days = own.Days + (own.Last == age ? 0 : 1),
            Last = age,
            First = own.Days == 0 ? age : own.First,
        };
    }

    private int Find(int product)
    {
        var (low, high) = (0, _own.Count - 1);
        while (low <= high)
        {
            var middle = (low + high) / 2;
            if (_own[middle].Product == product)
            {
                return middle;
            }

            (low, high) = _own[middle].Product < product ? (middle + 1, high) : (low, middle - 1);
        }

        return -1;
    }

    private readonly record struct Own(int Product)
    {
        public int Days { get; init; }

        public float Last { get; init; } = Never;

        public float First { get; init; } = Never;

        public int OtherDays { get; init; }

        public float OtherLast { get; init; } = Never;
    }
}

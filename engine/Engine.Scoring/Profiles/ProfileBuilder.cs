using Engine.Snapshots.Manifest;
using Engine.Snapshots.Mapping;

namespace Engine.Scoring.Profiles;

/// <summary>
/// Makes a profile from behaviors: for stored users in training, and for a basket in a request. It is the same code on
/// sorted input, so a basket that repeats a user's history gives the stored profile bit for bit. A day on which a user
/// did something with a product weighs once, however many rows or units it has: a row that counts three, three rows and
/// their sum in a database are the same. Scratch of one thread; after warm-up it allocates nothing.
/// </summary>
internal sealed class ProfileBuilder(ProfileTables tables)
{
    private readonly AgeSet[] _own = new AgeSet[(int)BehaviorType.Purchase + 1];
    private AgeSet _purchaseDays;
    private ulong[] _events = new ulong[64];
    private int _eventCount;
    private bool _isSorted;
    private int[] _products = [];
    private float[] _weights = [];
    private float[] _history = [];
    private float[] _ownTerms = [];
    private double[] _historySums = [];
    private double[] _ownSums = [];
    private bool[] _purchased = [];
    private int _count;

    /// <summary>The profile; valid until the next <see cref="Begin"/>.</summary>
    public ProfileRow Row => new(
        _products.AsSpan(0, _count),
        _weights.AsSpan(0, _count),
        _history.AsSpan(0, _count),
        _ownTerms.AsSpan(0, _count));

    /// <summary>The user's rate.</summary>
    public float UserRate { get; private set; }

    /// <summary>Forgets the last profile.</summary>
    public void Begin() => (_eventCount, _isSorted) = (0, true);

    /// <summary>Adds the behaviors of a stored user.</summary>
    /// <param name="history">The row.</param>
    /// <param name="lastDay">date(L), as the history counts days.</param>
    public void Add(HistoryRow history, int lastDay)
    {
        for (var i = 0; i < history.Count; i++)
        {
            Add(history.Product(i), (BehaviorType)history.Type(i), lastDay - history.Day(i));
        }
    }

    /// <summary>Adds one behavior.</summary>
    /// <param name="product">Product ordinal.</param>
    /// <param name="type">What it is.</param>
    /// <param name="ageDays">Days ago, 0 or more; whole days count, more than 511 as 511.</param>
    public void Add(int product, BehaviorType type, double ageDays)
    {
        if (_eventCount == _events.Length)
        {
            Array.Resize(ref _events, 2 * _eventCount);
        }

        // By product, type, oldest first, as histories are stored: one sort of integers. product (32), type (3), age
        // (9).
        var age = (int)Math.Clamp(ageDays, 0, PreferenceTerms.MaximumAge);
        var place = PreferenceTerms.MaximumAge - age;
        var key = ((ulong)product << 12) | ((ulong)type << 9) | (uint)place;
        _isSorted &= _eventCount == 0 || _events[_eventCount - 1] <= key;
        _events[_eventCount++] = key;
    }

    /// <summary>Computes the profile. Pairs whose behavior weighs nothing are left out.</summary>
    /// <param name="repeat">For each product ordinal what a purchase of it adds to its own term.</param>
    public void Finish(ReadOnlySpan<float> repeat)
    {
        if (!_isSorted)
        {
            _events.AsSpan(0, _eventCount).Sort();
        }

        Reserve();
        _purchaseDays.Clear();
        _count = 0;
        var purchased = 0;
        var total = 0.0;
        for (var e = 0; e < _eventCount;)
        {
            var product = (int)(_events[e] >> 12);
            double weight, history, own;
            bool isPurchased;
            if (e + 1 == _eventCount || (int)(_events[e + 1] >> 12) != product)
            {
                var (type, age) = Read(_events[e++]);
                (weight, history, own) = (tables.Weight(type, age), tables.History(type, age), tables.Once(type, age));
                isPurchased = type == (int)BehaviorType.Purchase;
                if (isPurchased)
                {
                    _purchaseDays.Add(age);
                }
            }
            else
            {
                (weight, history) = Sum(product, ref e);
                own = OwnTerm();
                isPurchased = _own[(int)BehaviorType.Purchase].Count > 0;
            }

            purchased += isPurchased ? 1 : 0;
            if ((float)weight > 0)
            {
                _products[_count] = product;
                _weights[_count] = (float)weight;
                _historySums[_count] = history;
                _ownSums[_count] = own + (isPurchased ? repeat[product] : 0);
                _purchased[_count++] = isPurchased;
                total += history;
            }
        }

        var scale = 1 / Math.Sqrt(1 + total);
        var breadth = tables.Terms.Breadth * double.LogP1(purchased);
        for (var i = 0; i < _count; i++)
        {
            _history[i] = (float)(_historySums[i] * scale);
            _ownTerms[i] = (float)(_ownSums[i] + (_purchased[i] ? breadth : 0));
        }

        UserRate = (float)Rate(purchased);
    }

    // All behaviors with one product, the first of which is at e.
    private (double Weight, double History) Sum(int product, ref int e)
    {
        _own.AsSpan().Clear();
        double weight = 0, history = 0;
        for (; e < _eventCount && (int)(_events[e] >> 12) == product; e++)
        {
            if (e > 0 && _events[e] == _events[e - 1])
            {
                continue;
            }

            var (type, age) = Read(_events[e]);
            weight += tables.Weight(type, age);
            history += tables.History(type, age);
            _own[type].Add(age);
            if (type == (int)BehaviorType.Purchase)
            {
                _purchaseDays.Add(age);
            }
        }

        return (weight, history);
    }

    private static (int Type, int Age) Read(ulong key) =>
        ((int)(key >> 9) & 7, PreferenceTerms.MaximumAge - ((int)key & PreferenceTerms.MaximumAge));

    private double OwnTerm()
    {
        var sum = 0.0;
        for (var type = 1; type < _own.Length; type++)
        {
            if (_own[type].Count is > 0 and var days)
            {
                sum += tables.OwnTerm(type, _own[type], days);
            }
        }

        return sum;
    }

    private double Rate(int purchased)
    {
        var terms = tables.Terms.UserRate;
        return terms.Constant + (terms.Days * double.LogP1(_purchaseDays.Count))
            + (terms.Products * double.LogP1(purchased)) +
            tables.Decayed(_purchaseDays, terms.Decayed);
    }

    private void Reserve()
    {
        if (_products.Length < _eventCount)
        {
            var length = Math.Max(_eventCount, 2 * _products.Length);
            _products = new int[length];
            _weights = new float[length];
            _history = new float[length];
            _ownTerms = new float[length];
            _historySums = new double[length];
            _ownSums = new double[length];
            _purchased = new bool[length];
        }
    }
}

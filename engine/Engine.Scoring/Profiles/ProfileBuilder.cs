using Engine.Snapshots.Manifest;

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
    public void Begin() => _eventCount = 0;

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
        _events[_eventCount++] = ((ulong)product << 12) | ((ulong)type << 9) | (uint)place;
    }

    /// <summary>Computes the profile. Pairs whose behavior weighs nothing are left out.</summary>
    /// <param name="repeat">For each product ordinal what a purchase of it adds to its own term.</param>
    public void Finish(ReadOnlySpan<float> repeat)
    {
        _events.AsSpan(0, _eventCount).Sort();
        Reserve();
        _purchaseDays.Clear();
        _count = 0;
        var purchased = 0;
        var total = 0.0;
        for (var e = 0; e < _eventCount;)
        {
            var product = (int)(_events[e] >> 12);
            _own.AsSpan().Clear();
            double weight = 0, history = 0;
            for (; e < _eventCount && (int)(_events[e] >> 12) == product; e++)
            {
                if (e > 0 && _events[e] == _events[e - 1])
                {
                    continue;
                }

                var type = (int)(_events[e] >> 9) & 7;
                var age = PreferenceTerms.MaximumAge - ((int)_events[e] & PreferenceTerms.MaximumAge);
                weight += tables.Weight(type, age);
                history += tables.History(type, age);
                _own[type].Add(age);
                if (type == (int)BehaviorType.Purchase)
                {
                    _purchaseDays.Add(age);
                }
            }

            var isPurchased = _own[(int)BehaviorType.Purchase].Count > 0;
            purchased += isPurchased ? 1 : 0;
            if ((float)weight > 0)
            {
                _products[_count] = product;
                _weights[_count] = (float)weight;
                _historySums[_count] = history;
                _ownSums[_count] = OwnTerm() + (isPurchased ? repeat[product] : 0);
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

    private double OwnTerm()
    {
        var sum = 0.0;
        for (var type = 1; type < _own.Length; type++)
        {
            if (tables.Own(type) is { } terms && _own[type].Count is > 0 and var days)
            {
                sum += terms.Present + (terms.Days * double.LogP1(days)) + tables.Decayed(_own[type], terms.Decayed);
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

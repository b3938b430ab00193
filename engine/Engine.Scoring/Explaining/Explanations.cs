namespace Engine.Scoring.Explaining;

/// <summary>
/// Terms of scores, one list for each score that was explained, in one array that is reused: after warm-up filling it
/// allocates nothing.
/// </summary>
public sealed class Explanations
{
    private ScoreTerm[] _terms = new ScoreTerm[64];
    private Entry[] _entries = new Entry[1];
    private int _termCount;

    /// <summary>Scores that were explained.</summary>
    public int Count { get; private set; }

    /// <summary>The terms of score number <paramref name="index"/>, in the order in which they are added.</summary>
    public ReadOnlySpan<ScoreTerm> Terms(int index)
    {
        var first = index == 0 ? 0 : Of(index - 1).End;
        return _terms.AsSpan(first, Of(index).End - first);
    }

    /// <summary>The score that is explained.</summary>
    public float Score(int index) => Of(index).Score;

    /// <summary>The exact sum of the terms differs from the score by at most this.</summary>
    /// <remarks>See <see cref="RoundingBound"/>.</remarks>
    public double Bound(int index) => Of(index).Bound;

    internal void Clear() => Count = _termCount = 0;

    internal void Add(ScoreTerm term)
    {
        if (_termCount == _terms.Length)
        {
            Array.Resize(ref _terms, 2 * _termCount);
        }

        _terms[_termCount++] = term;
    }

    /// <summary>Ends the list of terms that was begun by the last call.</summary>
    internal void End(float score, double bound)
    {
        if (Count == _entries.Length)
        {
            Array.Resize(ref _entries, 2 * Count);
        }

        _entries[Count++] = new Entry(_termCount, score, bound);
    }

    /// <summary>Takes the last end back, so that more terms can follow; returns its bound.</summary>
    internal double Reopen() => _entries[--Count].Bound;

    private Entry Of(int index)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)Count);
        return _entries[index];
    }

    private readonly record struct Entry(int End, float Score, double Bound);
}

using System.Numerics;
using Engine.Model.Kernels;
using Engine.Model.Mapping;
using Engine.Scoring.Hosting;

namespace Engine.Scoring;

/// <summary>
/// Sums sparse rows: for each target the fp32 sum of weight x value, in the order in which the rows are added. Rows are added
/// by ascending source in every mode of the engine, so that the sums agree bit for bit.
/// </summary>
internal sealed class SparseScores
{
    /// <summary>The neutral element of fp32 addition: -0 + x is x bit for bit, so a first addend needs no case of its own.</summary>
    private const float Nothing = -0f;

    /// <summary>Rows asked for ahead of the one that is added; they lie all over a matrix that no cache holds.</summary>
    private const int Ahead = 4;

    private readonly Bitset _marks = new();
    private float[] _sums = [];
    private int[] _reached = [];
    private SparseTerm[] _terms = [];
    private int _count;
    private int _size;

    /// <summary>Sums the sparse part of one profile's score for every product that it reaches.</summary>
    public void Collect(ScoringModel model, ProfileRow profile)
    {
        Clear(model.Products.Rows);
        var history = profile.History;
        for (var i = 0; i < Math.Min(Ahead, history.Count); i++)
        {
            model.Snapshot.Similarity.Prefetch(history.Indices[i]);
        }

        for (var i = 0; i < history.Count; i++)
        {
            if (i + Ahead < history.Count)
            {
                model.Snapshot.Similarity.Prefetch(history.Indices[i + Ahead]);
            }

            Add(history.Values[i], model.Snapshot.Similarity.Row(history.Indices[i]));
        }

        Add(profile.Own);
    }

    /// <summary>Starts over 0..<paramref name="size"/>-1 targets.</summary>
    public void Clear(int size)
    {
        foreach (var target in _reached.AsSpan(0, _count))
        {
            _sums[target] = Nothing;
        }

        (_count, _size) = (0, size);
        if (_sums.Length < size)
        {
            _sums = new float[size];
            _sums.AsSpan().Fill(Nothing);
        }
    }

    /// <summary>Adds <paramref name="weight"/> x each value of the row: one multiplication, one addition, no fma.</summary>
    public void Add(float weight, SparseRow row)
    {
        var (sums, reached, count) = (_sums, Reserve(row.Count), _count);
        var indices = row.Indices;
        var values = row.Values;
        for (var i = 0; i < indices.Length && i < values.Length; i++)
        {
            ref var sum = ref sums[indices[i]];
            reached[count] = indices[i];
            count += IsNothing(sum) ? 1 : 0;
            sum += weight * values[i];
        }

        _count = count;
    }

    /// <summary>Adds the row's own values. In every mode of the engine this is the last addend.</summary>
    public void Add(SparseRow row)
    {
        var (sums, reached, count) = (_sums, Reserve(row.Count), _count);
        var indices = row.Indices;
        var values = row.Values;
        for (var i = 0; i < indices.Length && i < values.Length; i++)
        {
            ref var sum = ref sums[indices[i]];
            reached[count] = indices[i];
            count += IsNothing(sum) ? 1 : 0;
            sum += values[i];
        }

        _count = count;
    }

    /// <summary>The sum of a target; -0, which adds nothing, if no row reached it.</summary>
    public float this[int ordinal] => _sums[ordinal];

    /// <summary>The targets that were reached and their sums, by ascending ordinal. Valid until the next call.</summary>
    public ReadOnlySpan<SparseTerm> Terms()
    {
        _marks.Clear(_size);
        foreach (var target in _reached.AsSpan(0, _count))
        {
            _marks.Add(target);
        }

        if (_terms.Length < _count)
        {
            _terms = new SparseTerm[Math.Max(_count, _terms.Length * 2)];
        }

        var words = _marks.Words;
        var at = 0;
        for (var i = 0; i < words.Length; i++)
        {
            for (var word = words[i]; word != 0; word &= word - 1)
            {
                var ordinal = (i * 64) + BitOperations.TrailingZeroCount(word);
                _terms[at++] = new SparseTerm(ordinal, _sums[ordinal]);
            }
        }

        return _terms.AsSpan(0, at);
    }

    private static bool IsNothing(float sum) => BitConverter.SingleToInt32Bits(sum) == int.MinValue;

    /// <summary>
    /// Room for so many more targets, and one to write to in vain. A target whose sum is still -0 may be listed again.
    /// </summary>
    private int[] Reserve(int count)
    {
        if (_reached.Length <= _count + count)
        {
            Array.Resize(ref _reached, Math.Max(_count + count + 1, _reached.Length * 2));
        }

        return _reached;
    }
}

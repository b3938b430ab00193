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
    private readonly Bitset _touched = new();
    private float[] _sums = [];
    private SparseTerm[] _terms = [];

    /// <summary>Sums the sparse part of one profile's score for every product that it reaches.</summary>
    public void Collect(ScoringModel model, ProfileRow profile)
    {
        Clear(model.Products.Rows);
        var history = profile.History;
        for (var i = 0; i < history.Count; i++)
        {
            Add(history.Values[i], model.Snapshot.Similarity.Row(history.Indices[i]));
        }

        Add(profile.Own);
    }

    /// <summary>Starts over 0..<paramref name="size"/>-1 targets.</summary>
    public void Clear(int size)
    {
        _touched.Clear(size);
        if (_sums.Length < size)
        {
            _sums = new float[size];
        }
    }

    /// <summary>Adds <paramref name="weight"/> x each value of the row: one multiplication, one addition, no fma.</summary>
    public void Add(float weight, SparseRow row)
    {
        var indices = row.Indices;
        var values = row.Values;
        for (var i = 0; i < indices.Length; i++)
        {
            var product = weight * values[i];
            ref var sum = ref _sums[indices[i]];
            sum = _touched.Add(indices[i]) ? product : sum + product;
        }
    }

    /// <summary>Adds the row's own values. In every mode of the engine this is the last addend.</summary>
    public void Add(SparseRow row)
    {
        var indices = row.Indices;
        var values = row.Values;
        for (var i = 0; i < indices.Length; i++)
        {
            ref var sum = ref _sums[indices[i]];
            sum = _touched.Add(indices[i]) ? values[i] : sum + values[i];
        }
    }

    /// <summary>The sum of a target, if any row reached it.</summary>
    public bool TryGet(int ordinal, out float sum)
    {
        sum = _sums[ordinal];
        return _touched[ordinal];
    }

    /// <summary>The targets that were reached and their sums, by ascending ordinal. Valid until the next call.</summary>
    public ReadOnlySpan<SparseTerm> Terms()
    {
        var words = _touched.Words;
        var count = _touched.Count;
        if (_terms.Length < count)
        {
            _terms = new SparseTerm[Math.Max(count, _terms.Length * 2)];
        }

        var at = 0;
        for (var i = 0; i < words.Length; i++)
        {
            for (var word = words[i]; word != 0; word &= word - 1)
            {
                var ordinal = (i * 64) + BitOperations.TrailingZeroCount(word);
                _terms[at++] = new SparseTerm(ordinal, _sums[ordinal]);
            }
        }

        return _terms.AsSpan(0, count);
    }
}

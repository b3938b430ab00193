using System.Runtime.Intrinsics;

namespace Engine.Kernels.Codes;

/// <summary>
/// Upper bounds of the scores within blocks, and within everything from a block on. By Cauchy and Schwarz a score is at
/// most |u| max|v| plus, for each rate column, the larger of u times the column's extremes; no order of the rows is
/// assumed.
/// </summary>
internal sealed unsafe class BlockBounds
{
    private readonly RowCodes _codes;
    private readonly float[] _suffixNorms;
    private readonly float[] _suffixHigh;
    private readonly float[] _suffixLow;

    public BlockBounds(RowCodes codes)
    {
        _codes = codes;
        Spans = codes.PaddedBlocks / RowCodes.SpanBlocks;
        _suffixNorms = new float[Spans];
        _suffixHigh = new float[Spans * codes.RateColumns];
        _suffixLow = new float[Spans * codes.RateColumns];
        for (var span = Spans - 1; span >= 0; span--)
        {
            Summarize(span);
        }
    }

    /// <summary>Runs of 16 blocks.</summary>
    public int Spans { get; }

    /// <summary>Bounds every score from the first row of <paramref name="span"/> to the end.</summary>
    public float Suffix(scoped in CodedQuery query, int span)
    {
        var bound = (query.Norm * _suffixNorms[span]) + query.Slack;
        for (var rate = 0; rate < query.Rates.Length; rate++)
        {
            var value = query.Rates[rate];
            bound += value * (value > 0 ? _suffixHigh : _suffixLow)[(rate * Spans) + span];
        }

        return bound;
    }

    /// <summary>Bounds each of the 16 blocks of <paramref name="span"/>.</summary>
    public Vector512<float> Blocks(scoped in CodedQuery query, int span)
    {
        var first = span * RowCodes.SpanBlocks;
        var bound =
            (Vector512.Create(query.Norm) * Vector512.Load(_codes.BlockNorms + first)) + Vector512.Create(query.Slack);
        for (var rate = 0; rate < query.Rates.Length; rate++)
        {
            var value = query.Rates[rate];
            var extreme = value > 0 ? _codes.BlockRateHigh(rate) : _codes.BlockRateLow(rate);
            bound += Vector512.Create(value) * Vector512.Load(extreme + first);
        }

        return bound;
    }

    private void Summarize(int span)
    {
        var last = Math.Min(_codes.Blocks, (span + 1) * RowCodes.SpanBlocks);
        _suffixNorms[span] = span + 1 < Spans ? _suffixNorms[span + 1] : 0;
        for (var rate = 0; rate < _codes.RateColumns; rate++)
        {
            var at = (rate * Spans) + span;
            _suffixHigh[at] = span + 1 < Spans ? _suffixHigh[at + 1] : float.NegativeInfinity;
            _suffixLow[at] = span + 1 < Spans ? _suffixLow[at + 1] : float.PositiveInfinity;
            for (var block = span * RowCodes.SpanBlocks; block < last; block++)
            {
                _suffixHigh[at] = MathF.Max(_suffixHigh[at], _codes.BlockRateHigh(rate)[block]);
                _suffixLow[at] = MathF.Min(_suffixLow[at], _codes.BlockRateLow(rate)[block]);
            }
        }

        for (var block = span * RowCodes.SpanBlocks; block < last; block++)
        {
            _suffixNorms[span] = MathF.Max(_suffixNorms[span], _codes.BlockNorms[block]);
        }
    }
}

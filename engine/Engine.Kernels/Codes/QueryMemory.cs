using Engine.Kernels.Memory;

namespace Engine.Kernels.Codes;

/// <summary>
/// Memory for one coded query over rows of up to <paramref name="columns"/> coded columns; it does not move. Pointers
/// into it do not keep it.
/// </summary>
internal sealed unsafe class QueryMemory(int columns)
{
    private readonly PinnedBuffer<ColumnPair> _pairs = new(columns + 1);
    private readonly PinnedBuffer<QueryStage> _stages = new(columns + 1);
    private readonly PinnedBuffer<float> _values = new(Padded(columns));
    private readonly PinnedBuffer<sbyte> _codes = new(Padded(columns));
    private readonly float[] _coded = new float[columns];
    private readonly PinnedBuffer<short> _sums = new(2 * BlockFilter.Group * RowCodes.BlockRows);
    private readonly PinnedBuffer<float> _bounds = new(3 * RowCodes.SpanBlocks);
    private int _codedColumns = -1;
    private PinnedBuffer<float> _sample = new(ThresholdSeed.LeastBlocks * RowCodes.BlockRows);

    /// <summary>Columns that fit.</summary>
    public int Columns => columns;

    /// <summary>Room for the pairs of columns: a stage may end in half a pair.</summary>
    public ColumnPair* Pairs => _pairs.Pointer;

    /// <summary>Room for the stages.</summary>
    public QueryStage* Stages => _stages.Pointer;

    /// <summary>Room for the columns, padded to 64.</summary>
    public float* Values => _values.Pointer;

    /// <summary>Room for their codes, padded to 64.</summary>
    public sbyte* Codes => _codes.Pointer;

    /// <summary>What was coded last.</summary>
    public QueryCode Held { get; private set; }

    /// <summary>Whether these columns were coded last: several searches for one vector code it once.</summary>
    public bool Holds(ReadOnlySpan<float> coded) =>
        coded.Length == _codedColumns && coded.SequenceEqual(_coded.AsSpan(0, _codedColumns));

    /// <summary>Pairs and stages are now those of these columns.</summary>
    public void Hold(ReadOnlySpan<float> coded, QueryCode code)
    {
        coded.CopyTo(_coded);
        (_codedColumns, Held) = (coded.Length, code);
    }

    /// <summary>Room for the sums and the cuts of a group of blocks.</summary>
    public short* Sums => _sums.Pointer;

    /// <summary>Room for three bounds of each block of a span.</summary>
    public float* Bounds => _bounds.Pointer;

    /// <summary>Room for <paramref name="count"/> sampled scores; grows.</summary>
    public float* Sample(int count)
    {
        if (_sample.Length < count)
        {
            _sample = new(count);
        }

        return _sample.Pointer;
    }

    /// <summary>The next multiple of 64.</summary>
    public static int Padded(int columns) => (columns + 63) & ~63;
}

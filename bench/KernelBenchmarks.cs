using BenchmarkDotNet.Attributes;
using Engine.Kernels.Arithmetic;
using Engine.Kernels.Codes;
using Engine.Kernels.Memory;
using Engine.Kernels.Search;

namespace Bench;

/// <summary>
/// The kernels of search on random rows: <c>dotnet run -c Release --project bench -- --filter '*Kernel*'</c>.
/// </summary>
[MemoryDiagnoser]
[ShortRunJob]
public class KernelBenchmarks
{
    private readonly TopKScratch _scratch = new();
    private readonly ScoredRow[] _ten = new ScoredRow[10];
    private PinnedBuffer<float>? _buffer;
    private FactorRows _rows;
    private TopKIndex? _index;
    private float[] _vector = [];
    private float[] _scores = [];

    /// <summary>Columns of a row.</summary>
    [Params(64, 80)]
    public int Columns { get; set; }

    /// <summary>Makes 10,000 rows of falling norm.</summary>
    [GlobalSetup]
    public void Setup()
    {
        var (random, count, stride) = (new Random(1), 10_000, FactorRows.StrideOf(Columns));
        _buffer = new PinnedBuffer<float>(count * stride);
        for (var i = 0; i < count; i++)
        {
            for (var k = 0; k < Columns; k++)
            {
                _buffer.Span[(i * stride) + k] = (random.NextSingle() - 0.5f) / MathF.Sqrt(1 + i);
            }
        }

        _rows = new FactorRows(_buffer, count, Columns, stride);
        _index = TopKIndex.Build(_rows);
        _vector = _rows[77].ToArray();
        _scores = new float[count];
    }

    /// <summary>10,000 canonical scores of consecutive rows.</summary>
    [Benchmark]
    public void ScoreAllRows() => DotProduct.ScoreRows(_vector, _rows, 0, _scores);

    /// <summary>The ten best by scoring every row.</summary>
    [Benchmark(Baseline = true)]
    public int PlainSearch() => PlainTopK.Search(_rows, new() { Vector = _vector }, _ten, _scratch);

    /// <summary>The ten best through codes and bounds.</summary>
    [Benchmark]
    public int CodedSearch() => _index!.Search(new() { Vector = _vector }, _ten, _scratch);

    /// <summary>Codes of 10,000 rows.</summary>
    [Benchmark]
    public RowCodes Encode() => RowCoder.Encode(_rows);
}

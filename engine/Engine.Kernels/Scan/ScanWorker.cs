using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Engine.Kernels.Arithmetic;
using Engine.Kernels.Codes;
using Engine.Kernels.Memory;
using Engine.Kernels.Search;

namespace Engine.Kernels.Scan;

/// <summary>One thread's part of a <see cref="ParallelTopK"/> search: candidates, and the bins of a curve.</summary>
internal sealed unsafe class ScanWorker(TopKIndex index, int k)
{
    private const int PrefetchDistance = 12;

    private readonly QueryMemory _query = new(index.Codes.CodedColumns);
    private readonly PinnedBuffer<StreamScan.Memory> _memory = new(1);
    private readonly int[] _bins = new int[StreamScan.BinCount];
    private ulong[] _keys = [];
    private float _largestError;

    /// <summary>The rows that may be among the best.</summary>
    public CandidateList Candidates { get; } = new(index.Rows.Rows, k);

    /// <summary>The candidates that were scored exactly.</summary>
    public ReadOnlySpan<ulong> Keys => _keys.AsSpan(0, Candidates.Count);

    /// <summary>Blocks whose codes were read.</summary>
    public int Blocks { get; private set; }

    /// <summary>Takes runs of blocks until none is left.</summary>
    public void Run(ScanJob job, int wanted, AudienceCurve? curve)
    {
        var codes = index.Codes;
        var query = new CodedQuery(codes, job.Vector, _query);
        Array.Clear(_bins);
        _largestError = 0;
        Blocks = 0;
        Candidates.Clear(wanted);
        fixed (int* bins = _bins)
        {
            var scan = new StreamScan(codes, query, _query, job.Terms, _memory.Pointer, curve, bins);
            for (var first = job.Take(); first < codes.Blocks && !job.IsCanceled; first = job.Take())
            {
                Candidates.Raise(job.Floor);
                scan.Seek(first);
                for (var span = first;
                    span < Math.Min(codes.Blocks, first + ScanJob.RunBlocks);
                    span += RowCodes.SpanBlocks)
                {
                    Scan(ref scan, job, query, span, wanted, curve is not null);
                }

                job.Raise(Candidates.Floor);
            }

            scan.Finish();
        }
    }

    /// <summary>Hands the thread's bins over.</summary>
    public void AddTo(AudienceCurve curve)
    {
        curve.Add(_bins);
        curve.AddError(_largestError);
    }

    /// <summary>
    /// Scores the candidates that can reach <paramref name="floor"/>, exactly, into <see cref="Keys"/>.
    /// </summary>
    /// <param name="job">The question.</param>
    /// <param name="floor">At least K rows score at least this much.</param>
    public void Rescore(ScanJob job, float floor)
    {
        var count = Candidates.Keep(floor);
        if (_keys.Length < count)
        {
            _keys = new ulong[Math.Max(count, 2 * _keys.Length)];
        }

        fixed (float* vector = job.Vector)
        {
            for (var i = 0; i < count; i++)
            {
                Prefetch(Candidates.Ordinals[Math.Min(i + PrefetchDistance, count - 1)]);
                var ordinal = Candidates.Ordinals[i];
                var score =
                    DotProduct.Score(vector, index.Rows.Row(ordinal), index.Rows.Stride) + Candidates.Addends[i];
                _keys[i] = RankKey.Pack(score, ordinal);
            }
        }
    }

    /// <summary>
    /// One span of blocks: those that can hold a candidate, those with a sparse part, and all of them for a curve.
    /// </summary>
    private void Scan(
        scoped ref StreamScan scan, ScanJob job, scoped in CodedQuery query, int span, int wanted, bool all)
    {
        var codes = index.Codes;
        var bounds = index.Bounds.Blocks(query, span / RowCodes.SpanBlocks);
        var live = all
            ? ulong.MaxValue
            : Vector512.GreaterThanOrEqual(bounds, Vector512.Create(Candidates.Floor)).ExtractMostSignificantBits();
        var end = Math.Min(codes.Blocks, span + RowCodes.SpanBlocks);
        for (var group = span; group < end; group += StreamDots.Group, live >>= StreamDots.Group)
        {
            var isRead = false;
            for (var block = group; block < Math.Min(end, group + StreamDots.Group); block++)
            {
                var rows = job.Rows(codes, block);
                if (rows == 0 || ((live >> (block - group) & 1) == 0 && !scan.HasTerms(block)))
                {
                    continue;
                }

                if (!isRead)
                {
                    scan.Read(group);
                    isRead = true;
                    Blocks += Math.Min(StreamDots.Group, codes.Blocks - group);
                }

                var survivors = rows & scan.Score(block, rows, MathF.BitDecrement(Candidates.Floor));
                _largestError = MathF.Max(_largestError, scan.Error);
                if (survivors != 0 && wanted > 0)
                {
                    Candidates.Add(block * RowCodes.BlockRows, survivors, scan.Scores, scan.Addends, scan.Error);
                }
            }
        }
    }

    /// <summary>Candidates lie far apart: their rows are asked for before they are needed.</summary>
    private void Prefetch(int ordinal)
    {
        var row = (byte*)index.Rows.Row(ordinal);
        for (var line = 0; line < index.Rows.Stride * sizeof(float) && Sse.IsSupported; line += 64)
        {
            Sse.Prefetch0(row + line);
        }
    }
}

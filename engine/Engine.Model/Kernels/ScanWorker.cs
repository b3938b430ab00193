using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Engine.Model.Kernels;

/// <summary>One thread's part of a <see cref="ParallelTopK"/> search: candidates, and the bins of a curve.</summary>
internal sealed unsafe class ScanWorker(TopKIndex index, int k)
{
    private const int Ahead = 8;

    private readonly QueryMemory _query = new(index.Codes.CodedColumns);
    private readonly int[] _bins = new int[StreamScan.BinCount];
    private float _largestError;

    /// <summary>The rows that may be among the best.</summary>
    public CandidateList Candidates { get; } = new(index.Rows.Rows, k);

    /// <summary>Blocks whose codes were read.</summary>
    public int Blocks { get; private set; }

    /// <summary>Takes runs of blocks until none is left.</summary>
    public void Run(ScanJob job, int wanted, AudienceCurve? curve)
    {
        var codes = index.Codes;
        var query = new CodedQuery(codes, job.Vector, _query);
        StreamScan.Memory memory;
        Array.Clear(_bins);
        _largestError = 0;
        Blocks = 0;
        Candidates.Clear(wanted);
        fixed (int* bins = _bins)
        {
            var scan = new StreamScan(codes, query, _query, job.Terms, &memory, curve, bins);
            for (var first = job.Take(); first < codes.Blocks; first = job.Take())
            {
                Candidates.Raise(job.Floor);
                scan.Seek(first);
                for (var span = first; span < Math.Min(codes.Blocks, first + ScanJob.RunBlocks); span += RowCodes.SpanBlocks)
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

    /// <summary>Scores the candidates that can reach <paramref name="floor"/>, exactly.</summary>
    /// <param name="vector">The query.</param>
    /// <param name="floor">At least K rows score at least this much.</param>
    /// <param name="keys">Receives their keys.</param>
    /// <returns>Keys written.</returns>
    public int Rescore(float* vector, float floor, Span<ulong> keys)
    {
        var ordinals = Candidates.Ordinals;
        var highs = Candidates.Highs;
        var addends = Candidates.Addends;
        var count = 0;
        for (var i = 0; i < ordinals.Length; i++)
        {
            Prefetch(ordinals[Math.Min(i + Ahead, ordinals.Length - 1)]);
            if (highs[i] >= floor)
            {
                var score = DotProduct.Score(vector, index.Rows.Row(ordinals[i]), index.Rows.Stride) + addends[i];
                keys[count++] = RankKey.Pack(score, ordinals[i]);
            }
        }

        return count;
    }

    /// <summary>One span of blocks: those that can hold a candidate, those with a sparse part, and all of them for a curve.</summary>
    private void Scan(scoped ref StreamScan scan, ScanJob job, scoped in CodedQuery query, int span, int wanted, bool all)
    {
        var codes = index.Codes;
        var bounds = index.Bounds.Blocks(query, span / RowCodes.SpanBlocks);
        var live = all ? ulong.MaxValue : Vector512.GreaterThanOrEqual(bounds, Vector512.Create(Candidates.Floor)).ExtractMostSignificantBits();
        var end = Math.Min(codes.Blocks, span + RowCodes.SpanBlocks);
        for (var block = span; block < end; block++, live >>= 1)
        {
            var rows = job.Rows(codes, block);
            if (rows == 0 || ((live & 1) == 0 && !scan.HasTerms(block)))
            {
                continue;
            }

            var survivors = rows & scan.Score(block, rows, MathF.BitDecrement(Candidates.Floor));
            Blocks++;
            _largestError = MathF.Max(_largestError, scan.Error);
            if (survivors != 0 && wanted > 0)
            {
                Candidates.Add(block * RowCodes.BlockRows, survivors, scan.Scores, scan.Addends, scan.Error);
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

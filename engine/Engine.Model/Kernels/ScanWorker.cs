using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Engine.Model.Kernels;

/// <summary>One thread's part of a <see cref="ParallelTopK"/> search: candidates, and the bins of a curve.</summary>
internal sealed unsafe class ScanWorker(TopKIndex index, int k)
{
    /// <summary>Histograms side by side, so that equal bins in neighbouring lanes do not wait for each other.</summary>
    private const int Histograms = 16;

    private const int Ahead = 8;

    /// <summary>Where the histogram of each lane starts: lanes take turns.</summary>
    private static readonly Vector512<int> Lanes =
        (Vector512<int>.Indices & Vector512.Create(Histograms - 1)) * Vector512.Create(AudienceCurve.Thresholds + 1);

    private readonly int[] _bins = new int[Histograms * (AudienceCurve.Thresholds + 1)];
    private readonly QueryMemory _memory = new(index.Codes.CodedColumns);
    private float _largestError;

    /// <summary>The rows that may be among the best.</summary>
    public CandidateList Candidates { get; } = new(k);

    /// <summary>Takes runs of blocks until none is left.</summary>
    public void Run(ScanJob job, float floor, int wanted, AudienceCurve? curve)
    {
        var codes = index.Codes;
        var scores = stackalloc float[RowCodes.BlockRows];
        var query = new CodedQuery(codes, job.Vector, _memory);
        Array.Clear(_bins);
        _largestError = 0;
        Candidates.Clear(floor, wanted);
        for (var first = job.Take(); first < codes.Blocks; first = job.Take())
        {
            var end = Math.Min(codes.Blocks, first + ScanJob.RunBlocks);
            for (var block = first; block < end; block++)
            {
                var rows = job.Rows(codes, block);
                if (rows == 0)
                {
                    continue;
                }

                BlockScores.Compute(codes, query, block, scores);
                var error = BlockScores.Error(codes, query, block);
                var survivors = rows & BlockScores.Above(scores, MathF.BitDecrement(Candidates.Floor), error);
                if (survivors != 0 && wanted > 0)
                {
                    Candidates.Add(block * RowCodes.BlockRows, survivors, scores, error);
                }

                if (curve is not null)
                {
                    _largestError = MathF.Max(_largestError, error);
                    Count(curve, rows, scores);
                }
            }
        }

        Candidates.Prune();
    }

    /// <summary>Hands the thread's bins over.</summary>
    public void AddTo(AudienceCurve? curve)
    {
        if (curve is not null)
        {
            curve.Add(_bins);
            curve.ScoreError = MathF.Max(curve.ScoreError, _largestError);
        }
    }

    /// <summary>Scores the candidates that can still enter, exactly.</summary>
    public void PushTo(ref TopKHeap heap, ReadOnlySpan<float> vector)
    {
        fixed (float* query = vector)
        {
            var ordinals = Candidates.Ordinals;
            var highs = Candidates.Highs;
            for (var i = 0; i < ordinals.Length; i++)
            {
                Prefetch(ordinals[Math.Min(i + Ahead, ordinals.Length - 1)]);
                if (!(highs[i] < RankKey.Score(heap.Worst)))
                {
                    var score = DotProduct.Score(query, index.Rows.Row(ordinals[i]), index.Rows.Stride);
                    heap.Push(RankKey.Pack(score, ordinals[i]));
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

    [SkipLocalsInit]
    private void Count(AudienceCurve curve, ulong rows, float* scores)
    {
        var low = Vector512.Create(curve.Low);
        var inverse = Vector512.Create(1 / curve.Step);
        var places = stackalloc int[RowCodes.BlockRows];
        for (var part = 0; part < RowCodes.BlockRows; part += 16)
        {
            var bin = Vector512.Floor((Vector512.Load(scores + part) - low) * inverse) + Vector512<float>.One;
            // Within 0..256 and no NaN, so the conversion needs no care of its own.
            bin = Vector512.Min(Vector512.Max(bin, Vector512<float>.Zero), Vector512.Create((float)AudienceCurve.Thresholds));
            (Vector512.ConvertToInt32Native(bin) + Lanes).Store(places + part);
        }

        fixed (int* bins = _bins)
        {
            for (var row = 0; row < RowCodes.BlockRows && rows == ulong.MaxValue; row += 4)
            {
                bins[places[row]]++;
                bins[places[row + 1]]++;
                bins[places[row + 2]]++;
                bins[places[row + 3]]++;
            }

            for (rows = rows == ulong.MaxValue ? 0 : rows; rows != 0; rows &= rows - 1)
            {
                bins[places[BitOperations.TrailingZeroCount(rows)]]++;
            }
        }
    }
}

using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Engine.Scoring.Batch;
using Engine.Server.Results;
using Engine.Snapshots.Ids;

namespace Engine.Server.Batch;

/// <summary>
/// Runs a plan into a file: complete or absent, the same bytes at any number of threads and after any stop. Lists are
/// written by user, in the order of the snapshot, then by rank; scores of a single product from the highest to the
/// lowest.
/// </summary>
internal static class BatchRun
{
    // Hashed at a time: a call of the hash for each user would take longer than the hash.
    private const int HashedBytes = 4 << 10;

    /// <summary>Runs to the end, or resumes an earlier run.</summary>
    /// <param name="plan">What is asked.</param>
    /// <param name="path">A .csv or .parquet file.</param>
    /// <param name="options">How it runs.</param>
    /// <param name="progress">Called after each part, on any thread, one call at a time.</param>
    /// <param name="cancellation">Stops; finished parts stay for the next run.</param>
    public static BatchResult Run(
        BatchPlan plan,
        string path,
        BatchRunOptions options,
        Action<BatchProgress>? progress,
        CancellationToken cancellation)
    {
        path = Path.GetFullPath(path);
        var start = options.Time.GetTimestamp();
        if (plan.IsSingleProduct)
        {
            UsersByScore.Sort(plan, options.Best, options, cancellation);
        }

        var format = ResultFormat.Of(path, plan);
        using var output = BatchOutput.Open(path, Fingerprint(plan, Path.GetExtension(path)), format.Header.Span);
        var (batch, encoders) = (new BatchRecommender(plan), new ConcurrentBag<PartEncoder>());
        var resumed = output.Parts.Count;
        var rows = output.Parts.Sum(part => (long)part.Rows);
        PartPipeline<EncodedPart>.Run(
            resumed,
            batch.Parts,
            options.Threads,
            options.Background,
            NewWork,
            HandOver,
            cancellation,
            static encoded => encoded.Bytes.Release());
        foreach (var encoder in encoders)
        {
            encoder.Release();
        }

        if (options.ListSkipped)
        {
            BatchSkipped.Write(plan, path);
        }

        output.Complete(format.Footer(output.Parts), options.KeepIndex);
        return new BatchResult(path, rows, new FileInfo(path).Length, resumed, options.Time.GetElapsedTime(start));

        Action<int, EncodedPart, CancellationToken> NewWork()
        {
            var (worker, encoder) = (batch.NewWorker(), format.NewEncoder());
            encoders.Add(encoder);
            return (part, encoded, stop) =>
            {
                encoder.Begin(encoded);
                worker.Run(part, encoder.Add, stop);
                encoder.End();
            };
        }

        void HandOver(int part, EncodedPart encoded)
        {
            output.AddPart(encoded);
            rows += encoded.Rows;
            var left = options.Time.GetElapsedTime(start) / (part + 1 - resumed) * (batch.Parts - part - 1);
            progress?.Invoke(new BatchProgress(part + 1, batch.Parts, rows, left));
        }
    }

    /// <summary>All that the bytes of an output depend on.</summary>
    internal static string Fingerprint(BatchPlan plan, string extension)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> chunk = stackalloc byte[HashedBytes];
        for (ReadOnlySpan<UserOrdinal> left = plan.Users; left.Length > 0;)
        {
            var count = Math.Min(left.Length, HashedBytes / sizeof(int));
            for (var i = 0; i < count; i++)
            {
                BinaryPrimitives.WriteInt32LittleEndian(chunk[(i * sizeof(int))..], left[i].Value);
            }

            hash.AppendData(chunk[..(count * sizeof(int))]);
            left = left[count..];
        }

        foreach (var word in plan.EligibleWords)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(chunk, word);
            hash.AppendData(chunk[..sizeof(ulong)]);
        }

        return string.Create(
            CultureInfo.InvariantCulture,
            $"{plan.Model.Snapshot.Id} top {plan.TopK} single {plan.IsSingleProduct} purchased {plan.Purchased} "
            + $"{extension} {string.Join(',', ResultColumns.Of(plan).Select(column => column.Name))} "
            + $"{(plan.EventsVersion == 0 ? "" : $"events {plan.EventsVersion} ")}"
            + $"{plan.Reasons?.Description} {plan.Selection?.Description} {(plan.Reranker is null ? "" : "re-ranked")} "
            + $"{RuntimeInformation.ProcessArchitecture} {Convert.ToHexString(hash.GetHashAndReset())}");
    }
}

/// <summary>How a run goes. Only <see cref="Best"/> changes the bytes.</summary>
internal sealed record BatchRunOptions
{
    /// <summary>1 or more.</summary>
    public required int Threads { get; init; }

    /// <summary>Whether the threads have low priority.</summary>
    public bool Background { get; init; }

    /// <summary>Whether the list of parts stays beside the file, for readers that read by parts.</summary>
    public bool KeepIndex { get; init; }

    /// <summary>Whether skipped ids are listed beside the file.</summary>
    public bool ListSkipped { get; init; } = true;

    /// <summary>Only so many users with the highest scores, for plans of a single product; null for all.</summary>
    public int? Best { get; init; }

    /// <summary>Measures the estimate.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;
}

/// <summary>How far a run is.</summary>
/// <param name="Parts">Finished, earlier runs included.</param>
/// <param name="AllParts">In all.</param>
/// <param name="Rows">Result rows so far.</param>
/// <param name="Remaining">As estimated from the parts of this run.</param>
internal readonly record struct BatchProgress(int Parts, int AllParts, long Rows, TimeSpan Remaining);

/// <summary>A finished run.</summary>
/// <param name="Path">The file.</param>
/// <param name="Rows">Result rows.</param>
/// <param name="Bytes">Of the file.</param>
/// <param name="ResumedParts">Parts that an earlier run had finished.</param>
/// <param name="Elapsed">Of this run.</param>
internal sealed record BatchResult(string Path, long Rows, long Bytes, int ResumedParts, TimeSpan Elapsed);

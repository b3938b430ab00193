using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Engine.Scoring.Batch;

namespace Engine.Server.Batch;

/// <summary>Runs a plan into a file: complete or absent, the same bytes at any number of threads and after any stop.</summary>
internal static class BatchRun
{
    /// <summary>Runs to the end, or goes on with what an earlier run left.</summary>
    /// <param name="plan">What is asked.</param>
    /// <param name="path">A .csv or .parquet file.</param>
    /// <param name="threads">1 or more.</param>
    /// <param name="progress">Called after each part.</param>
    /// <param name="time">Measures the estimate.</param>
    /// <param name="cancellation">Stops; what is done stays for the next run.</param>
    public static BatchResult Run(
        BatchPlan plan, string path, int threads, Action<BatchProgress>? progress, TimeProvider time, CancellationToken cancellation)
    {
        path = Path.GetFullPath(path);
        var format = ResultFormat.Of(path, plan);
        using var output = BatchOutput.Open(path, Fingerprint(plan, Path.GetExtension(path)), format.Header.Span);
        var batch = new BatchRecommender(plan, threads);
        var resumed = output.Parts.Count;
        var rows = output.Parts.Sum(part => (long)part.Rows);
        var start = time.GetTimestamp();
        for (var part = resumed; part < batch.Parts; part++)
        {
            cancellation.ThrowIfCancellationRequested();
            batch.Run(part, answers => rows += Write(format, output, answers, threads), cancellation);
            progress?.Invoke(new BatchProgress(part + 1, batch.Parts, rows, time.GetElapsedTime(start) / (part + 1 - resumed) * (batch.Parts - part - 1)));
        }

        cancellation.ThrowIfCancellationRequested();
        BatchSkipped.Write(plan, path);
        output.Complete(format.Footer(output.Parts));
        return new BatchResult(path, rows, new FileInfo(path).Length, resumed, time.GetElapsedTime(start));
    }

    private static int Write(ResultFormat format, BatchOutput output, BatchRows answers, int threads)
    {
        var rows = 0;
        foreach (var count in answers.Counts)
        {
            rows += count;
        }

        output.EndPart(rows, format.Encode(answers, threads, output));
        return rows;
    }

    /// <summary>All that the bytes of an output depend on.</summary>
    private static string Fingerprint(BatchPlan plan, string extension)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var user in plan.Users)
        {
            hash.AppendData(BitConverter.GetBytes(user));
        }

        foreach (var word in plan.EligibleWords)
        {
            hash.AppendData(BitConverter.GetBytes(word));
        }

        return string.Create(
            CultureInfo.InvariantCulture,
            $"{plan.Model.Snapshot.Id} top {plan.TopK} single {plan.IsSingleProduct} purchased {plan.Purchased} {extension} {RuntimeInformation.ProcessArchitecture} {Convert.ToHexString(hash.GetHashAndReset())}");
    }
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

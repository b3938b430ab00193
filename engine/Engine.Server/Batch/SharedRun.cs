using System.Diagnostics.CodeAnalysis;
using System.Runtime.ExceptionServices;
using System.Runtime.Intrinsics;
using System.Security.Cryptography;
using System.Text;
using Engine.Cluster.Parts;
using Engine.Scoring.Batch;
using Engine.Server.Errors;
using Engine.Server.Results;
using Engine.Snapshots.Writing;
using BatchWorker = Engine.Scoring.Batch.BatchWorker;

namespace Engine.Server.Batch;

/// <summary>
/// Runs a plan into a file together with the other nodes of a cluster: the bytes that <see cref="BatchRun"/> writes on
/// one machine. Every node claims parts until none is left; one of them assembles and publishes the file.
/// </summary>
internal sealed class SharedRun
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan Unknown = TimeSpan.FromSeconds(-1);

    private readonly SharedResult _result;
    private readonly BatchPlan _plan;
    private readonly string _path;
    private readonly BatchRunOptions _options;
    private readonly Action<BatchProgress>? _progress;
    private readonly CancellationToken _cancellation;
    private readonly ResultFormat _format;
    private readonly BatchRecommender _batch;
    private readonly SharedParts _files;
    private readonly string _fingerprint;
    private readonly Lock _reporting = new();

    private SharedRun(
        SharedResult result,
        BatchPlan plan,
        string path,
        BatchRunOptions options,
        Action<BatchProgress>? progress,
        CancellationToken cancellation)
    {
        (_result, _plan, _path, _options, _progress) = (result, plan, path, options, progress);
        _cancellation = cancellation;
        if (plan.IsSingleProduct)
        {
            UsersByScore.Sort(plan, options.Best, options, cancellation);
        }

        _format = ResultFormat.Of(path, plan);
        _batch = new BatchRecommender(plan);
        _files = SharedParts.Of(path);
        _fingerprint = BatchRun.Fingerprint(plan, Path.GetExtension(path));
    }

    /// <summary>Works until the result is published, given up or deleted, by whichever node.</summary>
    /// <param name="result">What the nodes share.</param>
    /// <param name="plan">What is asked.</param>
    /// <param name="path">The file, in a folder that all nodes see.</param>
    /// <param name="options">How it runs.</param>
    /// <param name="progress">Called after each part, on any thread, one call at a time.</param>
    /// <param name="finish">
    /// Called by the node that made the file, before it is published; returns what is stored with it. Another node
    /// calls it again when that one dies.
    /// </param>
    /// <param name="cancellation">Stops; committed parts stay.</param>
    /// <exception cref="NotFoundException">This machine would compute other bytes.</exception>
    /// <exception cref="StorageException">
    /// The database or the folder does not answer: this node may try again.
    /// </exception>
    public static void Run(
        SharedResult result,
        BatchPlan plan,
        string path,
        BatchRunOptions options,
        Action<BatchProgress>? progress,
        Func<string?> finish,
        CancellationToken cancellation)
    {
        // Hashes of all users and sorting come first: a task that has ended needs none.
        if (result.State() is not { HasEnded: true })
        {
            new SharedRun(result, plan, Path.GetFullPath(path), options, progress, cancellation).Run(finish);
        }
    }

    private void Run(Func<string?> finish)
    {
        // The last bits of a score depend on the instruction set.
        var machine = $"{Vector512.IsHardwareAccelerated} {Vector256.IsHardwareAccelerated} {_fingerprint}";
        if (!_result.Open(Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(machine))), _batch.Parts))
        {
            throw new NotFoundException(
                "the other nodes compute this task with another version, snapshot or instruction set. This node does "
                + "not take part in it");
        }

        // No state: the task was deleted.
        while (_result.State() is { HasEnded: false } state)
        {
            _cancellation.ThrowIfCancellationRequested();
            Report(state);
            if (!(state.Committed < _batch.Parts ? TryWork() : Assemble(finish)))
            {
                // What is left is other nodes' for the time of their leases.
                _cancellation.WaitHandle.WaitOne(Pause);
            }
        }

        // Whoever sees the end: a node that was stopped may have written a part, and made its folder again, since.
        _files.Drop();
    }

    private void Report(ResultState state)
    {
        lock (_reporting)
        {
            _progress?.Invoke(new BatchProgress(state.Committed, _batch.Parts, state.Rows, Unknown));
        }
    }

    // Threads are started when there is a part for them: while other nodes work on the rest, a look costs one claim.
    private bool TryWork()
    {
        if (_result.TryClaim(_batch.Parts, assembly: false) is not { } first)
        {
            return false;
        }

        Work(first);
        return true;
    }

    [SuppressMessage("Design", "CA1031", Justification = "Thrown again on the thread that waits.")]
    private void Work(PartClaim first)
    {
        var (next, error) = ((PartClaim?)first, (ExceptionDispatchInfo?)null);
        var threads = Enumerable.Range(0, _options.Threads).Select(n => new Thread(Take)
        {
            IsBackground = true,
            Name = $"batch {n}",
        }).ToArray();
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());
        if (next is not null)
        {
            _result.Release(next);
        }

        error?.Throw();

        void Take()
        {
            try
            {
                if (_options.Background)
                {
                    LowPriority.OfThisThread();
                }

                var (worker, encoder, encoded) = (_batch.NewWorker(), _format.NewEncoder(), new EncodedPart());
                while (error is null && Next() is { } claim)
                {
                    Answer(claim, worker, encoder, encoded);
                    Report(_result.State() ?? default);
                }
            }
            catch (Exception e)
            {
                Interlocked.CompareExchange(ref error, ExceptionDispatchInfo.Capture(e), null);
            }
        }

        PartClaim? Next() =>
            Interlocked.Exchange(ref next, null) ?? _result.TryClaim(_batch.Parts, assembly: false);
    }

    private void Answer(PartClaim claim, BatchWorker worker, PartEncoder encoder, EncodedPart encoded)
    {
        try
        {
            encoder.Begin(encoded);
            worker.Run(claim.Part, encoder.Add, _cancellation);
            encoder.End();
            if (!_result.TryCommit(claim, _files.Write(claim, encoded)))
            {
                // This node was taken for dead meanwhile. The part is another one's.
                _files.Delete(claim);
            }
        }
        finally
        {
            _result.Release(claim);
        }
    }

    private bool Assemble(Func<string?> finish)
    {
        if (_result.TryClaim(_batch.Parts, assembly: true) is not { } claim)
        {
            return false;
        }

        try
        {
            // A node may have died between this file and its publication.
            if (!File.Exists(_path))
            {
                Write(claim);
            }

            _result.TryPublish(claim, finish());
            return true;
        }
        finally
        {
            // What is left of a file that could not be written; the next claim writes one of its own.
            _files.Delete(claim);
            _result.Release(claim);
        }
    }

    private void Write(PartClaim claim)
    {
        var target = _files.PathOf(claim.Part, claim.Epoch) + Path.GetExtension(_path);
        using (var output = BatchOutput.Open(target, _fingerprint, _format.Header.Span))
        {
            var part = new EncodedPart();
            foreach (var committed in _result.Parts())
            {
                _cancellation.ThrowIfCancellationRequested();
                _files.Read(committed, part);
                output.AddPart(part);
            }

            output.Complete(_format.Footer(output.Parts), _options.KeepIndex);
        }

        if (!_result.IsHeld(claim))
        {
            throw new StorageException($"another node assembles {_path}, because this one was taken for dead");
        }

        if (_options.ListSkipped)
        {
            BatchSkipped.Write(_plan, _path);
        }

        if (_options.KeepIndex)
        {
            // First, so that the file never has its name without its list.
            AtomicFile.Rename(BatchOutput.IndexOf(target), BatchOutput.IndexOf(_path));
        }

        AtomicFile.Rename(target, _path);
    }
}

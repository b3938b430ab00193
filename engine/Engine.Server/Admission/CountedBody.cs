using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Http.Features;

namespace Engine.Server.Admission;

/// <summary>The body of a request whose bytes are counted while nobody has taken them.</summary>
/// <param name="body">What comes in.</param>
/// <param name="bytes">Counts.</param>
/// <param name="check">Looks at what has come in, and throws when it must not be read; null for nothing to see.</param>
/// <param name="pace">How fast it must come in; null for any.</param>
internal sealed class CountedBody(
    PipeReader body, ReceivedBytes bytes, Action<ReadOnlySequence<byte>>? check, BodyPace? pace)
    : PipeReader, IRequestBodyPipeFeature, IDisposable
{
    private ReadResult _last;
    private long _held;

    /// <inheritdoc/>
    public PipeReader Reader => this;

    /// <inheritdoc/>
    public override async ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        var read = body.ReadAsync(cancellationToken);
        if (!read.IsCompleted)
        {
            pace?.Begin(body);
        }

        return Hold(await read);
    }

    /// <inheritdoc/>
    public override bool TryRead(out ReadResult result)
    {
        var read = body.TryRead(out result);
        if (read)
        {
            Hold(result);
        }

        return read;
    }

    /// <inheritdoc/>
    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    /// <inheritdoc/>
    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        var left = _last.Buffer.Slice(consumed).Length;
        body.AdvanceTo(consumed, examined);
        Count(left);
    }

    /// <inheritdoc/>
    public override void CancelPendingRead() => body.CancelPendingRead();

    /// <inheritdoc/>
    public override void Complete(Exception? exception = null) => body.Complete(exception);

    /// <summary>Counts nothing any more.</summary>
    public void Dispose() => Count(0);

    private ReadResult Hold(ReadResult result)
    {
        _last = result;
        try
        {
            pace?.Received(result, result.Buffer.Length - _held);
            Count(result.Buffer.Length);
            check?.Invoke(result.Buffer);
            return result;
        }
        catch
        {
            // A reader that is left in the middle makes the server close the connection without a word.
            body.AdvanceTo(result.Buffer.End);
            Count(0);
            throw;
        }
    }

    private void Count(long held)
    {
        var before = _held;
        _held = held;
        bytes.Change(before, held);
    }
}

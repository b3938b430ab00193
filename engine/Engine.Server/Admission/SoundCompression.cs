using System.IO.Compression;
using Engine.Server.Errors;
using Engine.Server.Workspaces;
using Grpc.Core;
using Grpc.Net.Compression;

namespace Engine.Server.Admission;

/// <summary>
/// A compression of messages. One whose data is damaged or cut off is the caller's mistake, not an exception of the
/// server.
/// </summary>
internal sealed class SoundCompression(ICompressionProvider compression, ServerMetrics metrics) : ICompressionProvider
{
    /// <inheritdoc/>
    public string EncodingName => compression.EncodingName;

    /// <inheritdoc/>
    public Stream CreateCompressionStream(Stream stream, CompressionLevel? compressionLevel) =>
        compression.CreateCompressionStream(stream, compressionLevel);

    /// <inheritdoc/>
    public Stream CreateDecompressionStream(Stream stream) =>
        new Unpacked(compression.CreateDecompressionStream(stream), Refuse);

    // What was called is not known here.
    private RpcException Refuse(Exception fault)
    {
        var error = new InputException(
            $"found a message whose {EncodingName} data is damaged or cut off; expected whole data, or none: set the "
            + "first byte of a message to 0 when it is not compressed",
            fault);
        metrics.Answered("unknown", StatusCode.InvalidArgument, TimeSpan.Zero);
        return CallStatus.Of(error, StatusCode.InvalidArgument, "").ToRpcException();
    }

    private sealed class Unpacked(Stream data, Func<Exception, RpcException> refuse) : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override int Read(Span<byte> buffer)
        {
            try
            {
                return data.Read(buffer);
            }
            catch (InvalidDataException e)
            {
                throw refuse(e);
            }
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                data.Dispose();
            }

            base.Dispose(disposing);
        }
    }
}

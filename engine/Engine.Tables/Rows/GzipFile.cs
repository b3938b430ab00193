using System.IO.Compression;

namespace Engine.Tables.Rows;

/// <summary>
/// The bytes of a text file, unpacked when its name ends in .gz. A file that is cut off or damaged, or has other bytes
/// behind its gzip data, is refused in a person's words, and never read as a shorter one. Several gzip members are one
/// text. The file stays the caller's to close.
/// </summary>
internal sealed class GzipFile : Stream
{
    private readonly FileStream _file;
    private readonly GZipStream _text;
    private long _read;
    private bool _hasEnded;

    private GzipFile(FileStream file)
    {
        _file = file;
        _text = new GZipStream(file, CompressionMode.Decompress, leaveOpen: true);
    }

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => false;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>The bytes of the text in a file.</summary>
    /// <exception cref="TableException">It is not what its name says.</exception>
    public static Stream Open(FileStream file, string path)
    {
        FileContent.Check(file, path);
        return TableFiles.IsCompressed(path) ? new GzipFile(file) : file;
    }

    /// <inheritdoc/>
    public override int Read(Span<byte> buffer)
    {
        if (_hasEnded)
        {
            return 0;
        }

        try
        {
            var read = _text.Read(buffer);
            if (_read == 0 && buffer[..read] is [0x1F, 0x8B, ..])
            {
                throw new TableException("found gzip data within its gzip data; expected text. Unpack it once.");
            }

            _read += read;
            if (read == 0 && !buffer.IsEmpty)
            {
                _hasEnded = true;
                CheckEnd();
            }

            return read;
        }
        catch (InvalidDataException e)
        {
            throw new TableException(
                FormattableString.Invariant($"its gzip data is cut off or damaged after {_read} bytes of text. ")
                + "Copy or write the file again, until `gzip -t` finds no fault.",
                e);
        }
    }

    // GZipStream ends in silence at bytes that begin no member, and keeps them. Asked again, it reads its file only if
    // it has kept nothing: its file is put back to the beginning, and has moved after that.
    private void CheckEnd()
    {
        var end = _file.Position;
        _file.Position = 0;
        _ = _text.ReadByte();
        var isWhole = _file.Position > 0;
        _file.Position = end;
        if (!isWhole)
        {
            throw new TableException(
                FormattableString.Invariant($"found other bytes behind its gzip data, which is {_read} bytes of text; ")
                + "expected its end. Were texts appended that are not compressed? Compress them and append them again, "
                + "or write the whole file again.");
        }
    }

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    /// <inheritdoc/>
    public override void Flush()
    {
    }

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _text.Dispose();
        }

        base.Dispose(disposing);
    }
}

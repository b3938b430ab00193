using System.Globalization;
using Engine.Tables.Rows;
using System.Buffers.Binary;
using ParquetSharp;
using ParquetSharp.Schema;

namespace Engine.Tables.Parquet.Reading;

/// <summary>An open Parquet file: its columns, and its row groups one by one.</summary>
internal sealed class ParquetFile : IDisposable
{
    /// <summary>
    /// Bytes that are read ahead in a stored column: the rest of a large row group stays in the file.
    /// </summary>
    private const int ReadAhead = 1 << 20;

    private readonly string _path;
    private readonly ParquetFileReader _reader;
    private readonly long[] _rows;

    /// <summary>
    /// Opens a file. Errors: <see cref="TableException"/> when it is not one, was cut, or contradicts itself.
    /// </summary>
    public ParquetFile(string path)
    {
        _path = path;
        Length = CheckEnds(path);
        try
        {
            using var properties = ReaderProperties.GetDefaultReaderProperties();
            properties.EnablePageChecksumVerification();
            properties.EnableBufferedStream();
            properties.BufferSize = ReadAhead;
            _reader = new ParquetFileReader(path, properties);
            using var description = _reader.FileMetaData;
            Fields = FindFields(path, description.Schema);
            _rows = RowsOfGroups(description);
        }
#pragma warning disable CA1031 // the library answers damaged bytes with many kinds of exception
        catch (Exception e) when (e is not TableException)
#pragma warning restore CA1031
        {
            _reader?.Dispose();
            throw new TableException(
                $"{path} cannot be read as Parquet: its footer is damaged: {ParquetFault.Cause(e)}. "
                + "Copy or write the file again.",
                e);
        }
        catch
        {
            _reader?.Dispose();
            throw;
        }
    }

    /// <summary>Bytes of the file.</summary>
    public long Length { get; }

    /// <summary>The columns in the order of the file.</summary>
    public IReadOnlyList<ParquetField> Fields { get; }

    public int Groups => _rows.Length;

    /// <summary>Rows of a row group.</summary>
    public long Rows(int group) => _rows[group];

    /// <summary>
    /// Decodes the wanted columns of a row group into <paramref name="columns"/>. One thread at a time.
    /// </summary>
    public void Decode(int group, IReadOnlyList<ParquetColumn> columns)
    {
        try
        {
            using var reader = _reader.RowGroup(group);
            foreach (var column in columns)
            {
                column.Decode(reader, group + 1);
            }
        }
#pragma warning disable CA1031 // the library answers damaged bytes with many kinds of exception
        catch (Exception e) when (e is not TableException)
#pragma warning restore CA1031
        {
            throw new TableException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{_path} cannot be read as Parquet: the description of row group {group + 1} is damaged: "
                    + $"{ParquetFault.Cause(e)}. Copy or write the file again."),
                e);
        }
    }

    public void Dispose() => _reader.Dispose();

    /// <summary>Tells a file that was cut from one that is damaged inside.</summary>
    private static long CheckEnds(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
        Span<byte> start = stackalloc byte[4];
        Span<byte> end = stackalloc byte[8];
        var read = file.ReadAtLeast(start, 4, throwOnEndOfStream: false);
        if (read == 4 && (start.SequenceEqual("PARE"u8)))
        {
            throw new TableException(
                $"{path} cannot be read: it is an encrypted Parquet file. Write it without encryption.");
        }

        if (read < 4 || !start.SequenceEqual("PAR1"u8))
        {
            throw new TableException(
                $"{path} cannot be read as Parquet: it does not begin with PAR1. Check what kind of file it is.");
        }

        if (file.Length >= 12)
        {
            file.Position = file.Length - 8;
            file.ReadExactly(end);
        }

        if (end[4..].SequenceEqual("PAR1"u8) && BinaryPrimitives.ReadUInt32LittleEndian(end) is var footer
            && footer <= file.Length - 12)
        {
            return file.Length;
        }

        throw new TableException(
            $"{path} cannot be read as Parquet: it has no footer at its end. Check that it was written completely.");
    }

    private static List<ParquetField> FindFields(string path, SchemaDescriptor schema)
    {
        var fields = new List<ParquetField>();
        using var top = schema.GroupNode;
        var leaf = 0;
        foreach (var root in top.Fields)
        {
            using (root)
            {
                var leaves = Leaves(root);
                if (leaves > 0)
                {
                    fields.Add(new ParquetField(path, schema.Column(leaf), root, leaf, single: leaves == 1));
                }

                leaf += leaves;
            }
        }

        return leaf == schema.NumColumns ? fields
            : throw new TableException(
                $"{path} cannot be read as Parquet: its schema is damaged. Write the file again.");
    }

    private static int Leaves(Node node)
    {
        if (node is not GroupNode group)
        {
            return 1;
        }

        var leaves = 0;
        foreach (var member in group.Fields)
        {
            using (member)
            {
                leaves += Leaves(member);
            }
        }

        return leaves;
    }

    private long[] RowsOfGroups(FileMetaData description)
    {
        var rows = new long[description.NumRowGroups];
        for (var i = 0; i < rows.Length; i++)
        {
            using var group = _reader.RowGroup(i);
            rows[i] = group.MetaData.NumRows;
            if (rows[i] is < 0 or > int.MaxValue)
            {
                throw new TableException(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"{_path}: row group {i + 1} has {rows[i]:N0} rows; at most {int.MaxValue:N0} can be read. "
                        + $"Write smaller row groups."));
            }
        }

        return rows.Sum() == description.NumRows ? rows : throw new TableException(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{_path} cannot be read as Parquet: it announces {description.NumRows:N0} rows, but its row groups "
                + $"have "
                + $"{rows.Sum():N0}. Write the file again."));
    }
}

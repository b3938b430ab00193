using System.Buffers.Binary;
using Engine.Model.Ids;
using Engine.Scoring.Batch;
using Engine.Tables.Columnar;

namespace Engine.Server.Batch;

/// <summary>
/// Parquet: user_id (text), item_rank (int32; not of a single product), item_id (text), score (float), a part a row group.
/// Users stand in runs and ranks and products as few bits, so a row of a top 100 takes about seven bytes.
/// </summary>
internal sealed class ParquetResultFormat : ResultFormat
{
    private readonly BatchPlan _plan;
    private readonly ParquetField[] _columns;
    private readonly ParquetChunk[] _chunks;
    private readonly int[] _codes;
    private int[] _products = [];
    private int[] _ranks = [];
    private float[] _scores = [];

    /// <summary>The format for a plan's rows.</summary>
    public ParquetResultFormat(BatchPlan plan)
    {
        _plan = plan;
        _columns = plan.IsSingleProduct
            ? [new("user_id", ParquetType.Text), new("item_id", ParquetType.Text), new("score", ParquetType.Number32)]
            : [new("user_id", ParquetType.Text), new("item_rank", ParquetType.Whole32), new("item_id", ParquetType.Text), new("score", ParquetType.Number32)];
        _chunks = [.. _columns.Select(_ => new ParquetChunk())];
        _codes = new int[plan.Model.Products.Rows];
    }

    /// <inheritdoc/>
    public override ReadOnlyMemory<byte> Header { get; } = "PAR1"u8.ToArray();

    /// <inheritdoc/>
    public override byte[] Encode(BatchRows rows, int threads, Stream output)
    {
        var count = Collect(rows);
        if (count == 0)
        {
            return [];
        }

        var (users, counts) = (rows.Users.ToArray(), rows.Counts.ToArray());
        Parallel.For(0, _chunks.Length, new ParallelOptions { MaxDegreeOfParallelism = threads }, i =>
        {
            switch (_columns[i].Name)
            {
                case "user_id": EncodeUsers(_chunks[i], users, counts, count); break;
                case "item_rank": EncodeRanks(_chunks[i], count); break;
                case "item_id": EncodeProducts(_chunks[i], count); break;
                default: EncodeScores(_chunks[i], count); break;
            }
        });
        var detail = new byte[_chunks.Length * 8];
        for (var i = 0; i < _chunks.Length; i++)
        {
            output.Write(_chunks[i].Bytes.Span);
            BinaryPrimitives.WriteInt32LittleEndian(detail.AsSpan(i * 8), _chunks[i].Bytes.Length);
            BinaryPrimitives.WriteInt32LittleEndian(detail.AsSpan((i * 8) + 4), _chunks[i].DataOffset);
        }

        return detail;
    }

    /// <inheritdoc/>
    public override byte[] Footer(IReadOnlyList<JournalEntry> parts) =>
        ParquetFooter.Write(_columns, [.. parts.Where(part => part.Rows > 0).Select(RowGroup)], Header.Length);

    private static ParquetRowGroup RowGroup(JournalEntry part) =>
        new(part.Rows, [.. part.Detail.Chunk(8).Select(chunk => new ParquetExtent(
            BinaryPrimitives.ReadInt32LittleEndian(chunk), BinaryPrimitives.ReadInt32LittleEndian(chunk.AsSpan(4))))]);

    private int Collect(BatchRows rows)
    {
        var count = 0;
        foreach (var filled in rows.Counts)
        {
            count += filled;
        }

        if (_products.Length < count)
        {
            (_products, _ranks, _scores) = (new int[count], new int[count], new float[count]);
        }

        var at = 0;
        for (var user = 0; user < rows.Users.Length; user++)
        {
            var products = rows.Of(user);
            for (var i = 0; i < products.Length; i++, at++)
            {
                (_products[at], _ranks[at], _scores[at]) = (products[i].Ordinal, i, products[i].Score);
            }
        }

        return count;
    }

    private void EncodeUsers(ParquetChunk chunk, int[] users, int[] counts, int rows)
    {
        var page = chunk.Begin();
        foreach (var user in users)
        {
            AddText(page, _plan.Model.Snapshot.UserIds, user);
        }

        page = chunk.EndDictionary(users.Length);
        var bits = ParquetChunk.BitsFor(users.Length);
        page.Add((byte)bits);
        for (var i = 0; i < users.Length; i++)
        {
            if (counts[i] > 0)
            {
                ParquetChunk.AddRun(page, i, counts[i], bits);
            }
        }

        chunk.EndData(rows);
    }

    private void EncodeRanks(ParquetChunk chunk, int rows)
    {
        var page = chunk.Begin();
        for (var rank = 1; rank <= _plan.TopK; rank++)
        {
            BinaryPrimitives.WriteInt32LittleEndian(page.Take(4), rank);
        }

        page = chunk.EndDictionary(_plan.TopK);
        var bits = ParquetChunk.BitsFor(_plan.TopK);
        page.Add((byte)bits);
        ParquetChunk.AddPacked(page, _ranks.AsSpan(0, rows), bits);
        chunk.EndData(rows);
    }

    // Only products that occur are in the dictionary, by ascending ordinal.
    private void EncodeProducts(ParquetChunk chunk, int rows)
    {
        var products = _products.AsSpan(0, rows);
        Array.Fill(_codes, -1);
        foreach (var product in products)
        {
            _codes[product] = 0;
        }

        var page = chunk.Begin();
        var distinct = 0;
        for (var product = 0; product < _codes.Length; product++)
        {
            if (_codes[product] == 0)
            {
                _codes[product] = distinct++;
                AddText(page, _plan.Model.Snapshot.ProductIds, product);
            }
        }

        page = chunk.EndDictionary(distinct);
        for (var i = 0; i < rows; i++)
        {
            products[i] = _codes[products[i]];
        }

        var bits = ParquetChunk.BitsFor(distinct);
        page.Add((byte)bits);
        ParquetChunk.AddPacked(page, products, bits);
        chunk.EndData(rows);
    }

    private void EncodeScores(ParquetChunk chunk, int rows)
    {
        var bytes = chunk.Begin().Take(rows * sizeof(float));
        for (var i = 0; i < rows; i++)
        {
            BinaryPrimitives.WriteSingleLittleEndian(bytes[(i * sizeof(float))..], _scores[i]);
        }

        chunk.EndData(rows);
    }

    private static void AddText(ByteBuffer page, IdTable ids, int ordinal)
    {
        var id = ids.Utf8(ordinal);
        BinaryPrimitives.WriteInt32LittleEndian(page.Take(4), id.Length);
        page.Add(id);
    }
}

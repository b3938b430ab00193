using System.Buffers.Binary;
using Engine.Scoring.Batch;
using Engine.Scoring.Queries;
using Engine.Snapshots.Ids;
using Engine.Tables.Parquet.Writing;

namespace Engine.Server.Results;

/// <summary>Encodes parts as row groups, a column at a time, in memory that is used again.</summary>
internal sealed class ParquetPartEncoder : PartEncoder
{
    private readonly BatchPlan _plan;
    private readonly IReadOnlyList<ResultColumn> _columns;
    private readonly RowMeaning _meaning;
    private readonly ParquetChunk _chunk = new();
    private readonly List<UserOrdinal> _users = [];
    private readonly List<int> _counts = [];
    private readonly List<int> _distinct = [];
    private readonly int[] _codes;
    private readonly ByteBuffer _ranks = new();
    private int _rankedUsers = -1;
    private int[] _products = [];
    private float[] _scores = [];
    private int[] _indices = [];
    private int _rows;
    private EncodedPart _part = new();

    /// <summary>An encoder for one thread.</summary>
    public ParquetPartEncoder(BatchPlan plan, IReadOnlyList<ResultColumn> columns)
    {
        (_plan, _columns, _meaning) = (plan, columns, new RowMeaning(plan));
        _codes = new int[plan.Model.Products.Rows];
    }

    /// <inheritdoc/>
    public override void Begin(EncodedPart target)
    {
        _part = target;
        _users.Clear();
        _counts.Clear();
        _rows = 0;
    }

    /// <inheritdoc/>
    public override void Add(BatchRows rows)
    {
        _users.AddRange(rows.Users);
        _counts.AddRange(rows.Counts);
        for (var user = 0; user < rows.Users.Length; user++)
        {
            var products = rows.Of(user);
            if (_products.Length < _rows + products.Length)
            {
                var size = Math.Max(_rows + products.Length, 2 * _products.Length);
                Array.Resize(ref _products, size);
                Array.Resize(ref _scores, size);
            }

            var ordinals = _products.AsSpan(_rows);
            var scores = _scores.AsSpan(_rows);
            for (var i = 0; i < products.Length; i++)
            {
                (ordinals[i], scores[i]) = (products[i].Product.Value, products[i].Score);
            }

            _rows += products.Length;
        }
    }

    /// <inheritdoc/>
    public override void End()
    {
        _part.Bytes.Clear();
        _part.Rows = _rows;
        _part.Detail = _rows == 0 ? [] : new byte[_columns.Count * ChunkPlace.Size];
        if (_rows == 0)
        {
            return;
        }

        CollectProducts();
        for (var i = 0; i < _columns.Count; i++)
        {
            Encode(_columns[i].Name);
            _part.Bytes.Add(_chunk.Bytes.Span);
            _chunk.Place.Write(_part.Detail, i);
        }
    }

    /// <inheritdoc/>
    public override void Release()
    {
        _chunk.Release();
        _ranks.Release();
    }

    private void Encode(string column)
    {
        var snapshot = _plan.Model.Snapshot;
        switch (column)
        {
            case "user_id":
                EncodeByUser(user => snapshot.UserIds.Utf8(user.Value));
                break;
            case "item_rank":
                EncodeRanks();
                break;
            case "item_id":
                EncodeByProduct(product => snapshot.ProductIds.Utf8(product));
                break;
            case "score":
                EncodeScores();
                break;
            case ResultColumns.Probability:
                EncodeProbabilities();
                break;
            case ResultColumns.Percentile:
                EncodePercentiles();
                break;
            case ResultColumns.ItemName:
                EncodeByProduct(product => snapshot.ProductNames.Utf8(product));
                break;
            case ResultColumns.Reranked:
                EncodeByUser(_ => ResultColumns.Yes);
                break;
            case "user_reason":
                EncodeByUser(user => _plan.Reasons!.OfUser(user));
                break;
            default:
                EncodeByProduct(product => _plan.Reasons!.OfProduct(new ProductOrdinal(product)));
                break;
        }
    }

    // One text a user: runs of the user's place in the part.
    private void EncodeByUser(Func<UserOrdinal, ReadOnlySpan<byte>> text)
    {
        var page = _chunk.Begin();
        foreach (var user in _users)
        {
            AddText(page, text(user));
        }

        page = _chunk.EndDictionary(_users.Count);
        var bits = ParquetChunk.BitsFor(_users.Count);
        page.Add((byte)bits);
        for (var i = 0; i < _users.Count; i++)
        {
            if (_counts[i] > 0)
            {
                ParquetChunk.AddRun(page, i, _counts[i], bits);
            }
        }

        _chunk.EndData(_rows);
    }

    // One text a product.
    private void EncodeByProduct(Func<int, ReadOnlySpan<byte>> text)
    {
        var page = _chunk.Begin();
        foreach (var product in _distinct)
        {
            AddText(page, text(product));
        }

        page = _chunk.EndDictionary(_distinct.Count);
        var bits = ParquetChunk.BitsFor(_distinct.Count);
        page.Add((byte)bits);
        ParquetChunk.AddPacked(page, _indices.AsSpan(0, _rows), bits);
        _chunk.EndData(_rows);
    }

    private void EncodeRanks()
    {
        var page = _chunk.Begin();
        for (var rank = 1; rank <= _plan.TopK; rank++)
        {
            BinaryPrimitives.WriteInt32LittleEndian(page.Take(4), rank);
        }

        page = _chunk.EndDictionary(_plan.TopK);
        if (_rankedUsers != _users.Count || _rows != _users.Count * _plan.TopK)
        {
            PackRanks();
        }

        page.Add(_ranks.Memory.Span);
        _chunk.EndData(_rows);
    }

    // When every user has as many rows, the ranks of one part are those of the next.
    private void PackRanks()
    {
        var ranks = new int[_rows];
        var at = 0;
        foreach (var count in _counts)
        {
            for (var i = 0; i < count; i++)
            {
                ranks[at++] = i;
            }
        }

        var bits = ParquetChunk.BitsFor(_plan.TopK);
        _ranks.Clear();
        _ranks.Add((byte)bits);
        ParquetChunk.AddPacked(_ranks, ranks, bits);
        _rankedUsers = _rows == _users.Count * _plan.TopK ? _users.Count : -1;
    }

    private void EncodeScores()
    {
        var bytes = _chunk.Begin().Take(_rows * sizeof(float));
        for (var i = 0; i < _rows; i++)
        {
            BinaryPrimitives.WriteSingleLittleEndian(bytes[(i * sizeof(float))..], _scores[i]);
        }

        _chunk.EndData(_rows);
    }

    private void EncodeProbabilities()
    {
        var page = BeginOptional(_meaning.HasProbability);
        for (var i = 0; _meaning.HasProbability && i < _rows; i++)
        {
            BinaryPrimitives.WriteDoubleLittleEndian(page.Take(sizeof(double)), _meaning.Probability(_scores[i]));
        }

        _chunk.EndData(_rows);
    }

    private void EncodePercentiles()
    {
        var page = BeginOptional(_meaning.HasPercentile);
        for (var i = 0; _meaning.HasPercentile && i < _rows; i++)
        {
            var row = new ScoredProduct(new ProductOrdinal(_products[i]), _scores[i]);
            BinaryPrimitives.WriteSingleLittleEndian(page.Take(sizeof(float)), _meaning.Percentile(row));
        }

        _chunk.EndData(_rows);
    }

    // One run of definition levels: all cells are there, or none. Their length stands before them.
    private ByteBuffer BeginOptional(bool isThere)
    {
        var page = _chunk.Begin();
        page.Take(sizeof(int));
        ParquetChunk.AddRun(page, isThere ? 1 : 0, _rows, bits: 1);
        var length = page.Length - sizeof(int);
        BinaryPrimitives.WriteInt32LittleEndian(page.Written[..sizeof(int)], length);
        return page;
    }

    // Only products that occur are in the dictionary, by ascending ordinal.
    private void CollectProducts()
    {
        if (_indices.Length < _rows)
        {
            _indices = new int[_products.Length];
        }

        Array.Fill(_codes, -1);
        var products = _products.AsSpan(0, _rows);
        foreach (var product in products)
        {
            _codes[product] = 0;
        }

        _distinct.Clear();
        for (var product = 0; product < _codes.Length; product++)
        {
            if (_codes[product] == 0)
            {
                _codes[product] = _distinct.Count;
                _distinct.Add(product);
            }
        }

        for (var i = 0; i < products.Length; i++)
        {
            _indices[i] = _codes[products[i]];
        }
    }

    private static void AddText(ByteBuffer page, ReadOnlySpan<byte> text)
    {
        BinaryPrimitives.WriteInt32LittleEndian(page.Take(4), text.Length);
        page.Add(text);
    }
}

using Engine.Snapshots.Forgetting;
using Engine.Snapshots.Ids;
using Engine.Snapshots.Manifest;
using Engine.Tables;
using Engine.Tables.Rows;
using Engine.Datasets.Mapping;

namespace Engine.Datasets.Behaviors;

/// <summary>Maps and checks one row of the behavior table at a time; the results stand in its properties.</summary>
internal sealed class BehaviorRowParser
{
    private const char ReplacementCharacter = '\uFFFD';

    private readonly BehaviorTable _table;
    private readonly IdTable _products;
    private readonly TimeParser _times;
    private readonly (string Value, BehaviorKind Kind)[] _kinds;
    private readonly bool _decimalComma;
    private readonly bool _negativeIsRefund;
    private readonly DateTime _latest;
    private readonly int _typeColumn = -1;
    private readonly int _timeColumn;
    private readonly int _userColumn;
    private readonly int _productColumn;
    private readonly int _countColumn = -1;
    private readonly int _orderColumn = -1;
    private readonly int _amountColumn = -1;
    private readonly bool _takesAll;
    private string _lastUser = "";
    private int _lastUserNumber = -1;

    /// <param name="table">The mapping.</param>
    /// <param name="products">The known products.</param>
    /// <param name="takesAll">
    /// Whether other products are added to them instead of rejected, and amounts are read.
    /// </param>
    public BehaviorRowParser(BehaviorTable table, IdTable products, bool takesAll = false)
    {
        (_table, _products, _takesAll) = (table, products, takesAll);
        _times = TimeParser.For(table.TimeFormat);
        _decimalComma = table.DecimalComma ?? false;
        _negativeIsRefund = table.NegativeCount == NegativeCount.Refund;
        _latest = table.LatestMoment() ?? DateTime.MaxValue;
        var columns = new List<string>();
        _kinds = table.TypeColumns is null
            ? [.. table.Types.Select(pair => (pair.Key, pair.Value))]
            : [("", BehaviorKind.Ignored), .. table.TypeColumns.Select(pair => (pair.Key, pair.Value))];
        _typeColumn = Add(table.TypeColumns is null ? table.Type : "behavior type");
        _timeColumn = Add(table.Time);
        _userColumn = Add(table.UserId);
        _productColumn = Add(table.ProductId);
        _countColumn = Add(table.TypeColumns is null ? table.Count : "count");
        _orderColumn = Add(table.OrderId);
        _amountColumn = Add(takesAll ? table.Amount : null);
        Columns = columns;

        int Add(string? column)
        {
            if (column is not null)
            {
                columns.Add(column);
            }

            return column is null ? -1 : columns.Count - 1;
        }
    }

    /// <summary>The columns that the rows given to <see cref="Parse"/> must have, in this order.</summary>
    public IReadOnlyList<string> Columns { get; }

    /// <summary>As <see cref="TimeParser.Offsets"/>.</summary>
    public IReadOnlyList<(string Offset, long Count)> Offsets => _times.Offsets;

    /// <summary>Opens the table's files for <see cref="Parse"/>.</summary>
    public TableReader Open() => _table.TypeColumns is null
        ? TableFile.Open(_table.Files, Columns, _table.Csv())
        : new TypeColumnsReader(_table, Columns, _countColumn);

    /// <summary>All users seen in accepted rows.</summary>
    public IdTable Users { get; } = new();

    /// <summary>What the row stands for; of a rejected row what its type says, if <see cref="KnowsKind"/>.</summary>
    public BehaviorKind Kind { get; private set; }

    /// <summary>Whether the row's type is known, so that <see cref="Kind"/> is set.</summary>
    public bool KnowsKind { get; private set; }

    /// <summary>Whether the row is a refund because its count is negative.</summary>
    public bool IsNegative { get; private set; }

    /// <summary>When.</summary>
    public DateTime Time { get; private set; }

    /// <summary>When, in days since 1970-01-01.</summary>
    public int Day { get; private set; }

    /// <summary>Number in <see cref="Users"/>; not set for ignored rows.</summary>
    public int User { get; private set; }

    /// <summary>Number of the product; not set for ignored rows.</summary>
    public int Product { get; private set; }

    /// <summary>How many, 1 or more.</summary>
    public long Count { get; private set; }

    /// <summary>
    /// Reads the row's cells. Returns null when the row is accepted, else why not. An ignored row needs a time only.
    /// </summary>
    public RejectReason? Parse(TableReader row)
    {
        (KnowsKind, IsNegative) = (false, false);
        if (row.Fault != RowFault.None)
        {
            return row.Fault == RowFault.BrokenQuotes ? RejectReason.BrokenQuotes : RejectReason.WrongCellCount;
        }

        if (FindKind(row) is not { } kind)
        {
            return row.Text(_typeColumn).Contains(ReplacementCharacter)
                ? RejectReason.BadEncoding
                : RejectReason.UnknownType;
        }

        (Kind, KnowsKind) = (kind, true);
        return ParseTime(row.Text(_timeColumn)) ?? (kind == BehaviorKind.Ignored ? null : ParseRest(row));
    }

    /// <summary>Whether the row is about a person who was forgotten.</summary>
    public bool IsForgotten(TableReader row, ForgottenUsers forgotten) =>
        forgotten.Count > 0 && row.Fault == RowFault.None && forgotten.Contains(row.Text(_userColumn));

    /// <summary>Whether a whole row is of a user outside some buckets; null means all buckets.</summary>
    public bool IsElsewhere(TableReader row, BucketRange? buckets) =>
        buckets is { } range && row.Fault == RowFault.None
        && !range.Contains(UserBuckets.Of(row.Text(_userColumn)));

    /// <summary>What a whole row's type stands for, or null when it is not in the mapping.</summary>
    public BehaviorKind? FindKind(TableReader row)
    {
        if (_typeColumn < 0)
        {
            return _table.ConstantType;
        }

        // A handful of short words: comparing them in turn is faster than hashing one.
        var type = row.Text(_typeColumn);
        foreach (var (value, kind) in _kinds)
        {
            if (type.SequenceEqual(value))
            {
                return kind;
            }
        }

        return null;
    }

    /// <summary>The order id of the row last parsed, or null without one.</summary>
    public string? OrderId(TableReader row) => OrderText(row) is { IsEmpty: false } order ? order.ToString() : null;

    /// <summary>The same, empty without one; valid until the next row.</summary>
    public ReadOnlySpan<char> OrderText(TableReader row) => _orderColumn >= 0 ? row.Text(_orderColumn) : [];

    /// <summary>The text of its amount, empty without one; valid until the next row.</summary>
    public ReadOnlySpan<char> AmountText(TableReader row) => _amountColumn >= 0 ? row.Text(_amountColumn) : [];

    /// <summary>The amount of the row last parsed, or null without a readable one.</summary>
    public decimal? Amount(TableReader row) =>
        _amountColumn >= 0
            && NumberText.TryParse(AmountText(row), HasCommas(row, _amountColumn), out decimal amount)
            ? amount
            : null;

    /// <summary>The column of the cell that is to blame for a rejection, or -1 when it is the whole row.</summary>
    public int ColumnOf(RejectReason reason, TableReader row) => reason switch
    {
        RejectReason.UnknownType => _typeColumn,
        RejectReason.MissingTime or RejectReason.BadTime or RejectReason.TimeOutOfRange or RejectReason.TimeTooLate =>
            _timeColumn,
        RejectReason.MissingUser => _userColumn,
        RejectReason.MissingProduct or RejectReason.UnknownProduct => _productColumn,
        RejectReason.BadCount or RejectReason.CountNotPositive => _countColumn,
        RejectReason.BadEncoding =>
            Array.Find(
                [_typeColumn, _userColumn, _productColumn],
                column => column >= 0 && row.Text(column).Contains(ReplacementCharacter)),
        _ => -1,
    };

    private RejectReason? ParseTime(ReadOnlySpan<char> text)
    {
        if (text.IsEmpty)
        {
            return RejectReason.MissingTime;
        }

        if (!_times.TryParse(text, out var time))
        {
            return RejectReason.BadTime;
        }

        (Time, Day) = (time, DayNumber.Of(DateOnly.FromDateTime(time)));
        return Day < 0 ? RejectReason.TimeOutOfRange : time > _latest ? RejectReason.TimeTooLate : null;
    }

    private RejectReason? ParseRest(TableReader row)
    {
        var user = row.Text(_userColumn);
        var product = row.Text(_productColumn);
        if (user.IsEmpty)
        {
            return RejectReason.MissingUser;
        }

        if (product.IsEmpty)
        {
            return RejectReason.MissingProduct;
        }

        User = FindUser(user);
        if (User < 0 && user.Contains(ReplacementCharacter))
        {
            return RejectReason.BadEncoding;
        }

        Product = _products.Find(product);
        if (Product < 0 && product.Contains(ReplacementCharacter))
        {
            return RejectReason.BadEncoding;
        }

        if (Product < 0 && !_takesAll)
        {
            return RejectReason.UnknownProduct;
        }

        Count = 1;
        if (_countColumn >= 0 && row.Text(_countColumn) is { IsEmpty: false } count
            && ParseCount(count, HasCommas(row, _countColumn)) is { } fault)
        {
            return fault;
        }

        User = User < 0 ? Users.Add(user) : User;
        Product = Product < 0 ? _products.Add(product) : Product;

        return null;
    }

    /// <summary>Tables are often sorted by user: the user of the row before is tried first.</summary>
    private int FindUser(ReadOnlySpan<char> id)
    {
        if (!id.SequenceEqual(_lastUser))
        {
            _lastUserNumber = Users.Find(id);
            _lastUser = _lastUserNumber < 0 ? "" : Users[_lastUserNumber];
        }

        return _lastUserNumber;
    }

    private bool HasCommas(TableReader row, int column) => _decimalComma && row.IsText(column);

    private RejectReason? ParseCount(ReadOnlySpan<char> text, bool decimalComma)
    {
        if (text.Length == 1 && text[0] is >= '1' and <= '9')
        {
            Count = text[0] - '0';
            return null;
        }

        if (!NumberText.TryParse(text, decimalComma, out decimal count)
            || count != decimal.Truncate(count) || Math.Abs(count) > int.MaxValue)
        {
            return RejectReason.BadCount;
        }

        Count = (long)count;
        if (Count < 0 && _negativeIsRefund && (Kind is BehaviorKind.Purchase or BehaviorKind.Refund))
        {
            (Kind, Count, IsNegative) = (BehaviorKind.Refund, -Count, true);
        }

        return Count > 0 ? null : RejectReason.CountNotPositive;
    }
}

using System.Globalization;
using Engine.Tables.Rows;
using Trainer.Data.Mapping;
using Trainer.Data.Rows;

namespace Trainer.Data.Reading;

/// <summary>Maps and checks one row of the behavior table at a time; the results stand in its properties.</summary>
internal sealed class BehaviorRowParser
{
    private const char ReplacementCharacter = '\uFFFD';

    private readonly IdTable _products;
    private readonly TimeParser _times;
    private readonly (string Value, BehaviorKind Kind)[] _kinds;
    private readonly int _countColumn = -1;
    private readonly int _orderColumn = -1;
    private string _lastUser = "";
    private int _lastUserNumber = -1;

    public BehaviorRowParser(BehaviorTable table, IdTable products)
    {
        _products = products;
        _times = TimeParser.For(table.TimeFormat);
        _kinds = [.. table.Types.Select(pair => (pair.Key, pair.Value))];
        List<string> columns = [table.Type, table.Time, table.UserId, table.ProductId];
        if (table.Count is not null)
        {
            _countColumn = columns.Count;
            columns.Add(table.Count);
        }

        if (table.OrderId is not null)
        {
            _orderColumn = columns.Count;
            columns.Add(table.OrderId);
        }

        Columns = columns;
    }

    /// <summary>The columns that the rows given to <see cref="Parse"/> must have, in this order.</summary>
    public IReadOnlyList<string> Columns { get; }

    /// <summary>All users seen in accepted rows.</summary>
    public IdTable Users { get; } = new();

    /// <summary>What the row stands for.</summary>
    public BehaviorKind Kind { get; private set; }

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
        if (row.Fault != RowFault.None)
        {
            return row.Fault == RowFault.BrokenQuotes ? RejectReason.BrokenQuotes : RejectReason.WrongCellCount;
        }

        if (FindKind(row) is not { } kind)
        {
            return RejectReason.UnknownType;
        }

        Kind = kind;
        return ParseTime(row.Text(1)) ?? (kind == BehaviorKind.Ignored ? null : ParseRest(row));
    }

    /// <summary>What a whole row's type stands for, or null when it is not in the mapping.</summary>
    public BehaviorKind? FindKind(TableReader row)
    {
        // A handful of short words: comparing them in turn is faster than hashing one.
        var type = row.Text(0);
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
    public string? OrderId(TableReader row) =>
        _orderColumn >= 0 && row.Text(_orderColumn) is { IsEmpty: false } order ? order.ToString() : null;

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

        (Time, Day) = (time, BehaviorLog.Day(DateOnly.FromDateTime(time)));
        return Day < 0 ? RejectReason.TimeOutOfRange : null;
    }

    private RejectReason? ParseRest(TableReader row)
    {
        var user = row.Text(2);
        var product = row.Text(3);
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
        if (Product < 0)
        {
            return product.Contains(ReplacementCharacter) ? RejectReason.BadEncoding : RejectReason.UnknownProduct;
        }

        Count = 1;
        if (_countColumn >= 0 && row.Text(_countColumn) is { IsEmpty: false } count && ParseCount(count) is { } fault)
        {
            return fault;
        }

        if (User < 0)
        {
            User = Users.Add(user);
        }

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

    private RejectReason? ParseCount(ReadOnlySpan<char> text)
    {
        if (text.Length == 1 && text[0] is >= '1' and <= '9')
        {
            Count = text[0] - '0';
            return null;
        }

        if (!decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var count)
            || count != decimal.Truncate(count) || Math.Abs(count) > int.MaxValue)
        {
            return RejectReason.BadCount;
        }

        Count = (long)count;
        return Count > 0 ? null : RejectReason.CountNotPositive;
    }
}

using Engine.Datasets.Mapping;
using Engine.Tables.Rows;

namespace Engine.Datasets.Behaviors;

/// <summary>What some users bought in some days, net of refunds.</summary>
public sealed class PurchaseReader
{
    private readonly IdTable _products = new();
    private readonly BehaviorRowParser _parser;
    private readonly int _first;
    private readonly int _last;
    private readonly int _users;
    private readonly List<OrderLine> _refunds = [];
    private readonly List<Purchase> _purchases = [];
    private readonly HashSet<ulong>? _seen;
    private readonly bool _hasAmounts;
    private long _withoutAmount;
    private long _badAmounts;
    private string? _firstBadAmount;

    private PurchaseReader(BehaviorTable table, IEnumerable<string> users, int first, int last)
    {
        (_first, _last, _hasAmounts) = (first, last, table.Amount is not null);
        _seen = table.Duplicates == DuplicateRows.Drop ? [] : null;
        _parser = new BehaviorRowParser(table, _products, takesAll: true);
        foreach (var user in users)
        {
            _parser.Users.Add(user);
        }

        _users = _parser.Users.Count;
    }

    /// <summary>
    /// Reads the behavior table, a second time when there are refunds; memory grows with the purchases that are found.
    /// </summary>
    /// <param name="definition">The mapping, with absolute paths of files.</param>
    /// <param name="users">The users, each once. <see cref="Purchase.User"/> is the place in them.</param>
    /// <param name="first">The first day.</param>
    /// <param name="last">The last day.</param>
    /// <param name="cancel">Ends the work with an <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="TableException">A file cannot be read or lacks a column.</exception>
    public static PurchaseReport Read(
        DatasetDefinition definition,
        IEnumerable<string> users,
        DateOnly first,
        DateOnly last,
        CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(definition);
        var reader = new PurchaseReader(definition.Behavior, users, DayNumber.Of(first), DayNumber.Of(last));
        var (rows, rejected, latest) = (0L, 0L, DateTime.MinValue);
        reader.Scan(
            row =>
            {
                rows++;
                if (reader._parser.Parse(row) is not null)
                {
                    rejected++;
                    return;
                }

                latest = reader._parser.Time > latest ? reader._parser.Time : latest;
                reader.Add(row);
            },
            cancel);
        if (reader._refunds.Count > 0)
        {
            reader.TakeRefunds(cancel);
        }

        return new PurchaseReport(
            [.. reader._purchases.Where(purchase => purchase.Count > 0)], reader._products.ToArray(), rows, rejected,
            latest == DateTime.MinValue ? null : DateOnly.FromDateTime(latest), reader._hasAmounts)
        {
            Found = reader._purchases.Count,
            WithoutAmount = reader._withoutAmount,
            BadAmounts = reader._badAmounts,
            FirstBadAmount = reader._firstBadAmount,
        };
    }

    private void Scan(Action<TableReader> visit, CancellationToken cancel)
    {
        using var rows = _parser.Open();
        for (var read = 0L; rows.Read(); read++)
        {
            if ((read & 0xFFFF) == 0)
            {
                cancel.ThrowIfCancellationRequested();
            }

            visit(rows);
        }
    }

    private void Add(TableReader row)
    {
        if (_parser.Kind is not (BehaviorKind.Purchase or BehaviorKind.Refund) || _parser.User >= _users
            || _parser.Day < _first || (_parser.Kind == BehaviorKind.Purchase && _parser.Day > _last) || IsDropped(row))
        {
            return;
        }

        if (_parser.Kind == BehaviorKind.Refund)
        {
            // A refund after the last day still cancels a purchase of these days.
            _refunds.Add(Line(row, 0));
        }
        else
        {
            var amount = _parser.Amount(row);
            if (amount is null && _hasAmounts)
            {
                CountWithout(row);
            }

            _purchases.Add(
                new Purchase(_parser.User, _parser.Product, _parser.Count, (double)(amount ?? 0), _parser.Day));
        }
    }

    private void CountWithout(TableReader row)
    {
        var text = _parser.AmountText(row);
        if (text.IsEmpty)
        {
            _withoutAmount++;
            return;
        }

        _badAmounts++;
        _firstBadAmount ??=
            FormattableString.Invariant($"'{text.ToString()}' ({Path.GetFileName(row.File)}, line {row.Line})");
    }

    // Purchases of all days are matched, because a refund may belong to one before the first day.
    private void TakeRefunds(CancellationToken cancel)
    {
        var pairs = _refunds.Select(refund => (refund.User, refund.Product)).ToHashSet();
        var (candidates, next) = (new List<OrderLine>(), 0);
        _seen?.Clear();
        Scan(
            row =>
            {
                if (row.Fault != RowFault.None || _parser.FindKind(row) != BehaviorKind.Purchase
                    || _parser.Parse(row) is not null
                    || _parser.Kind != BehaviorKind.Purchase || _parser.User >= _users || IsDropped(row))
                {
                    return;
                }

                var isKept = _parser.Day >= _first && _parser.Day <= _last;
                if (isKept && (next == _purchases.Count
                    || (_purchases[next].User, _purchases[next].Product) != (_parser.User, _parser.Product)))
                {
                    throw new InputException(
                        "the behavior table changed while it was read. "
                        + "Measure again when it has been written completely");
                }

                if (pairs.Contains((_parser.User, _parser.Product)))
                {
                    candidates.Add(Line(row, isKept ? next : -1));
                }

                next += isKept ? 1 : 0;
            },
            cancel);
        RefundMatcher.Apply(_refunds, candidates, (index, left) =>
        {
            if (index >= 0)
            {
                var purchase = _purchases[(int)index];
                _purchases[(int)index] =
                    purchase with { Count = left, Amount = purchase.Amount * left / purchase.Count };
            }
        });
    }

    // Only rows that count are remembered; a copy of such a row counts, too.
    private bool IsDropped(TableReader row) => _seen is not null && !_seen.Add(row.RowHash());

    private OrderLine Line(TableReader row, long index) =>
        new(
            index, _parser.User, _parser.Product, _parser.Time, _parser.Count, _parser.OrderId(row),
            _parser.IsNegative);
}

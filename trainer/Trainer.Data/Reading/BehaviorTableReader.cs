using Engine.Datasets.Behaviors;
using Engine.Snapshots.Forgetting;
using Engine.Snapshots.Manifest;
using Engine.Tables.Rows;
using Engine.Datasets.Mapping;
using Trainer.Data.Progress;
using Trainer.Data.Rows;
using RejectedRow = Trainer.Data.Rows.RejectedRow;

namespace Trainer.Data.Reading;

/// <summary>
/// Reads the behavior table in a stream. The log has no room for exact times and order ids, so those of purchases are
/// noted in a file if there may be refunds: memory stays constant, the match is exact, the table is read once.
/// </summary>
internal sealed class BehaviorTableReader(
    BehaviorTable table,
    IdTable products,
    ForgottenUsers forgotten,
    BucketRange? buckets,
    Action<DatasetSize>? check,
    IProgressReporter progress,
    CancellationToken cancel)
{
    private const int TextLimit = 200;

    private readonly BehaviorRowParser _parser = new(table, products);
    private readonly RejectionLog _rejections = new();
    private readonly RejectionLog _notes = new();
    private readonly List<OrderLine> _refunds = [];
    private long _elsewhere;

    private readonly HashSet<ulong>? _seen = table.Duplicates == DuplicateRows.Drop ? [] : null;

    /// <summary>The kept behaviors.</summary>
    public BehaviorLog Log { get; } = new();

    /// <summary>All users of kept behaviors and refunds.</summary>
    public IdTable Users => _parser.Users;

    /// <summary>The latest time of any accepted row; null when none was accepted.</summary>
    public DateTime? Last { get; private set; }

    /// <summary>Where the row of <see cref="Last"/> stands.</summary>
    public (string File, long Line) LastPlace { get; private set; }

    /// <summary>Rejected rows by the kind that their type says; rows of unknown types are in none.</summary>
    public long[] RejectedOfKind { get; } = new long[Enum.GetValues<BehaviorKind>().Length + 1];

    /// <summary>Accepted rows that repeat an earlier one exactly.</summary>
    public RepeatedRows Repeated { get; } = new();

    /// <summary>Rows that were dropped because they repeat an earlier one.</summary>
    public long Dropped { get; private set; }

    /// <summary>The first row that repeats an earlier one: its file, line and text; null when none does.</summary>
    public RejectedRow? FirstRepeated { get; private set; }

    /// <summary>As <see cref="Engine.Datasets.Mapping.TimeParser.Offsets"/>.</summary>
    public IReadOnlyList<(string Offset, long Count)> Offsets => _parser.Offsets;

    /// <summary>Accepted rows by day since 1970-01-01.</summary>
    public long[] RowsOfDay { get; } = new long[ushort.MaxValue + 1];

    /// <summary>Accepted rows by kind.</summary>
    public long[] RowsOfKind { get; } = new long[Enum.GetValues<BehaviorKind>().Length + 1];

    /// <summary>Rows of people who were forgotten: passed over, neither accepted nor rejected.</summary>
    public long ForgottenRows { get; private set; }

    /// <summary>What became of the refunds.</summary>
    public RefundReport Refunds { get; private set; } = new(0, 0, 0, 0);

    /// <summary>Reads everything.</summary>
    public TableReport Read()
    {
        using var purchases = MayRefund(table) ? new PurchaseNotes() : null;
        var rows = Scan(row =>
        {
            if (_parser.IsElsewhere(row, buckets))
            {
                _elsewhere++;
            }
            else if (_parser.IsForgotten(row, forgotten))
            {
                ForgottenRows++;
            }
            else if (_parser.Parse(row) is { } reason)
            {
                _rejections.Add(reason, row, _parser.ColumnOf(reason, row));
                RejectedOfKind[_parser.KnowsKind ? (int)_parser.Kind : 0]++;
            }
            else if (IsDropped(row))
            {
                _rejections.Add(RejectReason.Duplicate, row);
                FirstRepeated ??= new RejectedRow(row.File, row.Line, row.RowText(TextLimit));
                Dropped++;
            }
            else
            {
                Accept(row, purchases);
            }
        });
        if (_refunds.Count > 0)
        {
            Refunds = RefundMatcher.Apply(
                _refunds,
                FindRefundable(purchases!),
                (index, left) => Log.SetCount(index, (int)Math.Min(left, BehaviorLog.MaxCount)));
        }

        rows -= _elsewhere;
        return new TableReport(rows, rows - _rejections.Total - ForgottenRows, _rejections.ToList(), _notes.ToList());
    }

    /// <summary>The reasons for rejection and their counts in one line.</summary>
    public string RejectionSummary() => ProductTableReader.Summary(_rejections);

    // Whether a row can be a refund by what the mapping says.
    private static bool MayRefund(BehaviorTable table) => table.NegativeCount == NegativeCount.Refund
        || table.ConstantType == BehaviorKind.Refund
        || (table.TypeColumns ?? table.Types).Values.Contains(BehaviorKind.Refund);

    private long Scan(Action<TableReader> visit)
    {
        const string Stage = "read behaviors";
        using var rows = _parser.Open();
        long read = 0;
        while (rows.Read())
        {
            if ((read++ & 0xFFFF) == 0)
            {
                cancel.ThrowIfCancellationRequested();
                progress.Report(Stage, rows.Bytes.Done, rows.Bytes.Total + 1);
                Check(rows.Bytes);
            }

            visit(rows);
        }

        progress.Report(Stage, 1, 1);
        return read;
    }

    // What is behind the reader counts as read, so the table has rather more rows than this says.
    private void Check((long Done, long Total) bytes)
    {
        if (bytes.Done > 0)
        {
            var rows = (long)(Log.Count * (double)Math.Max(bytes.Done, bytes.Total) / bytes.Done);
            check?.Invoke(new DatasetSize(rows, Users.Count, products.Count));
        }
    }

    private void Accept(TableReader row, PurchaseNotes? purchases)
    {
        if (Last is null || _parser.Time > Last)
        {
            (Last, LastPlace) = (_parser.Time, (row.File, row.Line));
        }

        RowsOfDay[_parser.Day]++;
        RowsOfKind[(int)_parser.Kind]++;
        if (_seen is null && _parser.Kind != BehaviorKind.Ignored && Repeated.Add(row.RowHash()))
        {
            FirstRepeated ??= new RejectedRow(row.File, row.Line, row.RowText(TextLimit));
        }

        if (_parser.Kind == BehaviorKind.Refund)
        {
            _refunds.Add(Line(row));
        }
        else if (_parser.Kind != BehaviorKind.Ignored)
        {
            Log.Add(_parser.User, _parser.Product, _parser.Day, (BehaviorType)_parser.Kind, _parser.Count);
            if (_parser.Kind == BehaviorKind.Purchase)
            {
                purchases?.Add(_parser.Time.TimeOfDay, _parser.Count, _parser.OrderText(row));
            }

            if (_parser.Count > BehaviorLog.MaxCount)
            {
                _notes.Add(RejectReason.CountCut, row);
            }
        }
    }

    /// <summary>Whether the mapping drops rows that repeat an earlier one, and this one does.</summary>
    private bool IsDropped(TableReader row) =>
        _seen is not null && _parser.Kind != BehaviorKind.Ignored && !_seen.Add(row.RowHash());

    // The purchases of refunded user-product pairs, with what was noted of them.
    private List<OrderLine> FindRefundable(PurchaseNotes notes)
    {
        var pairs = _refunds.Select(refund => (refund.User, refund.Product)).ToHashSet();
        var purchases = new List<OrderLine>();
        var index = -1L;
        foreach (var (time, count, order) in notes.Read())
        {
            do
            {
                index++;
            }
            while (Log[index].Type != BehaviorType.Purchase);
            var seen = Log[index];
            if (pairs.Contains((seen.User, seen.Product)))
            {
                var when = BehaviorLog.Date(seen.Day).ToDateTime(TimeOnly.FromTimeSpan(time));
                purchases.Add(new OrderLine(index, seen.User, seen.Product, when, count ?? seen.Count, order));
            }
        }

        return purchases;
    }

    private OrderLine Line(TableReader row) =>
        new(0, _parser.User, _parser.Product, _parser.Time, _parser.Count, _parser.OrderId(row), _parser.IsNegative);
}

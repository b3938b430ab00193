using Engine.Datasets.Behaviors;
using Engine.Tables.Rows;
using Trainer.Data.Rows;

namespace Trainer.Data.Reading;

/// <summary>Counts rows by reason and keeps the first ten of each.</summary>
internal sealed class RejectionLog
{
    private const int Kept = 10;
    private const int TextLimit = 200;

    private readonly long[] _counts = new long[Enum.GetValues<RejectReason>().Length];
    private readonly Dictionary<RejectReason, List<RejectedRow>> _first = [];

    /// <summary>All that was counted.</summary>
    public long Total => _counts.Sum();

    /// <summary>Counts the reader's current row.</summary>
    /// <param name="reason">Why.</param>
    /// <param name="row">The row.</param>
    /// <param name="column">The column of the cell that is to blame, or -1.</param>
    public void Add(RejectReason reason, TableReader row, int column = -1)
    {
        if (_counts[(int)reason]++ == 0)
        {
            _first[reason] = [];
        }

        if (_first[reason] is { Count: < Kept } first)
        {
            first.Add(
                new RejectedRow(row.File, row.Line, row.RowText(TextLimit))
                {
                    Value = column < 0 ? null : row.Text(column).ToString(),
                });
        }
    }

    /// <summary>What was counted, by reason.</summary>
    public List<Rejection> ToList() =>
        [.. _first.OrderBy(pair => pair.Key)
            .Select(pair => new Rejection(pair.Key, _counts[(int)pair.Key], pair.Value))];
}

using Engine.Datasets.Behaviors;
using System.Globalization;
using Engine;
using Engine.Datasets.Mapping;
using Engine.Snapshots.Manifest;
using Trainer.Data.Rows;
using RejectedRow = Trainer.Data.Rows.RejectedRow;

namespace Trainer.Data.Reading;

/// <summary>What a person should know although training goes on.</summary>
internal static class DatasetWarnings
{
    private const long FewRows = 1_000_000;
    private const int FarDays = 30;
    private const int ScopeDays = 366;
    private const int FewShare = 20;

    /// <summary>Says how many rows repeat an earlier one, where the first one is, and what became of them.</summary>
    public static IEnumerable<string> Repeated(
        RejectedRow? first, long dropped, RepeatedRows repeated, TableReport behaviors)
    {
        if (first is null)
        {
            yield break;
        }

        var place = $"The first is in {first.File}, line {first.Line}: {first.Text}";
        yield return dropped > 0
            ? string.Create(
                CultureInfo.InvariantCulture,
                $"{dropped:N0} of {behaviors.RowsRead:N0} behavior rows repeat an earlier row exactly and were "
                + $"dropped, as behavior.duplicates says. {place}")
            : string.Create(
                CultureInfo.InvariantCulture,
                $"{(repeated.IsEstimate ? "About " : "")}{repeated.Count:N0} of {behaviors.Accepted:N0} behavior rows "
                + $"repeat an earlier row exactly. All were kept. If they are copies, set behavior.duplicates to drop "
                + $"and train again. {place}");
    }

    /// <summary>Says how many refunds cancel nothing, when they are one in twenty or more.</summary>
    public static IEnumerable<string> Refunds(RefundReport refunds, BehaviorTable table)
    {
        if (refunds.Unmatched > 0 && refunds.Unmatched * FewShare >= refunds.Rows)
        {
            var (also, advice) = table.OrderId is null
                ? ("", "")
                : (" and order id",
                    " If refunds have order ids of their own, take behavior.order_id out of the mapping.");
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"{refunds.Unmatched:N0} of {refunds.Rows:N0} refunds found no purchase, or too little of one, to "
                + $"cancel: they take from earlier purchases of the same user, product{also}. Those purchases "
                + $"count as kept.{advice} Check their ids and times.");
        }
    }

    /// <summary>
    /// Says that unreadable times have day and month the other way round: others that fit both orders are read wrongly.
    /// </summary>
    public static IEnumerable<string> OtherOrder(TableReport behaviors, string format)
    {
        var other = format == TimeParser.DayFirst ? TimeParser.MonthFirst
            : format == TimeParser.MonthFirst ? TimeParser.DayFirst
            : null;
        if (other is null || behaviors.Rejections.FirstOrDefault(r => r.Reason == RejectReason.BadTime) is not { } bad)
        {
            yield break;
        }

        var parser = TimeParser.For(other);
        var read = bad.First.Where(row => parser.TryParse(row.Value, out _)).ToArray();
        if (read.Length * 2 > bad.First.Count)
        {
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"{bad.Count:N0} times cannot be read as {format}, and most of the first as {other}, for example "
                + $"'{read[0].Value}' ({Path.GetFileName(read[0].File)}, line {read[0].Line}). Others that are written "
                + $"so fit both and were read with day and month exchanged: write all times in one order.");
        }
    }

    /// <summary>Whole sentences, in a fixed order.</summary>
    public static List<string> Find(
        BehaviorLog log,
        DateTime last,
        long[] rowsOfDay,
        TableReport behaviors,
        TableReport products,
        IReadOnlyList<(string Offset, long Count)> offsets)
    {
        var warnings = new List<string>();
        var lastDay = DateOnly.FromDateTime(last);
        if (FirstPurchase(log) is { } first && first.AddYears(1) > lastDay.AddDays(1))
        {
            warnings.Add($"Less than one year of purchases: the first is of {Iso(first)}, the latest behavior of " +
                $"{Iso(lastDay)}. Predictions cannot learn the seasons; hand over at least a year.");
        }

        if (behaviors.Accepted < FewRows)
        {
            warnings.Add(string.Create(CultureInfo.InvariantCulture,
                $"Only {behaviors.Accepted:N0} usable behaviors; results get better from {FewRows:N0} on."));
        }

        if (FindFarLatest(rowsOfDay, behaviors.Accepted, BehaviorLog.Day(lastDay)) is var (day, later))
        {
            warnings.Add($"The latest time, {last:yyyy-MM-dd HH:mm:ss}, lies more than {FarDays} days after "
                + "nearly all others: only " +
                $"{later} rows are later than {Iso(BehaviorLog.Date(day))}. The scope year ends there; "
                + "correct the times if they are wrong.");
        }

        if (FindFarEarlier(rowsOfDay, BehaviorLog.Day(lastDay)) is var (ends, earlier))
        {
            warnings.Add(string.Create(CultureInfo.InvariantCulture,
                $"{earlier:N0} of {behaviors.Accepted:N0} behavior rows lie more than a year before all others: they "
                + $"end on {Iso(BehaviorLog.Date(ends))}. The scope year holds none of them. If their times are "
                + $"wrong, correct them or behavior.time_format; if the later ones are, set behavior.latest_time."));
        }

        if (offsets.Count > 1)
        {
            var (rarest, few) = offsets.MinBy(one => one.Count);
            warnings.Add($"Times have {offsets.Count} different offsets from UTC "
                + $"({string.Join(", ", offsets.Take(8).Select(one => one.Offset))}): a dataset has one zone, so " +
                "the wall clock of each was kept. Convert them to one zone if they are not of one place. " +
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{few:N0} of {offsets.Sum(one => one.Count):N0} times have the rarest, {rarest}."));
        }

        if (products.Notes.FirstOrDefault(r => r.Reason == RejectReason.BadEncoding) is { } garbled)
        {
            warnings.Add($"{garbled.Count} names or tags of the product table are not text in its "
                + "encoding and were left empty; " +
                $"the first is in {garbled.First[0].File}, line {garbled.First[0].Line}. Set product.encoding.");
        }

        if (products.Rejections.FirstOrDefault(r => r.Reason == RejectReason.DuplicateProduct) is { } duplicates)
        {
            warnings.Add($"{duplicates.Count} rows of the product table repeat a product id; "
                + "the first row of each was kept. " +
                "The table should have one row per product.");
        }

        var rejected = behaviors.RowsRead - behaviors.Accepted
            - behaviors.Rejections.Where(r => r.Reason == RejectReason.Duplicate).Sum(r => r.Count);
        if (rejected * 20 > behaviors.RowsRead)
        {
            warnings.Add(string.Create(CultureInfo.InvariantCulture,
                $"{100.0 * rejected / behaviors.RowsRead:F1} % of the behaviors were rejected; look at the reasons."));
        }

        return warnings;
    }

    /// <summary>
    /// Refuses a dataset that ends in 1970: there lie seconds that are read as milliseconds, and other numbers of
    /// another unit.
    /// </summary>
    public static void RefuseFirstYear(DateTime last, (string File, long Line) place)
    {
        if (last.Year == 1970)
        {
            throw new InputException(string.Create(
                CultureInfo.InvariantCulture,
                $"the latest time is {last:yyyy-MM-dd HH:mm:ss} ({place.File}, line {place.Line}), so all lie in 1970. "
                + $"Their numbers have another unit than behavior.time_format says: correct it"));
        }
    }

    /// <summary>
    /// Refuses a dataset whose latest rows, at most a twentieth of all, lie more than a year behind the others: the
    /// scope year, which ends with the latest row, would hold none of the others.
    /// </summary>
    public static void RefuseFarLatest(DateTime last, (string File, long Line) place, long[] rowsOfDay)
    {
        var rows = rowsOfDay.Sum();
        var (later, next) = (0L, BehaviorLog.Day(DateOnly.FromDateTime(last)));
        for (var day = next; day >= 0; day--)
        {
            if (rowsOfDay[day] == 0)
            {
                continue;
            }

            if (next - day > ScopeDays)
            {
                throw new InputException(string.Create(CultureInfo.InvariantCulture,
                    $"the latest time is {last:yyyy-MM-dd HH:mm:ss} ({place.File}, line {place.Line}): "
                    + $"{later:N0} of {rows:N0} rows lie more than a year after all others, ")
                        +
                    $"which end on {Iso(BehaviorLog.Date(day))}. The scope year ends with the latest row and would "
                    + "hold none of them. Correct the time, or set "
                        +
                    $"behavior.latest_time to {Iso(BehaviorLog.Date(day))}T23:59:59 in the mapping, "
                    + "which rejects later rows.");
            }

            (later, next) = (later + rowsOfDay[day], day);
            if (later * FewShare > Math.Max(rows, FewShare))
            {
                return;
            }
        }
    }

    private static DateOnly? FirstPurchase(BehaviorLog log)
    {
        var first = int.MaxValue;
        for (long i = 0; i < log.Count; i++)
        {
            if (log[i] is { Type: BehaviorType.Purchase, Count: > 0 } purchase)
            {
                first = Math.Min(first, purchase.Day);
            }
        }

        return first == int.MaxValue ? null : BehaviorLog.Date(first);
    }

    /// <summary>
    /// Finds the day after which at most one row in a thousand (or one row) lies, if it is far from the latest; or one
    /// in twenty, if no row lies for long after that day, more than twice as long as anywhere before.
    /// </summary>
    private static (int Day, long Later)? FindFarLatest(long[] rowsOfDay, long rows, int lastDay)
    {
        long later = 0;
        var (end, next) = ((Day: -1, Later: 0L), lastDay);
        for (var day = lastDay; day >= 0 && later * FewShare <= Math.Max(FewShare, rows); day--)
        {
            if (rowsOfDay[day] == 0)
            {
                continue;
            }

            if ((lastDay - day > FarDays && later <= Math.Max(1, rows / 1000))
                || (next - day > FarDays && next - day > 2 * LongestGap(rowsOfDay, day)))
            {
                end = (day, later);
            }

            (later, next) = (later + rowsOfDay[day], day);
        }

        return end.Day < 0 ? null : end;
    }

    private static int LongestGap(long[] rowsOfDay, int end)
    {
        var (longest, next) = (0, end);
        for (var day = end - 1; day >= 0; day--)
        {
            if (rowsOfDay[day] > 0)
            {
                (longest, next) = (Math.Max(longest, next - day), day);
            }
        }

        return longest;
    }

    /// <summary>
    /// Finds the latest rows behind which no row follows for more than a year, though later ones do; and how many lie
    /// until there.
    /// </summary>
    private static (int Day, long Rows)? FindFarEarlier(long[] rowsOfDay, int lastDay)
    {
        var next = lastDay;
        for (var day = lastDay; day >= 0; day--)
        {
            if (rowsOfDay[day] == 0)
            {
                continue;
            }

            if (next - day > ScopeDays)
            {
                return (day, rowsOfDay.AsSpan(0, day + 1).ToArray().Sum());
            }

            next = day;
        }

        return null;
    }

    private static string Iso(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}

using System.Globalization;

namespace Engine.Datasets.Mapping;

/// <summary>
/// Reads times as they are written, without converting between zones: a dataset has one zone, and the wall clock of
/// times with an offset is kept. Neither the machine's zone nor its culture matters.
/// </summary>
public abstract class TimeParser
{
    /// <summary>
    /// The format that takes dates whose order is evident, with or without a time of day: ISO 8601, other dates that
    /// begin with a year of four digits (<c>2025/6/30 9:05</c>, <c>20250630</c>), and dates that name their month
    /// (<c>30 Jun 2025</c>).
    /// </summary>
    public const string Auto = "auto";

    /// <summary>Day, month, year: <c>30/6/2025 9:05</c>, <c>30.06.25</c>; and what <see cref="Auto"/> takes.</summary>
    public const string DayFirst = "day_first";

    /// <summary>Month, day, year: <c>6/30/2025 9:05 AM</c>; and what <see cref="Auto"/> takes.</summary>
    public const string MonthFirst = "month_first";

    /// <summary>Year of two digits, month, day: <c>25/6/30</c>; and what <see cref="Auto"/> takes.</summary>
    public const string YearFirst = "year_first";

    /// <summary>Whole or fractional seconds since 1970-01-01.</summary>
    public const string UnixSeconds = "unix_seconds";

    /// <summary>Milliseconds since 1970-01-01.</summary>
    public const string UnixMilliseconds = "unix_milliseconds";

    /// <summary>Microseconds since 1970-01-01.</summary>
    public const string UnixMicroseconds = "unix_microseconds";

    /// <summary>Nanoseconds since 1970-01-01.</summary>
    public const string UnixNanoseconds = "unix_nanoseconds";

    /// <summary>
    /// Days since 1899-12-30, the fraction being the time of day: dates that a spreadsheet wrote as numbers.
    /// </summary>
    public const string ExcelSerial = "excel_serial";

    private const int NoOffset = int.MinValue;

    private readonly SortedDictionary<int, long> _offsets = [];
    private int _lastOffset = NoOffset;
    private long _lastCount;

    /// <summary>
    /// The different offsets and zones that were written behind the times that were read, and behind how many times; of
    /// formats that know none there are none.
    /// </summary>
    public IReadOnlyList<(string Offset, long Count)> Offsets
    {
        get
        {
            TakeLast();
            return [
                .. _offsets.Select(
                    pair => (ClockTimes.NameOf(pair.Key == NoOffset ? null : pair.Key), pair.Value)),
            ];
        }
    }

    /// <summary>The parser of a format. Errors: <see cref="InputException"/> for one that is not a format.</summary>
    public static TimeParser For(string format)
    {
        switch (format)
        {
            case Auto:
                return new Iso();
            case DayFirst:
                return new Calendar(DateOrder.DayFirst);
            case MonthFirst:
                return new Calendar(DateOrder.MonthFirst);
            case YearFirst:
                return new Calendar(DateOrder.YearFirst);
            case UnixSeconds:
                return new Unix(TimeSpan.TicksPerSecond);
            case UnixMilliseconds:
                return new Unix(TimeSpan.TicksPerMillisecond);
            case UnixMicroseconds:
                return new Unix(TimeSpan.TicksPerMicrosecond);
            case UnixNanoseconds:
                return new Unix(1m / TimeSpan.NanosecondsPerTick);
            case ExcelSerial:
                return new Excel();
        }

        try
        {
            _ = DateTime.UnixEpoch.ToString(format, CultureInfo.InvariantCulture);
            if (format.Contains("yy", StringComparison.Ordinal))
            {
                return format.Contains('M') ? new Custom(format) : throw new InputException(
                    $"found no month in the time format '{format}'; expected M, MM or MMM: mm are minutes, and all "
                    + "times would lie in January. Write the month with capitals, such as 'dd/MM/yyyy HH:mm'.");
            }
        }
        catch (FormatException)
        {
        }

        throw new InputException(
            $"'{format}' is no time format: {Auto}, {DayFirst}, {MonthFirst}, {YearFirst}, "
            + $"{UnixSeconds}, {UnixMilliseconds}, " +
            $"{UnixMicroseconds}, {UnixNanoseconds}, {ExcelSerial} or a .NET format such as "
            + "'dd/MM/yyyy HH:mm' was expected.");
    }

    /// <summary>Reads one time; false when the text is not one.</summary>
    public abstract bool TryParse(ReadOnlySpan<char> text, out DateTime time);

    /// <summary>Notes the offset of a time that was read.</summary>
    private void See(int offset)
    {
        if (offset != _lastOffset)
        {
            TakeLast();
            _lastOffset = offset;
        }

        _lastCount++;
    }

    private void TakeLast()
    {
        if (_lastCount > 0)
        {
            _offsets[_lastOffset] = _offsets.GetValueOrDefault(_lastOffset) + _lastCount;
            _lastCount = 0;
        }
    }

    private bool TryCalendar(ReadOnlySpan<char> text, DateOrder order, out DateTime time)
    {
        var read = CalendarTimes.TryParse(text, order, out time, out var offset);
        if (read)
        {
            See(offset ?? NoOffset);
        }

        return read;
    }

    private sealed class Calendar(DateOrder order) : TimeParser
    {
        public override bool TryParse(ReadOnlySpan<char> text, out DateTime time) => TryCalendar(text, order, out time);
    }

    private sealed class Iso : TimeParser
    {
        private static readonly string[] Compact = ["yyyyMMddHH", "yyyyMMddHHmm", "yyyyMMddHHmmss"];

        public override bool TryParse(ReadOnlySpan<char> text, out DateTime time)
        {
            if (text.Length >= 10 && text[4] == '-' && text[7] == '-' && TryParseIso(text, out time))
            {
                return true;
            }

            if (text.Length is not (10 or 12 or 14) || text.IndexOfAnyExceptInRange('0', '9') >= 0)
            {
                return TryCalendar(text, DateOrder.Plain, out time);
            }

            var read = DateTime.TryParseExact(
                text, Compact, CultureInfo.InvariantCulture, DateTimeStyles.None, out time);
            if (read)
            {
                See(NoOffset);
            }

            return read;
        }

        /// <summary>yyyy-MM-dd[(T| )HH:mm[:ss[.f to .fffffff]]][Z]</summary>
        private bool TryParseIso(ReadOnlySpan<char> text, out DateTime time)
        {
            time = default;
            if (!Digits(text[..4], out var year) || !Digits(text.Slice(5, 2), out var month)
                || !Digits(text.Slice(8, 2), out var day) || year < 1 || month is < 1 or > 12 || day < 1
                || day > DateTime.DaysInMonth(year, month))
            {
                return false;
            }

            var ticks = new DateTime(year, month, day).Ticks;
            var rest = text[10..];
            rest = rest.Length > 0 && rest[^1] == 'Z' ? rest[..^1] : rest;
            if (rest.Length > 0)
            {
                if (rest.Length < 6 || rest[0] is not ('T' or ' ') || rest[3] != ':'
                    || !Digits(rest.Slice(1, 2), out var hour) || !Digits(rest.Slice(4, 2), out var minute)
                    || hour > 23 || minute > 59 || !TryParseSeconds(rest[6..], out var fine))
                {
                    return false;
                }

                ticks += (hour * TimeSpan.TicksPerHour) + (minute * TimeSpan.TicksPerMinute) + fine;
            }

            See(text[^1] == 'Z' ? 0 : NoOffset);
            time = new DateTime(ticks);
            return true;
        }

        private static bool TryParseSeconds(ReadOnlySpan<char> text, out long ticks)
        {
            ticks = 0;
            if (text.IsEmpty)
            {
                return true;
            }

            if (text.Length < 3 || text[0] != ':' || !Digits(text.Slice(1, 2), out var second) || second > 59)
            {
                return false;
            }

            ticks = second * TimeSpan.TicksPerSecond;
            var fraction = text[3..];
            if (fraction.IsEmpty)
            {
                return true;
            }

            if (fraction[0] != '.' || fraction.Length is < 2 or > 10 || !Digits(fraction[1..], out var value))
            {
                return false;
            }

            var digits = fraction.Length - 1;
            ticks += (long)(value * Math.Pow(10, 7 - digits));
            return true;
        }

        private static bool Digits(ReadOnlySpan<char> text, out int value)
        {
            value = 0;
            foreach (var c in text)
            {
                if (!char.IsAsciiDigit(c))
                {
                    return false;
                }

                value = (value * 10) + (c - '0');
            }

            return true;
        }
    }

    private sealed class Unix(decimal ticksPerUnit) : TimeParser
    {
        private readonly decimal _most = Math.Floor((DateTime.MaxValue - DateTime.UnixEpoch).Ticks / ticksPerUnit);

        public override bool TryParse(ReadOnlySpan<char> text, out DateTime time)
        {
            time = default;
            if (!decimal.TryParse(
                text,
                NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent,
                CultureInfo.InvariantCulture,
                out var units)
                || units > _most)
            {
                return false;
            }

            time = new DateTime(DateTime.UnixEpoch.Ticks + (long)(units * ticksPerUnit));
            return true;
        }
    }

    private sealed class Excel : TimeParser
    {
        private static readonly DateTime Start = new(1899, 12, 30);

        public override bool TryParse(ReadOnlySpan<char> text, out DateTime time)
        {
            time = default;
            if (!decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var days)
                || days is < 61 or > 2_958_465)
            {
                return false; // before 1900-03-01 the numbers of spreadsheets are off by a day
            }

            // A time of day is a fraction that has no end: to the second it is what was typed.
            time = Start.AddSeconds((double)Math.Round(days * 86_400));
            return true;
        }
    }

    private sealed class Custom(string format) : TimeParser
    {
        // A time with an offset would be converted into the machine's zone if it were not read with its offset.
        private readonly bool _zoned = format.Contains('z', StringComparison.Ordinal)
            || format.Contains('K', StringComparison.Ordinal);

        public override bool TryParse(ReadOnlySpan<char> text, out DateTime time)
        {
            if (!_zoned)
            {
                return DateTime.TryParseExact(
                    text, format, CultureInfo.InvariantCulture, DateTimeStyles.None, out time);
            }

            var read = DateTimeOffset.TryParseExact(
                text, format, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var zoned);
            time = zoned.DateTime;
            if (read)
            {
                See((int)zoned.Offset.TotalMinutes);
            }

            return read;
        }
    }
}

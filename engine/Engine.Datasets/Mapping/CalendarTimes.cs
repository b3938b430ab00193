using System.Buffers;

namespace Engine.Datasets.Mapping;

/// <summary>In which order a date names its numbers when the year is not written with four digits in front.</summary>
internal enum DateOrder
{
    /// <summary>Only dates that begin with a year of four digits, or name their month, are read.</summary>
    Plain,

    /// <summary>Day, month, year.</summary>
    DayFirst,

    /// <summary>Month, day, year.</summary>
    MonthFirst,

    /// <summary>Year (of two digits), month, day.</summary>
    YearFirst,
}

/// <summary>
/// Reads dates and times as spreadsheets, databases and people write them: <c>2025/6/30 9:05</c>, <c>30.06.25</c>,
/// <c>Jun 30, 2025 9:05 AM</c>, <c>2025年6月30日 下午3:05</c>, with or without an offset or the name of a zone behind them.
/// The wall clock is kept: no zone is converted. Two-digit years are 1970 to 2069.
/// </summary>
internal static class CalendarTimes
{
    private static readonly SearchValues<char> DateSeparators = SearchValues.Create("-/. ,年月");
    private static readonly string[] Months =
        ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
    private static readonly string[] Weekdays = ["MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN"];

    /// <summary>Reads one time; false when the text is not one.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, DateOrder order, out DateTime time, out int? offset)
    {
        offset = null;
        var rest = text;
        if (!TryDate(ref rest, order, out time))
        {
            return false;
        }

        if (rest.IsEmpty)
        {
            return true;
        }

        if (!TrySkipToClock(ref rest) || !ClockTimes.TryParse(rest, out var ticks, out offset))
        {
            return false;
        }

        time = time.AddTicks(ticks);
        return true;
    }

    private static bool TrySkipToClock(ref ReadOnlySpan<char> rest)
    {
        var trimmed = rest.TrimStart(" ,");
        var skipped = rest.Length - trimmed.Length;
        trimmed = skipped == 0 && trimmed[0] is 'T' or 't' or ':' ? trimmed[1..] : trimmed;
        // 2025年6月30日9:05 needs nothing in between; a digit cannot follow a digit here.
        rest = trimmed;
        return !trimmed.IsEmpty;
    }

    private static bool TryDate(ref ReadOnlySpan<char> rest, DateOrder order, out DateTime date)
    {
        date = default;
        SkipWeekday(ref rest);
        if (!TryField(ref rest, out var a) || (a.Digits == 8 ? TryCompact(a.Value, out date) : false))
        {
            return date != default;
        }

        if (!TrySeparator(ref rest) || !TryField(ref rest, out var b) || !TrySeparator(ref rest)
            || !TryField(ref rest, out var c))
        {
            return false;
        }

        if (rest is ['日' or '号', ..])
        {
            rest = rest[1..];
        }

        var (year, month, day) = a.IsName ? (c, a, b)
            : a.Digits == 4 || (order == DateOrder.YearFirst && !b.IsName) ? (a, b, c)
            : b.IsName || order == DateOrder.DayFirst ? (c, b, a)
            : order == DateOrder.MonthFirst ? (c, a, b)
            : default;
        return TryMake(year, month, day, out date);
    }

    private static bool TryCompact(int value, out DateTime date) =>
        TryMake(
            new Field(value / 10_000, 4, false),
            new Field(value / 100 % 100, 2, false),
            new Field(value % 100, 2, false),
            out date);

    private static bool TryMake(Field year, Field month, Field day, out DateTime date)
    {
        date = default;
        var fullYear = year.Digits == 2 ? year.Value + (year.Value < 70 ? 2000 : 1900) : year.Value;
        if (year.Digits is not (2 or 4) || year.IsName || day.IsName || day.Digits > 2 || month.Digits > 2
            || fullYear < 1 || month.Value is < 1 or > 12 || day.Value < 1
                || day.Value > DateTime.DaysInMonth(fullYear, month.Value))
        {
            return false;
        }

        date = new DateTime(fullYear, month.Value, day.Value);
        return true;
    }

    private static void SkipWeekday(ref ReadOnlySpan<char> rest)
    {
        if (Letters(rest) is var letters && Name(rest[..letters], Weekdays) > 0)
        {
            rest = rest[letters..].TrimStart(" ,.");
        }
    }

    private static bool TrySeparator(ref ReadOnlySpan<char> rest)
    {
        var length = rest.IndexOfAnyExcept(DateSeparators);
        if (length is < 1 or > 2)
        {
            return false;
        }

        rest = rest[length..];
        return true;
    }

    private static bool TryField(ref ReadOnlySpan<char> rest, out Field field)
    {
        var digits = 0;
        var value = 0;
        while (digits < rest.Length && digits < 9 && char.IsAsciiDigit(rest[digits]))
        {
            value = (value * 10) + (rest[digits++] - '0');
        }

        if (digits > 0)
        {
            rest = rest[digits..];
            field = new Field(value, digits, false);
            return digits is 1 or 2 or 4 or 8;
        }

        var letters = Letters(rest);
        var month = Name(rest[..letters], Months);
        field = new Field(month, 2, true);
        rest = rest[letters..];
        return month > 0;
    }

    private static int Letters(ReadOnlySpan<char> text)
    {
        var letters = 0;
        while (letters < text.Length && char.IsAsciiLetter(text[letters]))
        {
            letters++;
        }

        return letters;
    }

    /// <summary>The number of a name of three letters or more, counted from 1; 0 when it is none.</summary>
    private static int Name(ReadOnlySpan<char> text, string[] names)
    {
        for (var i = 0; text.Length >= 3 && i < names.Length; i++)
        {
            if (text.StartsWith(names[i], StringComparison.OrdinalIgnoreCase))
            {
                return i + 1;
            }
        }

        return 0;
    }

    private readonly record struct Field(int Value, int Digits, bool IsName);
}

using System.Globalization;

namespace Engine.Datasets.Mapping;

/// <summary>
/// Reads the time of day behind a date: <c>9</c>, <c>9:05</c>, <c>09:05:30.25</c>, <c>0905</c> behind compact dates,
/// with AM or PM, and an offset or the name of a zone.
/// </summary>
internal static class ClockTimes
{
    private static readonly string[] Mornings = ["AM", "A.M.", "上午", "凌晨", "早上"];
    private static readonly string[] Afternoons = ["PM", "P.M.", "下午", "中午", "晚上"];

    private static readonly string[] Zones =
        [
            "UTC", "GMT", "Z", "CST", "CET", "CEST", "EET", "EEST", "WET", "WEST", "EST", "EDT", "CDT", "MST", "MDT",
            "PST", "PDT", "JST", "KST", "HKT", "SGT", "BST", "IST", "MSK",
        ];

    private const int FirstName = 10_000; // above all minutes

    /// <summary>
    /// Reads all of the text as a time of day. The offset is in minutes, or stands for the name of a zone that may have
    /// several (<see cref="NameOf"/>); null when there is neither.
    /// </summary>
    public static bool TryParse(ReadOnlySpan<char> text, out long ticks, out int? offset)
    {
        (ticks, offset) = (0, null);
        var half = TakeHalf(ref text);
        if (!TryTime(ref text, out var hour, out ticks))
        {
            return false;
        }

        text = text.TrimStart(' ');
        half ??= TakeHalf(ref text);
        if (half is not null && hour is < 1 or > 12)
        {
            return half == 12 && hour is > 12 and <= 23 && Finish(hour, ref ticks, text, out offset);
        }

        return Finish(half is { } add ? (hour % 12) + add : hour, ref ticks, text, out offset);
    }

    /// <summary>An offset as people write it: <c>+08:00</c>, the name of a zone, or none.</summary>
    public static string NameOf(int? offset) => offset switch
    {
        null => "none",
        >= FirstName and var name => Zones[name - FirstName],
        var minutes => string.Create(
            CultureInfo.InvariantCulture,
            $"{(minutes < 0 ? '-' : '+')}{Math.Abs(minutes.Value) / 60:00}:{Math.Abs(minutes.Value) % 60:00}"),
    };

    private static bool Finish(int hour, ref long ticks, ReadOnlySpan<char> rest, out int? offset)
    {
        ticks += hour * TimeSpan.TicksPerHour;
        return TryZone(rest.TrimStart(' '), out offset) && hour <= 23;
    }

    /// <summary>Hours to add for AM (0) or PM (12), or null.</summary>
    private static int? TakeHalf(ref ReadOnlySpan<char> text) =>
        TakeAny(ref text, Mornings) ? 0 : TakeAny(ref text, Afternoons) ? 12 : null;

    private static bool TakeAny(ref ReadOnlySpan<char> text, string[] words)
    {
        foreach (var word in words)
        {
            if (text.StartsWith(word, StringComparison.OrdinalIgnoreCase))
            {
                text = text[word.Length..].TrimStart(' ');
                return true;
            }
        }

        return false;
    }

    private static bool TryTime(ref ReadOnlySpan<char> text, out int hour, out long ticks)
    {
        ticks = 0;
        if (TryCompact(ref text, out hour, ref ticks))
        {
            return true;
        }

        if (!TryNumber(ref text, out hour))
        {
            return false;
        }

        if (!TakeOne(ref text, "时点時") && !TakeOne(ref text, ":"))
        {
            return true;
        }

        if (text.IsEmpty || !TryNumber(ref text, out var minute))
        {
            return false; // 9时 alone is written as 9时00分
        }

        ticks = minute * TimeSpan.TicksPerMinute;
        if (minute > 59)
        {
            return false;
        }

        if (!TakeOne(ref text, ":") && (!TakeOne(ref text, "分") || text.IsEmpty || !char.IsAsciiDigit(text[0])))
        {
            return true;
        }

        if (!TryNumber(ref text, out var second) || second > 59)
        {
            return false;
        }

        ticks += second * TimeSpan.TicksPerSecond;
        if (!TryFraction(ref text, ref ticks))
        {
            return false;
        }

        TakeOne(ref text, "秒");
        return true;
    }

    /// <summary>0905 and 090530.</summary>
    private static bool TryCompact(ref ReadOnlySpan<char> text, out int hour, ref long ticks)
    {
        hour = 0;
        var digits = text.IndexOfAnyExceptInRange('0', '9') is var end and >= 0 ? end : text.Length;
        if (digits is not (4 or 6))
        {
            return false;
        }

        var value =
            int.Parse(text[..digits], NumberStyles.None, CultureInfo.InvariantCulture) * (digits == 4 ? 100 : 1);
        hour = value / 10_000;
        var (minute, second) = (value / 100 % 100, value % 100);
        ticks = (minute * TimeSpan.TicksPerMinute) + (second * TimeSpan.TicksPerSecond);
        text = text[digits..];
        return minute <= 59 && second <= 59;
    }

    private static bool TryFraction(ref ReadOnlySpan<char> text, ref long ticks)
    {
        if (!TakeOne(ref text, ".,"))
        {
            return true;
        }

        var (unit, digits) = (TimeSpan.TicksPerSecond, 0);
        for (; digits < text.Length && char.IsAsciiDigit(text[digits]); digits++)
        {
            unit /= 10;
            ticks += unit * (text[digits] - '0');
        }

        text = text[digits..];
        return digits is >= 1 and <= 9;
    }

    private static bool TryNumber(ref ReadOnlySpan<char> text, out int value)
    {
        value = 0;
        var digits = 0;
        for (; digits < text.Length && digits < 2 && char.IsAsciiDigit(text[digits]); digits++)
        {
            value = (value * 10) + (text[digits] - '0');
        }

        text = text[digits..];
        return digits > 0 && (text.IsEmpty || !char.IsAsciiDigit(text[0]));
    }

    private static bool TakeOne(ref ReadOnlySpan<char> text, string any)
    {
        var taken = !text.IsEmpty && any.Contains(text[0], StringComparison.Ordinal);
        text = taken ? text[1..] : text;
        return taken;
    }

    /// <summary>Nothing, a name, an offset, or a name with an offset: UTC, +08:00, +0800, +00, GMT+8.</summary>
    private static bool TryZone(ReadOnlySpan<char> text, out int? offset)
    {
        offset = null;
        if (text.IsEmpty)
        {
            return true;
        }

        var letters = 0;
        while (letters < text.Length && char.IsAsciiLetter(text[letters]))
        {
            letters++;
        }

        if (letters > 0)
        {
            var name = text[..letters];
            var known = -1;
            for (var i = 0; i < Zones.Length && known < 0; i++)
            {
                known = name.Equals(Zones[i], StringComparison.OrdinalIgnoreCase) ? i : -1;
            }

            offset = known is >= 0 and <= 2 ? 0 : known < 0 ? null : FirstName + known;
            text = text[letters..];
            return known >= 0 && (text.IsEmpty || (known <= 1 && TryOffset(text, out offset)));
        }

        return TryOffset(text, out offset);
    }

    private static bool TryOffset(ReadOnlySpan<char> text, out int? offset)
    {
        offset = null;
        if (text[0] is not ('+' or '-'))
        {
            return false;
        }

        var sign = text[0] == '-' ? -1 : 1;
        var digits = text[1..];
        var hours = digits.Length is 1 or 2 ? digits : digits[..Math.Min(2, digits.Length)];
        var minutes = digits.Length is 1 or 2
            ? "0"
            : digits.Length == 4 ? digits[2..] : digits is [_, _, ':', _, _] ? digits[3..] : "";
        if (!int.TryParse(hours, NumberStyles.None, CultureInfo.InvariantCulture, out var h)
            || !int.TryParse(minutes, NumberStyles.None, CultureInfo.InvariantCulture, out var m) || h > 18 || m > 59)
        {
            return false;
        }

        offset = sign * ((h * 60) + m);
        return true;
    }
}

using System.Globalization;
using Engine;

namespace Trainer.Data.Mapping;

/// <summary>Reads times as they are written, without converting between zones: a dataset has one zone.</summary>
public abstract class TimeParser
{
    /// <summary>The format that takes ISO 8601 (<c>2021-08-01</c>, with <c>T</c> or a space before the time) and <c>20210801</c>.</summary>
    public const string Auto = "auto";

    /// <summary>Whole or fractional seconds since 1970-01-01.</summary>
    public const string UnixSeconds = "unix_seconds";

    /// <summary>Milliseconds since 1970-01-01.</summary>
    public const string UnixMilliseconds = "unix_milliseconds";

    /// <summary>The parser of a format. Errors: <see cref="InputException"/> for one that is not a format.</summary>
    public static TimeParser For(string format)
    {
        switch (format)
        {
            case Auto:
                return new Iso();
            case UnixSeconds:
                return new Unix(TimeSpan.TicksPerSecond);
            case UnixMilliseconds:
                return new Unix(TimeSpan.TicksPerMillisecond);
        }

        try
        {
            _ = DateTime.UnixEpoch.ToString(format, CultureInfo.InvariantCulture);
            if (format.Contains("yy", StringComparison.Ordinal))
            {
                return new Custom(format);
            }
        }
        catch (FormatException)
        {
        }

        throw new InputException(
            $"'{format}' is no time format: {Auto}, {UnixSeconds}, {UnixMilliseconds} or a .NET format such as " +
            "'dd/MM/yyyy HH:mm' was expected.");
    }

    /// <summary>Reads one time; false when the text is not one.</summary>
    public abstract bool TryParse(ReadOnlySpan<char> text, out DateTime time);

    private sealed class Iso : TimeParser
    {
        private static readonly string[] Others =
        [
            "yyyyMMdd", "yyyyMMddHHmmss", "yyyy/M/d", "yyyy/M/d H:mm", "yyyy/M/d H:mm:ss", "yyyyMMdd HH:mm:ss",
        ];

        public override bool TryParse(ReadOnlySpan<char> text, out DateTime time)
        {
            if (text.Length >= 10 && text[4] == '-' && text[7] == '-')
            {
                return TryParseIso(text, out time);
            }

            return DateTime.TryParseExact(text, Others, CultureInfo.InvariantCulture, DateTimeStyles.None, out time);
        }

        /// <summary>yyyy-MM-dd[(T| )HH:mm[:ss[.f to .fffffff]]][Z]</summary>
        private static bool TryParseIso(ReadOnlySpan<char> text, out DateTime time)
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

    private sealed class Unix(long ticksPerUnit) : TimeParser
    {
        public override bool TryParse(ReadOnlySpan<char> text, out DateTime time)
        {
            time = default;
            if (!decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var units)
                || units > (DateTime.MaxValue - DateTime.UnixEpoch).Ticks / ticksPerUnit)
            {
                return false;
            }

            time = new DateTime(DateTime.UnixEpoch.Ticks + (long)(units * ticksPerUnit));
            return true;
        }
    }

    private sealed class Custom(string format) : TimeParser
    {
        public override bool TryParse(ReadOnlySpan<char> text, out DateTime time) =>
            DateTime.TryParseExact(text, format, CultureInfo.InvariantCulture, DateTimeStyles.None, out time);
    }
}

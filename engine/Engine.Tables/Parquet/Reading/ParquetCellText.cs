using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using ParquetSharp;

namespace Engine.Tables.Parquet.Reading;

/// <summary>Values of Parquet as text, in the forms that CSV and databases give them.</summary>
internal static class ParquetCellText
{
    private const long NanosecondsPerDay = 86_400_000_000_000;
    private const double LeastWithExponent = 1e19; // above all 64-bit whole numbers
    private const long JulianDayOfUnixEpoch = 2_440_588;

    public static int Number<T>(T value, Span<char> text)
        where T : ISpanFormattable
    {
        value.TryFormat(text, out var length, default, CultureInfo.InvariantCulture);
        return length;
    }

    /// <summary>
    /// A floating-point number; a whole one with all its digits, as a column of whole numbers gives it: ids become
    /// floating-point where a data frame had an empty cell.
    /// </summary>
    public static int Real<T>(T value, Span<char> text)
        where T : IFloatingPointIeee754<T>
    {
        var whole = T.IsInteger(value) && double.CreateTruncating(T.Abs(value)) < LeastWithExponent;
        value.TryFormat(text, out var length, whole ? "F0" : default, CultureInfo.InvariantCulture);
        return length;
    }

    public static int Flag(bool value, Span<char> text) => Put(value ? "true" : "false", text);

    public static int Date(int days, Span<char> text)
    {
        var day = DateOnly.FromDateTime(DateTime.UnixEpoch).DayNumber + (long)days;
        if (day < 0 || day > DateOnly.MaxValue.DayNumber)
        {
            return Put(string.Create(CultureInfo.InvariantCulture, $"{days} days since 1970"), text);
        }

        DateOnly.FromDayNumber((int)day).TryFormat(text, out var length, "yyyy-MM-dd", CultureInfo.InvariantCulture);
        return length;
    }

    /// <summary>
    /// A date and time; one that .NET cannot hold becomes a text that no reader of times accepts, so its row is
    /// rejected.
    /// </summary>
    public static int Time(long value, TimeUnit unit, Span<char> text)
    {
        var ticks = Ticks(value, unit) + DateTime.UnixEpoch.Ticks;
        return ticks < 0 || ticks > DateTime.MaxValue.Ticks
            ? Put(string.Create(CultureInfo.InvariantCulture, $"{value} {Name(unit)} since 1970"), text)
            : Time((long)ticks, text);
    }

    /// <summary>The old form of a date and time: nanoseconds of the day, then the Julian day.</summary>
    public static int Time(Int96 value, Span<char> text)
    {
        var nanoseconds = ((long)value.B << 32) | (uint)value.A;
        var ticks = (((uint)value.C - JulianDayOfUnixEpoch) * (Int128)TimeSpan.TicksPerDay) + (nanoseconds / 100)
            + DateTime.UnixEpoch.Ticks;
        return nanoseconds is < 0 or >= NanosecondsPerDay || ticks < 0 || ticks > DateTime.MaxValue.Ticks
            ? Put(string.Create(
                CultureInfo.InvariantCulture,
                $"Julian day {(uint)value.C} and {nanoseconds} nanoseconds"), text)
            : Time((long)ticks, text);
    }

    public static int TimeOfDay(long value, TimeUnit unit, Span<char> text)
    {
        var ticks = Ticks(value, unit);
        if (ticks < 0 || ticks > TimeSpan.TicksPerDay)
        {
            return Put(string.Create(CultureInfo.InvariantCulture, $"{value} {Name(unit)} of a day"), text);
        }

        return Clock((long)ticks, text);
    }

    /// <summary>A whole number with a decimal point put before its last digits; every digit is kept.</summary>
    public static int Decimal(long value, int scale, Span<char> text)
    {
        Span<char> digits = stackalloc char[20];
        value.TryFormat(digits, out var length, default, CultureInfo.InvariantCulture);
        return Decimal(digits[..length], scale, text);
    }

    /// <summary>The same from the bytes of a big-endian number in two's complement.</summary>
    public static int Decimal(ReadOnlySpan<byte> value, int scale, Span<char> text)
    {
        if (value.Length <= 8)
        {
            Span<byte> wide = stackalloc byte[8];
            wide.Fill(value.Length > 0 && value[0] >= 0x80 ? (byte)0xFF : (byte)0);
            value.CopyTo(wide[(8 - value.Length)..]);
            return Decimal(BinaryPrimitives.ReadInt64BigEndian(wide), scale, text);
        }

        return Decimal(new BigInteger(value, isBigEndian: true).ToString(CultureInfo.InvariantCulture), scale, text);
    }

    public static int Guid(ReadOnlySpan<byte> value, Span<char> text)
    {
        new Guid(value, bigEndian: true).TryFormat(text, out var length);
        return length;
    }

    /// <summary>Characters that <see cref="Decimal(ReadOnlySpan{byte}, int, Span{char})"/> needs at most.</summary>
    public static int DecimalLength(int bytes, int scale) => Math.Max((bytes * 5 / 2) + 2, scale + 1) + 3;

    private static int Decimal(ReadOnlySpan<char> digits, int scale, Span<char> text)
    {
        var length = 0;
        if (digits[0] == '-')
        {
            text[length++] = '-';
            digits = digits[1..];
        }

        var whole = digits.Length - scale;
        if (whole <= 0)
        {
            text[length++] = '0';
        }
        else
        {
            digits[..whole].CopyTo(text[length..]);
            length += whole;
        }

        if (scale == 0)
        {
            return length;
        }

        text[length++] = '.';
        for (; whole < 0; whole++)
        {
            text[length++] = '0';
        }

        digits = digits[Math.Max(0, digits.Length - scale)..];
        digits.CopyTo(text[length..]);
        return length + digits.Length;
    }

    /// <summary>
    /// Digit by digit: a column of times is as long as the table, and formatting by pattern took a third of its
    /// reading.
    /// </summary>
    private static int Time(long ticks, Span<char> text)
    {
        var time = new DateTime(ticks);
        var (year, month, day) = time;
        TwoDigits(year / 100, text);
        TwoDigits(year % 100, text[2..]);
        text[4] = '-';
        TwoDigits(month, text[5..]);
        text[7] = '-';
        TwoDigits(day, text[8..]);
        text[10] = 'T';
        return 11 + Clock(ticks % TimeSpan.TicksPerDay, text[11..]);
    }

    private static int Clock(long ticks, Span<char> text)
    {
        var (seconds, rest) = Math.DivRem(ticks, TimeSpan.TicksPerSecond);
        TwoDigits((int)seconds / 3600, text);
        text[2] = ':';
        TwoDigits((int)seconds / 60 % 60, text[3..]);
        text[5] = ':';
        TwoDigits((int)seconds % 60, text[6..]);
        if (rest == 0)
        {
            return 8;
        }

        text[8] = '.';
        rest.TryFormat(text[9..], out var digits, "D7", CultureInfo.InvariantCulture);
        return 9 + digits;
    }

    private static void TwoDigits(int value, Span<char> text)
    {
        text[1] = (char)('0' + (value % 10));
        text[0] = (char)('0' + (value / 10));
    }

    /// <summary>Units of 100 ns, rounded down: 128 bits, for what is out of range is to be seen as such.</summary>
    private static Int128 Ticks(long value, TimeUnit unit) => unit switch
    {
        TimeUnit.Millis => (Int128)value * TimeSpan.TicksPerMillisecond,
        TimeUnit.Micros => (Int128)value * TimeSpan.TicksPerMicrosecond,
        _ => (value / 100) - (value % 100 < 0 ? 1 : 0),
    };

    private static string Name(TimeUnit unit) => unit switch
    {
        TimeUnit.Millis => "milliseconds",
        TimeUnit.Micros => "microseconds",
        _ => "nanoseconds",
    };

    private static int Put(string value, Span<char> text)
    {
        value.CopyTo(text);
        return value.Length;
    }
}
